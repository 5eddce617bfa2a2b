//! Who gets in: the holder of one certificate, however many others stand at the door.

use rustls::version::{TLS12, TLS13};
use tokio::{io::AsyncReadExt as _, net::UnixStream};

use crate::{
    certificates::{stranger, terraform, thief},
    client::{Tls, admission, connect},
    scripted::Served,
};

fn as_terraform(server: &Served) -> Tls {
    Tls::new(server.certificate.clone().unwrap(), terraform())
}

#[tokio::test]
async fn terraforms_certificate_gets_in_with_either_version_of_tls() {
    let server = Served::with_tls();
    for version in [&TLS13, &TLS12] {
        let client = Tls {
            versions: vec![version],
            ..as_terraform(&server)
        };
        admission(&server.socket, &client).await.unwrap();
    }
}

#[tokio::test]
async fn a_host_with_a_key_of_another_kind_gets_in_as_well() {
    let host = stranger();
    let server = Served::pinned_to(&host);
    let client = Tls::new(server.certificate.clone().unwrap(), host);
    admission(&server.socket, &client).await.unwrap();
    assert!(admission(&server.socket, &as_terraform(&server)).await.is_err());
}

#[tokio::test]
async fn nobody_else_gets_in() {
    let server = Served::with_tls();
    for version in [&TLS13, &TLS12] {
        for identity in [None, Some(stranger()), Some(thief())] {
            let client = Tls {
                identity,
                versions: vec![version],
                ..as_terraform(&server)
            };
            assert!(
                admission(&server.socket, &client).await.is_err(),
                "{version:?} {:?}",
                client.identity
            );
        }
    }
    admission(&server.socket, &as_terraform(&server)).await.unwrap();
}

#[tokio::test]
async fn plain_http2_gets_nothing_where_tls_is_spoken() {
    let server = Served::with_tls();
    let channel = connect(&server.socket, None).await.unwrap();
    assert!(crate::services::health_of(channel, "plugin").await.is_err());
}

#[tokio::test]
async fn a_client_that_stalls_holds_up_nobody() {
    let server = Served::with_tls();
    let mut stalled = Vec::new();
    for _ in 0..20 {
        stalled.push(UnixStream::connect(&server.socket).await.unwrap());
    }
    admission(&server.socket, &as_terraform(&server)).await.unwrap();
    // Still waiting, and not cut off by the other's success.
    let mut byte = [0];
    assert!(
        tokio::time::timeout(std::time::Duration::from_millis(50), stalled[0].read(&mut byte))
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_handshakes_at_once_all_succeed() {
    let server = Served::with_tls();
    let handshakes: Vec<_> = (0..8)
        .map(|_| {
            let (socket, client) = (server.socket.clone(), as_terraform(&server));
            tokio::spawn(async move { admission(&socket, &client).await })
        })
        .collect();
    for handshake in handshakes {
        handshake.await.unwrap().unwrap();
    }
}
