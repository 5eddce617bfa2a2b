//! `--write-quota`: 429 for writes beyond the quota.

use std::time::Duration;

use cloudrun_emulator::{Config, WriteQuota};
use serde_json::{Value, json};

use crate::harness::{Emulator, config, job, message};

/// An emulator with a quota of three writes in a window that outlasts the test.
async fn emulator_with_quota(no_retry_after: bool) -> Emulator {
    Emulator::with(Config {
        write_quota: Some(WriteQuota {
            writes: 3,
            window: WINDOW,
        }),
        no_retry_after,
        ..config()
    })
    .await
}

/// 365 days since 1970: a window ends during a test once a year at most.
const WINDOW: Duration = Duration::from_secs(365 * 24 * 3600);

/// Creates a job; the status, the body and the Retry-After.
async fn create(emulator: &Emulator, id: &str, query: &str) -> (u16, Value, Option<String>) {
    let path = format!("/v2/projects/p/locations/us-central1/jobs?jobId={id}{query}");
    let response = emulator.request("POST", &path).json(&job()).send().await.unwrap();
    let after = response.headers().get("retry-after");
    let after = after.map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), response.json().await.unwrap(), after)
}

#[tokio::test]
async fn writes_beyond_quota_get_429() {
    let emulator = emulator_with_quota(false).await;
    assert_eq!(create(&emulator, "a", "").await.0, 200);
    assert_eq!(create(&emulator, "b", "&validateOnly=true").await.0, 200);
    let (status, deletion) = emulator.delete("/jobs/a").await;
    assert_eq!(status, 200);
    emulator.wait(&deletion).await;
    let (status, response, after) = create(&emulator, "c", "").await;
    assert_eq!(
        (status, &response["error"]["status"]),
        (429, &json!("RESOURCE_EXHAUSTED"))
    );
    let expected = "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per region' of \
                 service 'run.googleapis.com' for consumer 'project_number:";
    assert!(message(&response).starts_with(expected), "{response}");
    assert_eq!(response["error"]["details"][0]["reason"], "RATE_LIMIT_EXCEEDED");
    let seconds: u64 = after.expect("a Retry-After").parse().unwrap();
    assert!((1..=WINDOW.as_secs()).contains(&seconds), "{seconds}");
    assert_eq!(emulator.patch("/jobs/c", job()).await.0, 429);
    assert_eq!(emulator.delete("/jobs/c").await.0, 429);
    assert_eq!(emulator.job_count().await, 0, "rejected writes change nothing");
}

#[tokio::test]
async fn reset_restores_quota() {
    let emulator = emulator_with_quota(true).await;
    for id in ["a", "b", "c"] {
        assert_eq!(create(&emulator, id, "").await.0, 200);
    }
    let (status, _, after) = create(&emulator, "d", "").await;
    assert_eq!((status, after), (429, None), "--no-retry-after");
    emulator.control("POST", "reset", None).await;
    assert_eq!(create(&emulator, "d", "").await.0, 200);
}
