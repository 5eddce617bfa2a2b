//! A quota of writes: so many within a window, then refusals in Google's words until the next one.

use std::time::Duration;

use cloudrun_emulator::{Config, WriteQuota};
use serde_json::{Value, json};

use crate::harness::{Cloud, config, job, message};

/// Three writes, in a window that no test sees the end of.
async fn cloud(no_retry_after: bool) -> Cloud {
    Cloud::with(Config {
        write_quota: Some(WriteQuota {
            writes: 3,
            window: LONG,
        }),
        no_retry_after,
        ..config()
    })
    .await
}

/// A year: it began on the first of January 1970, and ends in no test but with bad luck once in 365 days.
const LONG: Duration = Duration::from_secs(365 * 24 * 3600);

/// Creates a job; the status, the answer, and what the header says.
async fn create(cloud: &Cloud, id: &str, more: &str) -> (u16, Value, Option<String>) {
    let path = format!("/v2/projects/p/locations/us-central1/jobs?jobId={id}{more}");
    let answer = cloud.request("POST", &path).json(&job()).send().await.unwrap();
    let after = answer.headers().get("retry-after");
    let after = after.map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), answer.json().await.unwrap(), after)
}

#[tokio::test]
async fn writes_beyond_the_quota_are_refused_in_googles_words() {
    let cloud = cloud(false).await;
    assert_eq!(create(&cloud, "a", "").await.0, 200);
    assert_eq!(create(&cloud, "b", "&validateOnly=true").await.0, 200);
    let (status, deletion) = cloud.delete("/jobs/a").await;
    assert_eq!(status, 200);
    cloud.settle(&deletion).await;
    let (status, answer, after) = create(&cloud, "c", "").await;
    assert_eq!(
        (status, &answer["error"]["status"]),
        (429, &json!("RESOURCE_EXHAUSTED"))
    );
    let words = "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per region' of \
                 service 'run.googleapis.com' for consumer 'project_number:";
    assert!(message(&answer).starts_with(words), "{answer}");
    assert_eq!(answer["error"]["details"][0]["reason"], "RATE_LIMIT_EXCEEDED");
    let seconds: u64 = after.expect("a Retry-After").parse().unwrap();
    assert!((1..=LONG.as_secs()).contains(&seconds), "{seconds}");
    assert_eq!(cloud.patch("/jobs/c", job()).await.0, 429);
    assert_eq!(cloud.delete("/jobs/c").await.0, 429);
    assert_eq!(cloud.jobs().await, 0, "what is refused is not done");
}

#[tokio::test]
async fn a_reset_forgets_what_was_used() {
    let cloud = cloud(true).await;
    for id in ["a", "b", "c"] {
        assert_eq!(create(&cloud, id, "").await.0, 200);
    }
    let (status, _, after) = create(&cloud, "d", "").await;
    assert_eq!((status, after), (429, None), "it need not say when to come back");
    cloud.control("POST", "reset", None).await;
    assert_eq!(create(&cloud, "d", "").await.0, 200);
}
