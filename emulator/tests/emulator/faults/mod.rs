//! Every fault: the response, and the job afterward.

mod operations;
mod runs;

use std::time::{Duration, Instant};

use cloudrun_emulator::Config;
use serde_json::json;

use crate::harness::{Emulator, config, gpu_job, job, message};

/// Faults with the status and message of a create, and the number of jobs afterward.
const CREATE_ERRORS: &[(&str, u16, &str, usize)] = &[
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
async fn faults_reject_create() {
    for (fault, status, expected, jobs) in CREATE_ERRORS {
        let emulator = Emulator::start().await;
        emulator.arm(fault).await;
        let (actual, response) = emulator.post("/jobs?jobId=a", gpu_job()).await;
        assert_eq!(
            (actual, &response["error"]["code"]),
            (*status, &json!(status)),
            "{fault}"
        );
        assert!(message(&response).contains(expected), "{fault}: {response}");
        assert_eq!(emulator.job_count().await, *jobs, "{fault}");
        let again = emulator.post("/jobs?jobId=a", gpu_job()).await.0;
        assert_eq!(again, if *jobs == 0 { 200 } else { 409 }, "{fault} is used up");
    }
}

/// Network faults with the status of a create, if a response arrives, and the number of jobs afterward.
const NETWORK_ERRORS: &[(&str, Option<u16>, usize)] = &[
    ("connection-cut", None, 0),
    ("create-lost-answer", None, 1),
    ("truncated-body", None, 1),
    ("html-502", Some(502), 0),
    ("html-200", Some(200), 0),
    ("redirect", Some(302), 0),
];

#[tokio::test]
async fn network_faults_lose_create_response() {
    for (fault, status, jobs) in NETWORK_ERRORS {
        let emulator = Emulator::start().await;
        emulator.arm(fault).await;
        let path = "/v2/projects/p/locations/us-central1/jobs?jobId=a";
        let sent = emulator.request("POST", path).json(&job()).send().await;
        // A truncated response has a status.
        let (actual, text) = match sent {
            Ok(response) => (Some(response.status().as_u16()), response.text().await.ok()),
            Err(_) => (None, None),
        };
        match status {
            Some(status) => {
                assert_eq!(actual, Some(*status), "{fault}");
                assert!(text.unwrap().starts_with("<html>"), "{fault}");
            }
            None => assert_eq!(text, None, "{fault}"),
        }
        assert_eq!(emulator.job_count().await, *jobs, "{fault}");
        let (_, log) = emulator.control("GET", "requests", None).await;
        assert_eq!(log[0]["fault"], *fault);
    }
}

#[tokio::test]
async fn slow_answer_delays_response() {
    let emulator = Emulator::start().await;
    emulator.arm("slow-answer").await;
    let start = Instant::now();
    assert_eq!(emulator.get("/jobs").await.0, 200);
    assert!(start.elapsed() >= Duration::from_secs(3));
}

#[tokio::test]
async fn fault_limited_to_http_method() {
    let emulator = Emulator::start().await;
    let body = json!({ "fault": "rate-limited", "method": "POST" });
    assert_eq!(emulator.control("POST", "faults", Some(body)).await.0, 200);
    assert_eq!(emulator.get("/jobs").await.0, 200);
    assert_eq!(emulator.post("/jobs?jobId=a", job()).await.0, 429);
    assert_eq!(emulator.post("/jobs?jobId=a", job()).await.0, 200);
}

#[tokio::test]
async fn unavailable_affects_reads_only() {
    let emulator = Emulator::start().await;
    emulator.arm("unavailable").await;
    assert_eq!(emulator.post("/jobs?jobId=a", job()).await.0, 200);
    assert_eq!(emulator.get("/jobs/a").await.0, 503);
    assert_eq!(emulator.get("/jobs/a").await.0, 200);
}

#[tokio::test]
async fn etag_conflict_updates_job_concurrently() {
    for method in ["PATCH", "DELETE"] {
        let emulator = Emulator::start().await;
        let created = emulator.create_job("a").await;
        emulator.arm("etag-conflict").await;
        let etag = created["etag"].as_str().unwrap().replace('"', "%22");
        let mut body = job();
        body["etag"] = created["etag"].clone();
        let (status, response) = match method {
            "PATCH" => emulator.patch("/jobs/a", body).await,
            _ => emulator.delete(&format!("/jobs/a?etag={etag}")).await,
        };
        assert_eq!(
            (status, response["error"]["status"].as_str()),
            (409, Some("ABORTED"))
        );
        let (_, changed) = emulator.get("/jobs/a").await;
        assert_eq!(changed["labels"]["changed-by"], "another-client");
        assert_ne!(changed["etag"], created["etag"]);
        assert_eq!(
            (&changed["generation"], &changed["observedGeneration"]),
            (&json!("2"), &json!("2"))
        );
    }
}

#[tokio::test]
async fn etag_conflict_keeps_deleting_job_unchanged() {
    let emulator = Emulator::with(Config {
        operation_time: Duration::from_secs(3600),
        ..config()
    })
    .await;
    emulator.post("/jobs?jobId=a", job()).await;
    emulator.delete("/jobs/a").await;
    emulator.arm("etag-conflict").await;
    assert_eq!(emulator.delete("/jobs/a?etag=old").await.0, 409);
    emulator.advance_clock("1h").await;
    assert_eq!(
        (emulator.get("/jobs/a").await.0, emulator.job_count().await),
        (404, 0)
    );
}

#[tokio::test]
async fn deleted_in_between_deletes_job() {
    let emulator = Emulator::start().await;
    emulator.create_job("a").await;
    emulator.arm("deleted-in-between").await;
    assert_eq!(emulator.get("/jobs/a").await.0, 200);
    assert_eq!(emulator.patch("/jobs/a", job()).await.0, 404);
    assert_eq!(emulator.get("/jobs/a").await.0, 404);
}

#[tokio::test]
async fn fault_limited_by_job_and_times() {
    let emulator = Emulator::start().await;
    let body = json!({ "fault": "create-500", "times": 2, "jobs": "render-*" });
    emulator.control("POST", "faults", Some(body)).await;
    for (id, status) in [
        ("other", 200),
        ("render-1", 500),
        ("render", 200),
        ("render-1", 500),
        ("render-1", 200),
    ] {
        assert_eq!(
            emulator.post(&format!("/jobs?jobId={id}"), job()).await.0,
            status,
            "{id}"
        );
    }
    emulator.arm("create-500").await;
    assert_eq!(
        emulator.control("GET", "faults", None).await.1["armed"][0]["fault"],
        "create-500"
    );
    emulator.control("DELETE", "faults", None).await;
    assert_eq!(emulator.post("/jobs?jobId=last", job()).await.0, 200);
}

#[tokio::test]
async fn permission_denied_on_list_allows_get() {
    let emulator = Emulator::start().await;
    emulator.create_job("a").await;
    emulator.arm("permission-denied-on-list").await;
    assert_eq!(emulator.get("/jobs/a").await.0, 200);
    let (status, response) = emulator.get("/jobs").await;
    assert_eq!(status, 403);
    assert!(message(&response).contains("'run.jobs.list'"), "{response}");
    assert_eq!(emulator.get("/jobs").await.0, 200);
}

#[tokio::test]
async fn error_details_have_a_reason() {
    for (fault, reason) in [
        ("rate-limited", "RATE_LIMIT_EXCEEDED"),
        ("token-expired", "ACCESS_TOKEN_EXPIRED"),
        ("permission-denied", "IAM_PERMISSION_DENIED"),
        ("api-not-enabled", "SERVICE_DISABLED"),
    ] {
        let emulator = Emulator::start().await;
        emulator.arm(fault).await;
        let (_, response) = emulator.get("/jobs/a").await;
        let detail = &response["error"]["details"][0];
        assert_eq!(
            detail["@type"], "type.googleapis.com/google.rpc.ErrorInfo",
            "{fault}"
        );
        assert_eq!(detail["reason"], reason);
    }
}

#[tokio::test]
async fn unknown_fault_error_lists_names() {
    let emulator = Emulator::start().await;
    let (status, response) = emulator
        .control("POST", "faults", Some(json!({ "fault": "earthquake" })))
        .await;
    assert_eq!(status, 400);
    assert!(message(&response).contains("create-lost-answer"), "{response}");
    for invalid in [
        json!({}),
        json!({ "fault": "html-502", "times": -1 }),
        json!({ "fault": "html-502", "jobs": 3 }),
    ] {
        assert_eq!(emulator.control("POST", "faults", Some(invalid)).await.0, 400);
    }
}
