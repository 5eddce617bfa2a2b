//! Messages at and above the limit, and malformed bodies: each gets a response, and the process goes on.

use std::iter;

use h2::{RecvStream, SendStream, client::ResponseFuture};
use prost::Message as _;
use terraform_plugin::{
    go_plugin::grpc::MAX_MESSAGE_SIZE,
    proto::tfplugin6::{RawState, upgrade_resource_state},
};
use tokio::time::timeout;
use tonic::{
    Code,
    codegen::{Bytes, http},
};

use crate::{
    certificates::terraform,
    client::{Tls, handshake},
    process::{Launch, Process, TIMEOUT},
};

/// Its request has no fields, so all of its content is skipped.
const METADATA: &str = "/tfplugin6.Provider/GetMetadata";
const UPGRADE: &str = "/tfplugin6.Provider/UpgradeResourceState";

/// The status of a response, from its headers or trailers.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    http: u16,
    grpc: Option<Code>,
    message: String,
}

impl Outcome {
    fn is(&self, code: Code, text: &str) -> bool {
        (self.http, self.grpc) == (200, Some(code)) && self.message.contains(text)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn message_limit_is_exact() {
    let provider = Launch::by_terraform().start();
    let mut client = Client::of(&provider).await;
    // An unknown field with a length, which fills the message.
    let field = |length: usize| [&[0x0a][..], &varint(length - 5)].concat();
    assert_eq!(field(MAX_MESSAGE_SIZE).len(), 5);
    let chunk = Bytes::from(vec![0; 1 << 20]);

    let (response, mut body) = client.start(METADATA, &[]);
    send(&mut body, head(0, MAX_MESSAGE_SIZE)).await;
    send(&mut body, field(MAX_MESSAGE_SIZE).into()).await;
    for _ in 1..MAX_MESSAGE_SIZE >> 20 {
        send(&mut body, chunk.clone()).await;
    }
    body.send_data(chunk.slice(5..), true).unwrap();
    let response = read(response).await;
    assert!(response.is(Code::Ok, ""), "{response:?}");

    let (response, mut body) = client.start(METADATA, &[]);
    send(&mut body, head(0, MAX_MESSAGE_SIZE + 1)).await;
    let response = read(response).await;
    assert!(response.is(Code::OutOfRange, "268435456 bytes"), "{response:?}");
    // The message is kept once.
    assert!(provider.peak_mib() < 512, "{} MiB", provider.peak_mib());
}

#[tokio::test]
async fn announced_length_allocates_no_memory() {
    let provider = Launch::by_terraform().start();
    let mut client = Client::of(&provider).await;
    // Held open, so that their memory would add up.
    let mut open = Vec::new();
    for _ in 0..256 {
        let (response, mut body) = client.start(METADATA, &[]);
        send(&mut body, head(0, MAX_MESSAGE_SIZE)).await;
        open.push((response, body));
        let (response, mut body) = client.start(METADATA, &[]);
        send(&mut body, head(0, u32::MAX as usize)).await;
        let response = read(response).await;
        assert!(response.is(Code::OutOfRange, "4294967295 bytes"), "{response:?}");
    }
    // The announced lengths add up to 64 GiB.
    assert!(provider.peak_mib() < 128, "{} MiB", provider.peak_mib());
    client.still_responds().await;
    drop(open);
}

#[tokio::test]
async fn malformed_body_is_an_error_with_a_reason() {
    let provider = Launch::by_terraform().start();
    let mut client = Client::of(&provider).await;
    let state = upgrade_resource_state::Request {
        type_name: "local_file".to_owned(),
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
        let response = client.call(UPGRADE, &[], &body).await;
        assert!(response.is(Code::Internal, reason), "{reason}: {response:?}");
    }
    client.still_responds().await;
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let provider = Launch::by_terraform().start();
    let mut client = Client::of(&provider).await;
    let mut state = upgrade_resource_state::Request {
        type_name: "local_file".to_owned(),
        ..Default::default()
    }
    .encode_to_vec();
    // Field 1007: three bytes; field 1008: the number 5; field 1009: eight bytes.
    state.extend([
        0xfa, 0x3e, 3, 1, 2, 3, 0x80, 0x3f, 5, 0x89, 0x3f, 1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    let response = client.call(UPGRADE, &[], &message(0, &state)).await;
    assert!(response.is(Code::Ok, ""), "{response:?}");
}

#[tokio::test]
async fn long_headers_and_compression_are_errors() {
    let provider = Launch::by_terraform().start();
    let mut client = Client::of(&provider).await;
    let empty = message(0, &[]);
    let long = "x".repeat(20 << 10);
    assert_eq!(
        client.call(METADATA, &[("x-long", &long)], &empty).await.http,
        431
    );
    let response = client
        .call(METADATA, &[("grpc-encoding", "gzip")], &message(1, &[]))
        .await;
    assert!(response.is(Code::Unimplemented, "gzip"), "{response:?}");
    let response = client.call("/tfplugin6.Provider/Nothing", &[], &empty).await;
    assert!(response.is(Code::Unimplemented, ""), "{response:?}");
    client.still_responds().await;
}

/// An HTTP/2 client without gRPC.
struct Client(h2::client::SendRequest<Bytes>);

impl Client {
    async fn of(provider: &Process) -> Self {
        let tls = Tls::new(provider.certificate(), terraform());
        let stream = handshake(&provider.socket(), &tls).await.unwrap();
        let (client, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        Self(client)
    }

    fn start(&mut self, path: &str, headers: &[(&str, &str)]) -> (ResponseFuture, SendStream<Bytes>) {
        let always = [("content-type", "application/grpc"), ("te", "trailers")];
        let request = http::Request::post(format!("http://localhost{path}"));
        let request = always
            .iter()
            .chain(headers)
            .fold(request, |request, (name, value)| request.header(*name, *value));
        self.0.send_request(request.body(()).unwrap(), false).unwrap()
    }

    async fn call(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Outcome {
        let (response, mut sending) = self.start(path, headers);
        sending.send_data(Bytes::copy_from_slice(body), true).unwrap();
        read(response).await
    }

    async fn still_responds(mut self) {
        let response = self.call(METADATA, &[], &message(0, &[])).await;
        assert!(response.is(Code::Ok, ""), "{response:?}");
    }
}

/// Sends within the flow-control window.
async fn send(body: &mut SendStream<Bytes>, mut data: Bytes) {
    while !data.is_empty() {
        body.reserve_capacity(data.len());
        let room = timeout(TIMEOUT, std::future::poll_fn(|cx| body.poll_capacity(cx)));
        let room = room.await.expect("capacity").unwrap().unwrap();
        let part = data.split_to(room.min(data.len()));
        body.send_data(part, false).unwrap();
    }
}

async fn read(response: ResponseFuture) -> Outcome {
    let response = timeout(TIMEOUT, response).await.expect("a response").unwrap();
    let (head, body) = response.into_parts();
    let trailers = timeout(TIMEOUT, to_the_end(body)).await.expect("an end");
    let of = |name| {
        let value = head.headers.get(name).or_else(|| trailers.get(name))?;
        Some(value.to_str().unwrap().replace("%20", " "))
    };
    Outcome {
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

/// The header of a message: the compression flag and the length.
fn head(flag: u8, length: usize) -> Bytes {
    let length = u32::try_from(length).unwrap().to_be_bytes();
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
