//! When a write may be sent after others were refused, with a paused clock.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use tokio_util::sync::CancellationToken;

use super::*;
use crate::retry::{SHORTEST_PAUSE, pauses};
use crate::status::Status;
use crate::test_server::Act::Say;
use crate::test_server::Server;

const REGION: &str = "projects/p/locations/l";
const JITTER: Duration = Duration::from_millis(20);

fn refused(seconds: Option<u64>) -> WriteQuota {
    let quota = WriteQuota::default();
    refuse(&quota, seconds);
    quota
}

fn refuse(quota: &WriteQuota, seconds: Option<u64>) {
    let status = Status {
        http: Some(429),
        retry_after: seconds.map(Duration::from_secs),
        ..Status::default()
    };
    quota.refuse(REGION, pauses(SHORTEST_PAUSE), Error::Status(status));
}

fn patience(seconds: u64) -> Patience {
    Patience::new(
        Instant::now() + Duration::from_secs(seconds),
        CancellationToken::new(),
    )
}

#[tokio::test(start_paused = true)]
async fn writes_of_the_region_wait_for_retry_after_each_with_its_jitter() {
    let (quota, start) = (refused(Some(60)), Instant::now());
    quota
        .wait("projects/p/locations/m", JITTER, &patience(1))
        .await
        .unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
    quota.wait(REGION, JITTER, &patience(90)).await.unwrap();
    assert!(start.elapsed() > Duration::from_secs(60) + JITTER);
    assert!(start.elapsed() < Duration::from_secs(61));
    quota.wait(REGION, JITTER, &patience(1)).await.unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(61),
        "only those that waited have jitter"
    );
}

#[tokio::test(start_paused = true)]
async fn the_instant_moves_further_with_each_refusal_until_a_write_is_accepted() {
    let quota = refused(None);
    let mut longest = Duration::ZERO;
    for _ in 0..8 {
        let (pause, _) = quota.pause(REGION).expect("writes wait");
        longest = longest.max(pause);
        quota.wait(REGION, JITTER, &patience(120)).await.unwrap();
        refuse(&quota, None);
        refuse(&quota, None);
    }
    assert!(longest > SHORTEST_PAUSE * 16, "{longest:?}");
    quota.accept(REGION);
    assert!(
        quota.pause(REGION).is_some(),
        "it was sent before the last refusal"
    );
    quota.wait(REGION, JITTER, &patience(120)).await.unwrap();
    quota.accept(REGION);
    refuse(&quota, None);
    assert!(quota.pause(REGION).unwrap().0 <= SHORTEST_PAUSE * 2);
}

#[tokio::test(start_paused = true)]
async fn a_pause_past_the_deadline_is_an_error_at_once() {
    let (quota, start) = (refused(Some(3600)), Instant::now());
    let error = quota.wait(REGION, JITTER, &patience(1200)).await.unwrap_err();
    assert_eq!(error.status().and_then(|status| status.http), Some(429));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn cancelling_ends_the_wait() {
    let (quota, stop) = (refused(Some(60)), CancellationToken::new());
    let patience = Patience::new(Instant::now() + Duration::from_secs(90), stop.clone());
    let (waited, ()) = tokio::join!(quota.wait(REGION, JITTER, &patience), async { stop.cancel() });
    assert!(waited.unwrap_err().is_stopped());
}

#[tokio::test]
async fn a_quota_of_gpus_cpus_or_memory_does_not_make_writes_wait() {
    const RATE: &str =
        r#"{"error": {"code": 429, "message": "Quota exceeded for quota metric 'Write requests'"}}"#;
    const GPUS: &str =
        r#"{"error": {"code": 429, "message": "Quota exceeded for total allowable count of GPUs"}}"#;
    let server = Server::new(vec![
        Say(429, "", RATE),
        Say(200, "", r#"{"name": "o"}"#),
        Say(429, "retry-after: 3600\r\n", GPUS),
        Say(200, "", r#"{"name": "o"}"#),
    ])
    .await;
    assert!(server.create().await.is_ok(), "sent again");
    assert!(server.create().await.is_err());
    assert!(server.create().await.is_ok());
}
