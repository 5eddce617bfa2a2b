//! Bytes that are not a TLS handshake get an alert or nothing, and Terraform can still connect.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    time::timeout,
};

use crate::{
    certificates::terraform,
    client::{Tls, try_connect},
    process::TIMEOUT,
    scripted::TestServer,
};

fn as_terraform(server: &TestServer) -> Tls {
    Tls::new(server.certificate.clone().unwrap(), terraform())
}

#[tokio::test]
async fn malformed_handshakes_get_an_alert_or_nothing() {
    let server = TestServer::with_tls();
    for (kind, bytes) in garbage() {
        let mut client = UnixStream::connect(&server.socket).await.unwrap();
        // The server may have closed the connection already.
        let _ = client.write_all(&bytes).await;
        let mut response = Vec::new();
        // The connection may end with a reset.
        let _ = timeout(TIMEOUT, client.read_to_end(&mut response))
            .await
            .expect(kind);
        assert!(
            response.is_empty() || is_fatal_alert(&response),
            "{kind}: {response:02x?}"
        );
    }
    try_connect(&server.socket, &as_terraform(&server)).await.unwrap();
}

#[tokio::test]
async fn interrupted_handshakes_end_the_connection() {
    let server = TestServer::with_tls();
    for length in [0, 1, 4, 5, 100] {
        let mut client = UnixStream::connect(&server.socket).await.unwrap();
        client
            .write_all(&client_hello(0x0303, 512)[..length])
            .await
            .unwrap();
        client.shutdown().await.unwrap();
        let mut response = Vec::new();
        let read = timeout(TIMEOUT, client.read_to_end(&mut response)).await;
        assert!(read.is_ok(), "still waiting after {length} bytes");
        assert!(
            response.is_empty() || is_fatal_alert(&response),
            "{response:02x?}"
        );
    }
    try_connect(&server.socket, &as_terraform(&server)).await.unwrap();
}

/// The time limit is that of the whole handshake.
#[tokio::test]
async fn slow_handshake_is_ended_at_the_limit() {
    let server = TestServer::with_tls();
    tokio::time::pause();
    let mut client = UnixStream::connect(&server.socket).await.unwrap();
    let sent = async {
        let mut sent = 0;
        for byte in client_hello(0x0303, 512) {
            if client.write_all(&[byte]).await.is_err() {
                break;
            }
            sent += 1;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        sent
    };
    let sent = timeout(TIMEOUT, sent)
        .await
        .expect("the connection is still open");
    assert!((5..20).contains(&sent), "{sent} bytes were accepted");
    tokio::time::resume();
    try_connect(&server.socket, &as_terraform(&server)).await.unwrap();
}

fn garbage() -> Vec<(&'static str, Vec<u8>)> {
    let noise = |length: u64| {
        // xorshift, with the same bytes in each run.
        let mut x = 0x9e37_79b9_7f4a_7c15_u64;
        (0..length)
            .map(|_| {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                x.to_le_bytes()[0]
            })
            .collect::<Vec<u8>>()
    };
    vec![
        ("HTTP/1", b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n".to_vec()),
        (
            "plain HTTP/2",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
        ),
        ("TLS 1.1", client_hello(0x0302, 64)),
        ("TLS 1.0", client_hello(0x0301, 64)),
        ("SSL 3", client_hello(0x0300, 64)),
        ("SSL 2", [&[0x80, 0x2e, 0x01, 0x00, 0x02][..], &[0; 43]].concat()),
        ("a ClientHello of only a version", client_hello(0x0303, 0)),
        (
            "a record above the maximum length",
            [&[0x16, 0x03, 0x01, 0xff, 0xff][..], &[0; 4096]].concat(),
        ),
        (
            "a ClientHello that announces 16 MiB",
            vec![0x16, 0x03, 0x01, 0x00, 0x04, 0x01, 0xff, 0xff, 0xff],
        ),
        (
            "data before the handshake",
            [&[0x17, 0x03, 0x03, 0x00, 0x10][..], &[0; 16]].concat(),
        ),
        ("zeros", vec![0; 64 << 10]),
        ("noise", noise(64 << 10)),
    ]
}

/// A ClientHello of this version, with a cipher suite of its time and zeros as extensions.
fn client_hello(version: u16, rest: u16) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend([7; 32]);
    // No session; one suite, RSA with AES-128-CBC; no compression.
    body.extend([0, 0, 2, 0, 0x2f, 1, 0]);
    body.extend(rest.to_be_bytes());
    body.extend(vec![0; rest.into()]);
    let length = |length: usize| u16::try_from(length).unwrap().to_be_bytes();
    let mut record = vec![0x16, 0x03, 0x01];
    record.extend(length(body.len() + 4));
    record.extend([0x01, 0]);
    record.extend(length(body.len()));
    record.extend(body);
    record
}

/// One record with a fatal alert, and nothing after it.
fn is_fatal_alert(response: &[u8]) -> bool {
    response.len() == 7 && response[0] == 0x15 && response[5] == 2
}
