//! Those who are not Terraform: other certificates, and bytes that are no handshake. None of them hears a word of
//! HTTP/2, and Terraform goes on being let in.

use std::time::Duration;

use rustls::version::{TLS12, TLS13};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    time::timeout,
};

use crate::{
    certificates::{Identity, namesake, stranger, terraform, valid_in},
    client::{Tls, admission},
    process::PATIENCE,
    scripted::Served,
};

fn presenting(server: &Served, identity: Identity) -> Tls {
    Tls::new(server.certificate.clone().unwrap(), identity)
}

#[tokio::test]
async fn a_certificate_of_the_same_name_and_kind_is_somebody_elses() {
    let server = Served::with_tls();
    let pretenders = [
        namesake(),
        // Whoever trusts an issuer would look at the second certificate. A pin looks at the first alone.
        namesake().below(&terraform()),
        stranger().below(&terraform()),
        valid_in(2020),
        valid_in(2120),
    ];
    for version in [&TLS13, &TLS12] {
        for identity in &pretenders {
            let client = Tls {
                versions: vec![version],
                ..presenting(&server, identity.clone())
            };
            assert!(
                admission(&server.socket, &client).await.is_err(),
                "{version:?} {identity:?}"
            );
        }
    }
    admission(&server.socket, &presenting(&server, terraform()))
        .await
        .unwrap();
}

/// Terraform makes its certificate when it starts the provider, valid from half a minute before. A clock that is set
/// back between the two steps, or a host and a container that disagree, would make it invalid on its first day. The
/// pin is the whole certificate, and its key never leaves Terraform: dates would guard nothing beside it.
#[tokio::test]
async fn the_pinned_certificate_gets_in_whatever_its_dates_say() {
    for year in [2020, 2120] {
        let host = valid_in(year);
        let server = Served::pinned_to(&host);
        for version in [&TLS13, &TLS12] {
            let client = Tls {
                versions: vec![version],
                ..presenting(&server, host.clone())
            };
            admission(&server.socket, &client).await.unwrap();
        }
        assert!(
            admission(&server.socket, &presenting(&server, valid_in(year)))
                .await
                .is_err(),
            "another one with the same dates"
        );
    }
}

#[tokio::test]
async fn what_is_no_handshake_is_answered_with_an_alert_or_nothing() {
    let server = Served::with_tls();
    for (kind, bytes) in garbage() {
        let mut stranger = UnixStream::connect(&server.socket).await.unwrap();
        // The server may have left before all of it was written.
        let _ = stranger.write_all(&bytes).await;
        let mut answer = Vec::new();
        // An end by a reset is an end.
        let _ = timeout(PATIENCE, stranger.read_to_end(&mut answer))
            .await
            .expect(kind);
        assert!(
            answer.is_empty() || is_a_fatal_alert(&answer),
            "{kind}: {answer:02x?}"
        );
    }
    admission(&server.socket, &presenting(&server, terraform()))
        .await
        .unwrap();
}

#[tokio::test]
async fn half_a_handshake_that_ends_leaves_nothing_behind() {
    let server = Served::with_tls();
    for length in [0, 1, 4, 5, 100] {
        let mut stranger = UnixStream::connect(&server.socket).await.unwrap();
        stranger.write_all(&hello(0x0303, 512)[..length]).await.unwrap();
        stranger.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, stranger.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "still waiting after {length} bytes");
        assert!(answer.is_empty() || is_a_fatal_alert(&answer), "{answer:02x?}");
    }
    admission(&server.socket, &presenting(&server, terraform()))
        .await
        .unwrap();
}

/// Each byte is progress, and still the whole handshake has one limit.
#[tokio::test]
async fn a_byte_a_second_does_not_stretch_the_limit() {
    let server = Served::with_tls();
    let mut stranger = UnixStream::connect(&server.socket).await.unwrap();
    let sent = async {
        let mut sent = 0;
        for byte in hello(0x0303, 512) {
            if stranger.write_all(&[byte]).await.is_err() {
                break;
            }
            sent += 1;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        sent
    };
    let sent = timeout(PATIENCE, sent).await.expect("it is still listened to");
    assert!(sent < 20, "{sent} bytes were listened to");
    admission(&server.socket, &presenting(&server, terraform()))
        .await
        .unwrap();
}

fn garbage() -> Vec<(&'static str, Vec<u8>)> {
    let noise = |length: u64| {
        // xorshift: no two bytes alike for long, and the same in each run.
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
        ("TLS 1.1", hello(0x0302, 64)),
        ("TLS 1.0", hello(0x0301, 64)),
        ("SSL 3", hello(0x0300, 64)),
        ("SSL 2", [&[0x80, 0x2e, 0x01, 0x00, 0x02][..], &[0; 43]].concat()),
        ("a hello of nothing but a version", hello(0x0303, 0)),
        (
            "a record longer than any",
            [&[0x16, 0x03, 0x01, 0xff, 0xff][..], &[0; 4096]].concat(),
        ),
        (
            "a hello that promises 16 MiB",
            vec![0x16, 0x03, 0x01, 0x00, 0x04, 0x01, 0xff, 0xff, 0xff],
        ),
        (
            "data before any handshake",
            [&[0x17, 0x03, 0x03, 0x00, 0x10][..], &[0; 16]].concat(),
        ),
        ("zeros", vec![0; 64 << 10]),
        ("noise", noise(64 << 10)),
    ]
}

/// A hello of this version with a cipher suite that such a version had, and bytes where extensions would stand.
fn hello(version: u16, rest: u16) -> Vec<u8> {
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

/// One record of the kind alert, of the level fatal, and nothing behind it.
fn is_a_fatal_alert(answer: &[u8]) -> bool {
    answer.len() == 7 && answer[0] == 0x15 && answer[5] == 2
}
