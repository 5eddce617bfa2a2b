//! The life of a job, beyond what the recordings show.

use serde_json::{Value, json};

use crate::harness::{Cloud, below_place, config, gpu_job, job, message};
use cloudrun_emulator::Config;

#[tokio::test]
async fn a_job_is_made_and_becomes_ready() {
    let cloud = Cloud::start().await;
    let (_, operation) = cloud.post("/jobs?jobId=render", job()).await;
    assert_eq!(operation["done"], Value::Null);
    assert_eq!(operation["metadata"]["reconciling"], true);
    assert_eq!(
        operation["metadata"]["terminalCondition"],
        json!({ "state": "CONDITION_PENDING" })
    );
    assert_eq!(
        cloud.get("/jobs/render").await.1["reconciling"],
        true,
        "it is there at once"
    );
    let made = cloud.settle(&operation).await["response"].clone();
    let (_, read) = cloud.get("/jobs/render").await;
    assert_eq!(read["etag"], made["etag"]);
    assert_eq!(read["@type"], Value::Null);
    assert_eq!(read["observedGeneration"], "1");
    assert_eq!(read["terminalCondition"]["type"], "Ready");
}

#[tokio::test]
async fn a_patch_replaces_and_fills_the_same_defaults() {
    let cloud = Cloud::start().await;
    let mut first = job();
    first["labels"] = json!({ "team": "a" });
    first["template"]["taskCount"] = json!(7);
    first["template"]["template"]["maxRetries"] = json!(0);
    first["template"]["template"]["vpcAccess"] = json!({ "networkInterfaces": [{ "network": "n" }] });
    let (_, operation) = cloud.post("/jobs?jobId=a", first).await;
    let made = cloud.settle(&operation).await["response"].clone();
    assert_eq!(
        made["template"]["template"]["maxRetries"], 0,
        "nought is not nothing"
    );
    assert_eq!(
        made["template"]["template"]["vpcAccess"]["egress"],
        "PRIVATE_RANGES_ONLY"
    );

    let (_, operation) = cloud.patch("/jobs/a", job()).await;
    let changed = cloud.settle(&operation).await["response"].clone();
    assert_eq!(changed["labels"], Value::Null);
    assert_eq!(changed["template"]["taskCount"], 1);
    assert_eq!(changed["template"]["template"]["maxRetries"], 3);
    assert_eq!(changed["uid"], made["uid"]);
    assert_ne!(changed["etag"], made["etag"]);
    assert_eq!(changed["createTime"], made["createTime"]);
    assert_eq!(
        changed["terminalCondition"]["lastTransitionTime"],
        made["terminalCondition"]["lastTransitionTime"]
    );
    let fresh = cloud.make("b").await;
    assert_eq!(
        changed["template"], fresh["template"],
        "one function fills the defaults"
    );
}

#[tokio::test]
async fn a_name_is_given_once_and_no_other_way() {
    let cloud = Cloud::start().await;
    cloud.make("a").await;
    let (status, answer) = cloud.post("/jobs?jobId=a", job()).await;
    assert_eq!((status, message(&answer)), (409, "Resource 'a' already exists."));
    assert_eq!(answer["error"]["status"], "ALREADY_EXISTS");
    for odd in ["A", "-a", "a-", "1a", "a_b", "a.b", &"a".repeat(64)] {
        let (status, answer) = cloud.post(&format!("/jobs?jobId={odd}"), job()).await;
        assert_eq!(status, 400, "{odd} {answer}");
    }
    let (status, operation) = cloud.post("/jobs", job()).await;
    assert_eq!(status, 200);
    let name = operation["metadata"]["name"].as_str().unwrap();
    assert!(
        name.starts_with("projects/p/locations/us-central1/jobs/job-"),
        "{name}"
    );
}

#[tokio::test]
async fn an_etag_guards_a_change_and_a_deletion() {
    let cloud = Cloud::start().await;
    let etag = cloud.make("a").await["etag"].clone();
    let mut guarded = job();
    guarded["etag"] = json!("\"stale\"");
    let (status, answer) = cloud.patch("/jobs/a", guarded.clone()).await;
    assert_eq!(
        (status, answer["error"]["status"].as_str()),
        (409, Some("ABORTED"))
    );
    let (status, _) = cloud.delete("/jobs/a?etag=stale").await;
    assert_eq!(status, 409);
    guarded["etag"] = etag;
    let (status, operation) = cloud.patch("/jobs/a", guarded).await;
    assert_eq!(status, 200);
    let etag = cloud.settle(&operation).await["response"]["etag"]
        .as_str()
        .unwrap()
        .replace('"', "%22");
    assert_eq!(cloud.delete(&format!("/jobs/a?etag={etag}")).await.0, 200);
}

#[tokio::test]
async fn a_deleted_job_is_kept_for_thirty_days_out_of_sight() {
    let cloud = Cloud::start().await;
    let made = cloud.make("a").await;
    let (_, operation) = cloud.delete("/jobs/a").await;
    let deleted = &operation["metadata"];
    assert_eq!(deleted["deleteTime"], deleted["updateTime"]);
    let day = |member: &str| deleted[member].as_str().unwrap()[..10].to_owned();
    assert_ne!(day("deleteTime"), day("expireTime"));
    assert_eq!(
        cloud.get("/jobs/a").await.1["deleteTime"],
        deleted["deleteTime"],
        "until it is done"
    );
    let done = cloud.settle(&operation).await;
    assert_ne!(done["response"]["etag"], deleted["etag"], "a second new etag");
    assert_eq!(done["response"]["uid"], made["uid"]);

    let (status, answer) = cloud.get("/jobs/a").await;
    assert_eq!(
        (status, message(&answer)),
        (
            404,
            "Resource 'a' of kind 'JOB' in region 'us-central1' in project 'p' does not exist."
        )
    );
    for method in ["PATCH", "DELETE"] {
        assert_eq!(
            cloud.send(method, "/jobs/a", Some(&job())).await.0,
            404,
            "{method}"
        );
    }
    assert_eq!(cloud.get("/jobs").await.1, json!({}));
    assert_eq!(
        cloud.get("/jobs?showDeleted=true").await.1["jobs"][0]["uid"],
        made["uid"]
    );
    assert_ne!(
        cloud.make("a").await["uid"],
        made["uid"],
        "the name is free again"
    );
    assert_eq!(
        cloud.get("/jobs?showDeleted=true").await.1["jobs"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn validate_only_answers_and_does_nothing() {
    let cloud = Cloud::start().await;
    let (status, operation) = cloud.post("/jobs?jobId=a&validateOnly=true", job()).await;
    assert_eq!((status, &operation["done"]), (200, &json!(true)));
    assert_eq!(
        operation["response"]["template"]["taskCount"], 1,
        "defaults are filled"
    );
    assert_eq!(
        cloud.get(&below_place(&operation["name"])).await.0,
        404,
        "its operation is not kept"
    );
    assert_eq!(cloud.get("/jobs/a").await.0, 404);

    let made = cloud.make("a").await;
    let mut changed = job();
    changed["template"]["taskCount"] = json!(9);
    assert_eq!(cloud.patch("/jobs/a?validateOnly=true", changed).await.0, 200);
    assert_eq!(cloud.delete("/jobs/a?validateOnly=true").await.0, 200);
    assert_eq!(cloud.get("/jobs/a").await.1, crate::harness::plain(made));
    assert_eq!(cloud.post("/jobs?jobId=a&validateOnly=true", job()).await.0, 409);
}

#[tokio::test]
async fn allow_missing_makes_what_is_not_there() {
    let cloud = Cloud::start().await;
    assert_eq!(cloud.patch("/jobs/a", job()).await.0, 404);
    assert_eq!(
        cloud
            .patch("/jobs/a?allowMissing=true&validateOnly=true", job())
            .await
            .0,
        200
    );
    assert_eq!(cloud.get("/jobs/a").await.0, 404);
    let (_, operation) = cloud.patch("/jobs/a?allowMissing=true", job()).await;
    assert_eq!(cloud.settle(&operation).await["response"]["generation"], "1");
}

#[tokio::test]
async fn a_list_comes_in_pages_newest_first() {
    let cloud = Cloud::start().await;
    for id in ["a", "b", "c", "d", "e"] {
        cloud.make(id).await;
    }
    let other = cloud
        .request("POST", "/v2/projects/q/locations/us-central1/jobs?jobId=x")
        .json(&job());
    other.send().await.unwrap();
    let (mut names, mut token) = (String::new(), String::new());
    for round in 0.. {
        let (_, page) = cloud.get(&format!("/jobs?pageSize=2&pageToken={token}")).await;
        for job in page["jobs"].as_array().unwrap() {
            names.push_str(job["name"].as_str().unwrap().rsplit('/').next().unwrap());
        }
        // What is made meanwhile shifts nothing.
        cloud.make(&format!("later-{round}")).await;
        match page["nextPageToken"].as_str() {
            Some(next) => next.clone_into(&mut token),
            None => break,
        }
    }
    assert_eq!(names, "edcba");
    assert_eq!(cloud.get("/jobs?pageToken=nonsense").await.0, 400);
    assert_eq!(cloud.get("/jobs?pageSize=-1").await.0, 400);
    assert_eq!(cloud.get("/jobs?pageSize=many").await.0, 400);
}

#[tokio::test]
async fn a_list_can_be_told_to_be_poor() {
    let cloud = Cloud::with(Config {
        largest_page: 2,
        list_omits: vec!["etag".to_owned(), "template".to_owned()],
        ..config()
    })
    .await;
    for id in ["a", "b", "c"] {
        cloud.make(id).await;
    }
    let (_, page) = cloud.get("/jobs?pageSize=1000").await;
    let token = page["nextPageToken"].as_str().unwrap();
    let (_, rest) = cloud.get(&format!("/jobs?pageSize=1000&pageToken={token}")).await;
    assert_eq!(page["jobs"].as_array().unwrap().len(), 2);
    assert_eq!(rest["jobs"].as_array().unwrap().len(), 1);
    assert_eq!(rest.get("nextPageToken"), None);
    let (_, whole) = cloud.get("/jobs/a").await;
    let mut poor = whole.clone();
    poor.as_object_mut()
        .unwrap()
        .retain(|member, _| !["etag", "template"].contains(&member.as_str()));
    assert_eq!(rest["jobs"][0], poor);
    assert!(whole["etag"].is_string() && whole["template"].is_object());
}

#[tokio::test]
async fn a_launch_stage_reads_back_as_the_least_stable_in_use() {
    let cloud = Cloud::start().await;
    for (base, declared, read) in [
        (job(), json!("ALPHA"), "GA"),
        (job(), json!("BETA"), "GA"),
        (job(), Value::Null, "GA"),
        (gpu_job(), json!("ALPHA"), "BETA"),
        (gpu_job(), json!("BETA"), "BETA"),
    ] {
        let mut job = base;
        job["launchStage"] = declared.clone();
        let (_, operation) = cloud.post("/jobs?jobId=a&validateOnly=true", job).await;
        assert_eq!(operation["response"]["launchStage"], read, "{declared}");
    }
}

#[tokio::test]
async fn what_is_sent_is_echoed_as_it_was_spelt() {
    let cloud = Cloud::start().await;
    let mut sent = gpu_job();
    sent["template"]["template"]["containers"][0]["resources"]["limits"] =
        json!({ "cpu": "20000m", "memory": "81920Mi", "nvidia.com/gpu": "1" });
    let (_, operation) = cloud.post("/jobs?jobId=a", sent.clone()).await;
    let task = &operation["metadata"]["template"]["template"];
    for member in ["nodeSelector", "gpuZonalRedundancyDisabled", "timeout"] {
        assert_eq!(task[member], sent["template"]["template"][member]);
    }
    assert_eq!(task["containers"], sent["template"]["template"]["containers"]);
}
