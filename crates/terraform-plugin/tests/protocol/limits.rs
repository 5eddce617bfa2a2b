//! Messages at the limit and beyond it, and bodies that are no message: each is answered, and the process lives.

use std::iter;

use facets_gpu::wire::{
    MESSAGE_LIMIT,
    proto::tfplugin6::{RawState, upgrade_resource_state},
};
use h2::{RecvStream, SendStream, client::ResponseFuture};
use prost::Message as _;
use tokio::time::timeout;
use tonic::{
    Code,
    codegen::{Bytes, http},
};

use crate::{
    certificates::terraform,
    client::{Tls, handshake},
    process::{Launch, PATIENCE, Process},
};

const JOB: &str = "facets_gpu_cloudrun_job";

/// Its request has no field, so that whatever it holds is read and passed over.
const METADATA: &str = "/tfplugin6.Provider/GetMetadata";
const UPGRADE: &str = "/tfplugin6.Provider/UpgradeResourceState";

/// What is said to a body, by the headers or the trailers of the answer.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    http: u16,
    grpc: Option<Code>,
    message: String,
}

impl Answer {
    fn is(&self, code: Code, word: &str) -> bool {
        (self.http, self.grpc) == (200, Some(code)) && self.message.contains(word)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_just_the_limit_is_taken_and_a_byte_more_is_refused() {
    let provider = Launch::by_terraform().start();
    let mut client = Client::of(&provider).await;
    // A field that nobody knows, of the kind that has a length, and fills the message.
    let field = |length: usize| [&[0x0a][..], &varint(length - 5)].concat();
    assert_eq!(field(MESSAGE_LIMIT).len(), 5);
    let filling = Bytes::from(vec![0; 1 << 20]);

    let (answer, mut body) = client.begin(METADATA, &[]);
    send(&mut body, head(0, MESSAGE_LIMIT)).await;
    send(&mut body, field(MESSAGE_LIMIT).into()).await;
    for _ in 1..MESSAGE_LIMIT >> 20 {
        send(&mut body, filling.clone()).await;
    }
    body.send_data(filling.slice(5..), true).unwrap();
    let answer = read(answer).await;
    assert!(answer.is(Code::Ok, ""), "{answer:?}");

    let (answer, mut body) = client.begin(METADATA, &[]);
    send(&mut body, head(0, MESSAGE_LIMIT + 1)).await;
    let answer = read(answer).await;
    assert!(answer.is(Code::OutOfRange, "268435456 bytes"), "{answer:?}");
    // Kept once; seen is a little more than the message.
    assert!(provider.peak_mib() < 512, "{} MiB", provider.peak_mib());
}

#[tokio::test]
async fn a_promise_takes_no_memory_until_it_is_kept() {
    let provider = Launch::by_terraform().start();
    let mut client = Client::of(&provider).await;
    // Held open, so that whatever was set aside for them is there at the same time.
    let mut promises = Vec::new();
    for _ in 0..256 {
        let (answer, mut body) = client.begin(METADATA, &[]);
        send(&mut body, head(0, MESSAGE_LIMIT)).await;
        promises.push((answer, body));
        let (answer, mut body) = client.begin(METADATA, &[]);
        send(&mut body, head(0, u32::MAX as usize)).await;
        let answer = read(answer).await;
        assert!(answer.is(Code::OutOfRange, "4294967295 bytes"), "{answer:?}");
    }
    // Were it taken, it would be 64 GiB.
    assert!(provider.peak_mib() < 128, "{} MiB", provider.peak_mib());
    client.still_answers().await;
    drop(promises);
}

#[tokio::test]
async fn a_body_that_is_no_message_is_refused_with_the_reason() {
    let provider = Launch::by_terraform().start();
    let mut client = Client::of(&provider).await;
    let state = upgrade_resource_state::Request {
        type_name: JOB.to_owned(),
        raw_state: Some(RawState {
            json: b"{}".to_vec(),
            ..RawState::default()
        }),
        ..Default::default()
    }
    .encode_to_vec();
    let cut = &state[..state.len() - 3];
    let empty = message(0, &[]);
    for (body, reason) in [
        (Vec::new(), "Missing request message"),
        (vec![0, 0], "Unexpected EOF"),
        ([&head(0, state.len())[..], cut].concat(), "Unexpected EOF"),
        (message(0, cut), "buffer underflow"),
        (message(0, &[0x0f, 1, 2]), "invalid wire type"),
        (message(0, &[0xff; 11]), "invalid varint"),
        // A group in a group in a group.
        (message(0, &[0x53; 100_000]), "recursion limit"),
        (message(1, &[]), "compressed-flag but no grpc-encoding"),
        (message(7, &[]), "invalid compression flag: 7"),
        ([&empty[..], &[1, 2, 3]].concat(), "Unexpected EOF"),
        ([&empty[..], &[9; 7]].concat(), "invalid compression flag: 9"),
    ] {
        let answer = client.call(UPGRADE, &[], &body).await;
        assert!(answer.is(Code::Internal, reason), "{reason}: {answer:?}");
    }
    client.still_answers().await;
}

#[tokio::test]
async fn fields_of_a_newer_protocol_are_passed_over() {
    let provider = Launch::by_terraform().start();
    let mut client = Client::of(&provider).await;
    let mut state = upgrade_resource_state::Request {
        type_name: JOB.to_owned(),
        ..Default::default()
    }
    .encode_to_vec();
    // Field 1007: three bytes; field 1008: the number 5; field 1009: eight bytes.
    state.extend([
        0xfa, 0x3e, 3, 1, 2, 3, 0x80, 0x3f, 5, 0x89, 0x3f, 1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    let answer = client.call(UPGRADE, &[], &message(0, &state)).await;
    assert!(answer.is(Code::Ok, ""), "{answer:?}");
}

#[tokio::test]
async fn headers_beyond_the_limit_and_compression_are_refused_and_the_connection_stays() {
    let provider = Launch::by_terraform().start();
    let mut client = Client::of(&provider).await;
    let empty = message(0, &[]);
    let long = "x".repeat(20 << 10);
    assert_eq!(
        client.call(METADATA, &[("x-long", &long)], &empty).await.http,
        431
    );
    let answer = client
        .call(METADATA, &[("grpc-encoding", "gzip")], &message(1, &[]))
        .await;
    assert!(answer.is(Code::Unimplemented, "gzip"), "{answer:?}");
    let answer = client.call("/tfplugin6.Provider/Nothing", &[], &empty).await;
    assert!(answer.is(Code::Unimplemented, ""), "{answer:?}");
    client.still_answers().await;
}

/// A client of HTTP/2 that knows nothing of gRPC.
struct Client(h2::client::SendRequest<Bytes>);

impl Client {
    async fn of(provider: &Process) -> Self {
        let tls = Tls::new(provider.certificate(), terraform());
        let stream = handshake(&provider.socket(), &tls).await.unwrap();
        let (client, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        Self(client)
    }

    fn begin(&mut self, path: &str, headers: &[(&str, &str)]) -> (ResponseFuture, SendStream<Bytes>) {
        let always = [("content-type", "application/grpc"), ("te", "trailers")];
        let request = http::Request::post(format!("http://localhost{path}"));
        let request = always
            .iter()
            .chain(headers)
            .fold(request, |request, (name, value)| request.header(*name, *value));
        self.0.send_request(request.body(()).unwrap(), false).unwrap()
    }

    async fn call(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let (answer, mut sending) = self.begin(path, headers);
        sending.send_data(Bytes::copy_from_slice(body), true).unwrap();
        read(answer).await
    }

    async fn still_answers(mut self) {
        let answer = self.call(METADATA, &[], &message(0, &[])).await;
        assert!(answer.is(Code::Ok, ""), "{answer:?}");
    }
}

/// Sends when there is room for it, so that nothing piles up here.
async fn send(body: &mut SendStream<Bytes>, mut data: Bytes) {
    while !data.is_empty() {
        body.reserve_capacity(data.len());
        let room = timeout(PATIENCE, std::future::poll_fn(|cx| body.poll_capacity(cx)));
        let room = room.await.expect("room for more").unwrap().unwrap();
        let part = data.split_to(room.min(data.len()));
        body.send_data(part, false).unwrap();
    }
}

async fn read(answer: ResponseFuture) -> Answer {
    let answer = timeout(PATIENCE, answer).await.expect("an answer").unwrap();
    let (head, body) = answer.into_parts();
    let trailers = timeout(PATIENCE, to_the_end(body)).await.expect("an end");
    let of = |name| {
        let value = head.headers.get(name).or_else(|| trailers.get(name))?;
        Some(value.to_str().unwrap().replace("%20", " "))
    };
    Answer {
        http: head.status.as_u16(),
        grpc: of("grpc-status").map(|code| Code::from_bytes(code.as_bytes())),
        message: of("grpc-message").unwrap_or_default(),
    }
}

async fn to_the_end(mut body: RecvStream) -> http::HeaderMap {
    while let Some(data) = body.data().await {
        let length = data.unwrap().len();
        body.flow_control().release_capacity(length).unwrap();
    }
    body.trailers().await.unwrap().unwrap_or_default()
}

fn message(flag: u8, bytes: &[u8]) -> Vec<u8> {
    [&head(flag, bytes.len()), bytes].concat()
}

/// What stands before a message: whether it is compressed, and how long it will be.
fn head(flag: u8, promised: usize) -> Bytes {
    let length = u32::try_from(promised).unwrap().to_be_bytes();
    iter::once(flag).chain(length).collect()
}

fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}
