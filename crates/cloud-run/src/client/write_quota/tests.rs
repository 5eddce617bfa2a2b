//! When a write may be sent after others were refused, with a paused clock.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use tokio_util::sync::CancellationToken;

use super::*;
use crate::retry::{MIN_BACKOFF, backoff};
use crate::status::Status;
use crate::test_server::Reply::Respond;
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
    quota.refuse(REGION, backoff(MIN_BACKOFF), Error::Status(status));
}

fn context(seconds: u64) -> CallContext {
    CallContext::new(
        Instant::now() + Duration::from_secs(seconds),
        CancellationToken::new(),
    )
}

#[tokio::test(start_paused = true)]
async fn writes_wait_for_retry_after_with_jitter() {
    let (quota, start) = (refused(Some(60)), Instant::now());
    quota
        .wait("projects/p/locations/m", JITTER, &context(1))
        .await
        .unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
    quota.wait(REGION, JITTER, &context(90)).await.unwrap();
    assert!(start.elapsed() > Duration::from_secs(60) + JITTER);
    assert!(start.elapsed() < Duration::from_secs(61));
    quota.wait(REGION, JITTER, &context(1)).await.unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(61),
        "only those that waited have jitter"
    );
}

#[tokio::test(start_paused = true)]
async fn pause_grows_until_a_write_succeeds() {
    let quota = refused(None);
    let mut longest = Duration::ZERO;
    for _ in 0..8 {
        let (pause, _) = quota.pause(REGION).expect("writes wait");
        longest = longest.max(pause);
        quota.wait(REGION, JITTER, &context(120)).await.unwrap();
        refuse(&quota, None);
        refuse(&quota, None);
    }
    assert!(longest > MIN_BACKOFF * 16, "{longest:?}");
    quota.accept(REGION);
    assert!(
        quota.pause(REGION).is_some(),
        "it was sent before the last refusal"
    );
    quota.wait(REGION, JITTER, &context(120)).await.unwrap();
    quota.accept(REGION);
    refuse(&quota, None);
    assert!(quota.pause(REGION).unwrap().0 <= MIN_BACKOFF * 2);
}

#[tokio::test(start_paused = true)]
async fn pause_past_the_deadline_fails_at_once() {
    let (quota, start) = (refused(Some(3600)), Instant::now());
    let error = quota.wait(REGION, JITTER, &context(1200)).await.unwrap_err();
    assert_eq!(error.status().and_then(|status| status.http), Some(429));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn cancellation_ends_the_pause() {
    let (quota, cancellation) = (refused(Some(60)), CancellationToken::new());
    let context = CallContext::new(Instant::now() + Duration::from_secs(90), cancellation.clone());
    let (waited, ()) = tokio::join!(quota.wait(REGION, JITTER, &context), async {
        cancellation.cancel()
    });
    assert!(waited.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn resource_quota_does_not_delay_writes() {
    const RATE: &str =
        r#"{"error": {"code": 429, "message": "Quota exceeded for quota metric 'Write requests'"}}"#;
    const GPUS: &str =
        r#"{"error": {"code": 429, "message": "Quota exceeded for total allowable count of GPUs"}}"#;
    let server = Server::new(vec![
        Respond(429, "", RATE),
        Respond(200, "", r#"{"name": "o"}"#),
        Respond(429, "retry-after: 3600\r\n", GPUS),
        Respond(200, "", r#"{"name": "o"}"#),
    ])
    .await;
    assert!(server.create().await.is_ok(), "sent again");
    assert!(server.create().await.is_err());
    assert!(server.create().await.is_ok());
}
