//! A client that was let in and abuses HTTP/2: at most it loses its own connection. Others are served as before, and
//! memory does not grow with what is sent.
//!
//! Only Terraform is let in, so these would be faults of a client rather than attacks; but the process holds other
//! calls, whose results must not be lost. The bounds on memory are about growth: each is far above what is seen, and
//! far below what keeping everything would take.

use facets_gpu::wire::proto::health::health_check_response::ServingStatus;
use tonic::transport::Channel;

use crate::{
    frames::{
        CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR, Frames,
        HEADERS, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE, call, frame, header,
    },
    process::{Launch, Process},
    services::health_of,
};

const METADATA: &str = "/tfplugin6.Provider/GetMetadata";
const SCHEMA: &str = "/tfplugin6.Provider/GetProviderSchema";
const STDIO: &str = "/plugin.GRPCStdio/StreamStdio";
/// An empty message of gRPC: not compressed, of no length.
const EMPTY: [u8; 5] = [0; 5];

/// What the server keeps for thousands of calls.
const CALLS_MIB: u64 = 128;
/// What it keeps for frames that belong to no call.
const FRAMES_MIB: u64 = 32;

/// A provider that serves somebody else already.
struct Stage {
    provider: Process,
    other: Channel,
    peak: u64,
}

impl Stage {
    async fn set() -> Self {
        let provider = Launch::by_terraform().start();
        let other = provider.connect().await;
        assert_eq!(
            health_of(other.clone(), "plugin").await.unwrap(),
            ServingStatus::Serving
        );
        Self {
            peak: provider.peak_mib(),
            provider,
            other,
        }
    }

    /// The other client is served as before, so is a new one, and memory has grown by no more than this.
    async fn stands_unharmed(self, growth: u64) {
        for channel in [self.other, self.provider.connect().await] {
            assert_eq!(
                health_of(channel, "plugin").await.unwrap(),
                ServingStatus::Serving
            );
        }
        let grown = self.provider.peak_mib() - self.peak;
        assert!(grown <= growth, "memory grew by {grown} MiB");
    }
}

#[tokio::test]
async fn headers_of_a_mebibyte_end_the_connection() {
    let stage = Stage::set().await;
    let mut abuser = Frames::open(&stage.provider).await;
    let block = [call(METADATA), header("x-long", &"x".repeat(1 << 20))].concat();
    let parts: Vec<_> = block.chunks(16 << 10).collect();
    abuser
        .flood(parts.len(), |part| {
            let kind = if part == 0 { HEADERS } else { CONTINUATION };
            let flags = if part + 1 == parts.len() { END_HEADERS } else { 0 };
            frame(kind, flags, 1, parts[part])
        })
        .await;
    assert_eq!(abuser.sent_away().await.goaway, Some(ENHANCE_YOUR_CALM));
    stage.stands_unharmed(FRAMES_MIB).await;
}

#[tokio::test]
async fn headers_that_never_end_end_the_connection() {
    let stage = Stage::set().await;
    for part in [Vec::new(), header("x", "y")] {
        let mut abuser = Frames::open(&stage.provider).await;
        abuser.send(frame(HEADERS, 0, 1, &call(METADATA))).await;
        abuser.flood(100_000, |_| frame(CONTINUATION, 0, 1, &part)).await;
        assert_eq!(abuser.sent_away().await.goaway, Some(ENHANCE_YOUR_CALM));
    }
    stage.stands_unharmed(FRAMES_MIB).await;
}

/// Terraform waits for a place when there are as many as were agreed on. Whoever goes on is refused, and whoever goes
/// on for thousands is sent away.
#[tokio::test]
async fn no_more_than_the_agreed_number_of_calls_is_open_at_once() {
    let stage = Stage::set().await;
    let mut abuser = Frames::open(&stage.provider).await;
    abuser
        .flood(10_000, |number| {
            frame(HEADERS, END_HEADERS, stream(number), &call(METADATA))
        })
        .await;
    let heard = abuser.sent_away().await;
    assert_eq!(heard.goaway, Some(ENHANCE_YOUR_CALM));
    assert_eq!(heard.frames[usize::from(RST_STREAM)], 4096, "refused calls");
    stage.stands_unharmed(CALLS_MIB).await;
}

/// Ctrl-C cancels a thousand calls at once, so cancelling is allowed; it leaves nothing behind.
#[tokio::test]
async fn a_hundred_thousand_calls_that_are_cancelled_at_once_leave_nothing_behind() {
    let stage = Stage::set().await;
    for complete in [false, true] {
        let mut abuser = Frames::open(&stage.provider).await;
        let taken = abuser
            .flood(50_000, |number| {
                let id = stream(number);
                let mut bytes = frame(HEADERS, END_HEADERS, id, &call(METADATA));
                if complete {
                    bytes.extend(frame(DATA, END_STREAM, id, &EMPTY));
                }
                bytes.extend(frame(RST_STREAM, 0, id, &CANCEL.to_be_bytes()));
                bytes
            })
            .await;
        let heard = abuser.leave().await;
        // Either is well: all of them were taken, or the server had enough.
        assert!(
            (taken, heard.goaway) == (50_000, None) || heard.goaway == Some(ENHANCE_YOUR_CALM),
            "{taken} {heard:?}"
        );
    }
    stage.stands_unharmed(CALLS_MIB).await;
}

#[tokio::test]
async fn a_hundred_thousand_pings_and_settings_are_answered_and_forgotten() {
    let stage = Stage::set().await;
    for (kind, payload) in [(PING, &[7; 8][..]), (SETTINGS, &[])] {
        let mut client = Frames::open(&stage.provider).await;
        assert_eq!(
            client.flood(100_000, |_| frame(kind, 0, 0, payload)).await,
            100_000
        );
        let heard = client.leave().await;
        assert_eq!(heard.goaway, None);
        assert!(heard.frames[usize::from(kind)] >= 100_000, "{heard:?}");
    }
    stage.stands_unharmed(FRAMES_MIB).await;
}

/// Answers that nobody reads are not piled up: the server stops reading instead.
#[tokio::test]
async fn whoever_does_not_read_is_not_listened_to_without_end() {
    let stage = Stage::set().await;
    let mut deaf = Frames::deaf(&stage.provider).await;
    let taken = deaf.flood(1_000_000, |_| frame(PING, 0, 0, &[7; 8])).await;
    assert!(taken < 1_000_000, "all were taken");
    let mut deaf_too = Frames::deaf(&stage.provider).await;
    let taken = deaf_too
        .flood(100_000, |number| {
            let id = stream(number);
            [
                frame(HEADERS, END_HEADERS, id, &call(SCHEMA)),
                frame(DATA, END_STREAM, id, &EMPTY),
            ]
            .concat()
        })
        .await;
    assert!(taken < 100_000, "all were taken");
    stage.stands_unharmed(CALLS_MIB).await;
}

#[tokio::test]
async fn a_window_beyond_the_largest_ends_the_connection() {
    let stage = Stage::set().await;
    let mut abuser = Frames::open(&stage.provider).await;
    abuser
        .flood(2, |_| frame(WINDOW_UPDATE, 0, 0, &0x7fff_ffff_u32.to_be_bytes()))
        .await;
    assert_eq!(abuser.sent_away().await.goaway, Some(FLOW_CONTROL_ERROR));
    stage.stands_unharmed(FRAMES_MIB).await;
}

#[tokio::test]
async fn data_that_holds_nothing_ends_the_connection_and_a_byte_at_a_time_is_taken() {
    let stage = Stage::set().await;
    let mut abuser = Frames::open(&stage.provider).await;
    abuser.send(frame(HEADERS, END_HEADERS, 1, &call(METADATA))).await;
    abuser.flood(100_000, |_| frame(DATA, 0, 1, &[])).await;
    assert_eq!(abuser.sent_away().await.goaway, Some(ENHANCE_YOUR_CALM));

    // The stream of what a plugin prints takes one message, and reads no further.
    let mut slow = Frames::open(&stage.provider).await;
    slow.send(frame(HEADERS, END_HEADERS, 1, &call(STDIO))).await;
    assert_eq!(slow.flood(100_000, |_| frame(DATA, 0, 1, &[0])).await, 100_000);
    slow.leave().await;
    stage.stands_unharmed(FRAMES_MIB).await;
}

/// The identifier of the client's stream of this number.
fn stream(number: usize) -> u32 {
    1 + 2 * u32::try_from(number).unwrap()
}
