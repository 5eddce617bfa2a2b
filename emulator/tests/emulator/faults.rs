//! Every fault: what the client sees, and what has become of the job.

mod operations;

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Cloud, gpu_job, job, message};

/// How a create looks under a fault: the status, words of the message, and the jobs afterwards.
const ON_CREATE: &[(&str, u16, &str, usize)] = &[
    ("rate-limited", 429, "Quota exceeded for quota metric", 0),
    (
        "rate-limited-for-an-hour",
        429,
        "Quota exceeded for quota metric",
        0,
    ),
    ("create-500", 500, "Internal error", 0),
    ("create-accepted-500", 500, "Internal error", 1),
    ("token-expired", 401, "invalid authentication credential", 0),
    (
        "permission-denied",
        403,
        "Permission 'run.jobs.create' denied on resource 'projects/p/locations/us-central1'",
        0,
    ),
    (
        "permission-denied-on-write",
        403,
        "Permission 'run.jobs.create' denied",
        0,
    ),
    (
        "act-as-denied",
        403,
        "Permission 'iam.serviceaccounts.actAs' denied on service account",
        0,
    ),
    (
        "service-agent-denied",
        403,
        "Service Agent does not have permission",
        0,
    ),
    (
        "api-not-enabled",
        403,
        "has not been used in project p before or it is disabled",
        0,
    ),
    (
        "quota-exceeded",
        400,
        "You do not have quota for using GPUs without zonal redundancy",
        0,
    ),
    (
        "memory-quota-exceeded",
        400,
        "MemAllocPerProjectRegion requested: 85899345920 allowed: 42949672960",
        0,
    ),
    (
        "launch-stage-refused",
        400,
        "is not supported in the declared launch stage",
        0,
    ),
    ("already-exists", 409, "Resource 'a' already exists.", 1),
];

#[tokio::test]
async fn a_create_is_refused_in_so_many_ways() {
    for (fault, status, words, jobs) in ON_CREATE {
        let cloud = Cloud::start().await;
        cloud.arm(fault).await;
        let (seen, answer) = cloud.post("/jobs?jobId=a", gpu_job()).await;
        assert_eq!(
            (seen, &answer["error"]["code"]),
            (*status, &json!(status)),
            "{fault}"
        );
        assert!(message(&answer).contains(words), "{fault}: {answer}");
        assert_eq!(cloud.jobs().await, *jobs, "{fault}");
        let again = cloud.post("/jobs?jobId=a", gpu_job()).await.0;
        assert_eq!(again, if *jobs == 0 { 200 } else { 409 }, "{fault} is used up");
    }
}

/// How a create looks when the network, or something in it, is at fault: the status, if one arrives.
const ON_THE_WAY: &[(&str, Option<u16>, usize)] = &[
    ("connection-cut", None, 0),
    ("create-lost-answer", None, 1),
    ("truncated-body", None, 1),
    ("html-502", Some(502), 0),
    ("html-200", Some(200), 0),
    ("redirect", Some(302), 0),
];

#[tokio::test]
async fn a_create_is_lost_in_so_many_ways() {
    for (fault, status, jobs) in ON_THE_WAY {
        let cloud = Cloud::start().await;
        cloud.arm(fault).await;
        let path = "/v2/projects/p/locations/us-central1/jobs?jobId=a";
        let sent = cloud.request("POST", path).json(&job()).send().await;
        // A body that breaks off has a head.
        let (seen, text) = match sent {
            Ok(response) => (Some(response.status().as_u16()), response.text().await.ok()),
            Err(_) => (None, None),
        };
        match status {
            Some(status) => {
                assert_eq!(seen, Some(*status), "{fault}");
                assert!(text.unwrap().starts_with("<html>"), "{fault}");
            }
            None => assert_eq!(text, None, "{fault}"),
        }
        assert_eq!(cloud.jobs().await, *jobs, "{fault}");
        let (_, log) = cloud.control("GET", "requests", None).await;
        assert_eq!(log[0]["fault"], *fault);
    }
}

#[tokio::test]
async fn a_slow_answer_comes_all_the_same() {
    let cloud = Cloud::start().await;
    cloud.arm("slow-answer").await;
    let start = Instant::now();
    assert_eq!(cloud.get("/jobs").await.0, 200);
    assert!(start.elapsed() >= Duration::from_secs(3));
}

#[tokio::test]
async fn a_fault_may_wait_for_one_method_only() {
    let cloud = Cloud::start().await;
    let wish = json!({ "fault": "rate-limited", "method": "POST" });
    assert_eq!(cloud.control("POST", "faults", Some(wish)).await.0, 200);
    assert_eq!(cloud.get("/jobs").await.0, 200);
    assert_eq!(cloud.post("/jobs?jobId=a", job()).await.0, 429);
    assert_eq!(cloud.post("/jobs?jobId=a", job()).await.0, 200);
}

#[tokio::test]
async fn reads_are_unavailable_and_writes_are_not() {
    let cloud = Cloud::start().await;
    cloud.arm("unavailable").await;
    assert_eq!(cloud.post("/jobs?jobId=a", job()).await.0, 200);
    assert_eq!(cloud.get("/jobs/a").await.0, 503);
    assert_eq!(cloud.get("/jobs/a").await.0, 200);
}

#[tokio::test]
async fn somebody_else_changes_the_job() {
    for method in ["PATCH", "DELETE"] {
        let cloud = Cloud::start().await;
        let made = cloud.make("a").await;
        cloud.arm("etag-conflict").await;
        let etag = made["etag"].as_str().unwrap().replace('"', "%22");
        let mut body = job();
        body["etag"] = made["etag"].clone();
        let (status, answer) = match method {
            "PATCH" => cloud.patch("/jobs/a", body).await,
            _ => cloud.delete(&format!("/jobs/a?etag={etag}")).await,
        };
        assert_eq!(
            (status, answer["error"]["status"].as_str()),
            (409, Some("ABORTED"))
        );
        let (_, changed) = cloud.get("/jobs/a").await;
        assert_eq!(changed["labels"]["changed-by"], "somebody-else");
        assert_ne!(changed["etag"], made["etag"]);
        assert_eq!(
            (&changed["generation"], &changed["observedGeneration"]),
            (&json!("2"), &json!("2"))
        );
    }
}

#[tokio::test]
async fn nobody_changes_a_job_that_is_being_deleted() {
    let cloud = Cloud::start().await;
    cloud.make("a").await;
    let (_, deletion) = cloud.delete("/jobs/a").await;
    cloud.arm("etag-conflict").await;
    assert_eq!(cloud.delete("/jobs/a?etag=old").await.0, 409);
    cloud.settle(&deletion).await;
    assert_eq!((cloud.get("/jobs/a").await.0, cloud.jobs().await), (404, 0));
}

#[tokio::test]
async fn somebody_else_deletes_the_job() {
    let cloud = Cloud::start().await;
    cloud.make("a").await;
    cloud.arm("deleted-in-between").await;
    assert_eq!(cloud.get("/jobs/a").await.0, 200);
    assert_eq!(cloud.patch("/jobs/a", job()).await.0, 404);
    assert_eq!(cloud.get("/jobs/a").await.0, 404);
}

#[tokio::test]
async fn a_fault_waits_for_its_job_and_its_times() {
    let cloud = Cloud::start().await;
    let wish = json!({ "fault": "create-500", "times": 2, "jobs": "render-*" });
    cloud.control("POST", "faults", Some(wish)).await;
    for (id, status) in [
        ("other", 200),
        ("render-1", 500),
        ("render", 200),
        ("render-1", 500),
        ("render-1", 200),
    ] {
        assert_eq!(
            cloud.post(&format!("/jobs?jobId={id}"), job()).await.0,
            status,
            "{id}"
        );
    }
    cloud.arm("create-500").await;
    assert_eq!(
        cloud.control("GET", "faults", None).await.1["armed"][0]["fault"],
        "create-500"
    );
    cloud.control("DELETE", "faults", None).await;
    assert_eq!(cloud.post("/jobs?jobId=last", job()).await.0, 200);
}

#[tokio::test]
async fn who_may_not_list_may_still_read() {
    let cloud = Cloud::start().await;
    cloud.make("a").await;
    cloud.arm("permission-denied-on-list").await;
    assert_eq!(cloud.get("/jobs/a").await.0, 200);
    let (status, answer) = cloud.get("/jobs").await;
    assert_eq!(status, 403);
    assert!(message(&answer).contains("'run.jobs.list'"), "{answer}");
    assert_eq!(cloud.get("/jobs").await.0, 200);
}

#[tokio::test]
async fn details_tell_programs_what_the_message_tells_people() {
    for (fault, reason) in [
        ("rate-limited", "RATE_LIMIT_EXCEEDED"),
        ("token-expired", "ACCESS_TOKEN_EXPIRED"),
        ("permission-denied", "IAM_PERMISSION_DENIED"),
        ("api-not-enabled", "SERVICE_DISABLED"),
    ] {
        let cloud = Cloud::start().await;
        cloud.arm(fault).await;
        let (_, answer) = cloud.get("/jobs/a").await;
        let detail = &answer["error"]["details"][0];
        assert_eq!(
            detail["@type"], "type.googleapis.com/google.rpc.ErrorInfo",
            "{fault}"
        );
        assert_eq!(detail["reason"], reason);
    }
}

#[tokio::test]
async fn an_unknown_fault_is_told_with_those_that_there_are() {
    let cloud = Cloud::start().await;
    let (status, answer) = cloud
        .control("POST", "faults", Some(json!({ "fault": "earthquake" })))
        .await;
    assert_eq!(status, 400);
    assert!(message(&answer).contains("create-lost-answer"), "{answer}");
    for wrong in [
        json!({}),
        json!({ "fault": "html-502", "times": -1 }),
        json!({ "fault": "html-502", "jobs": 3 }),
    ] {
        assert_eq!(cloud.control("POST", "faults", Some(wrong)).await.0, 400);
    }
}
