//! Only a client with the pinned certificate and its key can connect.

use rustls::version::{TLS12, TLS13};
use tokio::{io::AsyncReadExt as _, net::UnixStream};

use crate::{
    certificates::{Identity, other_client, same_name, terraform, valid_in, without_key},
    client::{Tls, connect, try_connect},
    scripted::TestServer,
};

fn as_terraform(server: &TestServer) -> Tls {
    presenting(server, terraform())
}

fn presenting(server: &TestServer, identity: Identity) -> Tls {
    Tls::new(server.certificate.clone().unwrap(), identity)
}

#[tokio::test]
async fn pinned_certificate_connects_with_tls_1_2_and_1_3() {
    let server = TestServer::with_tls();
    for version in [&TLS13, &TLS12] {
        let client = Tls {
            versions: vec![version],
            ..as_terraform(&server)
        };
        try_connect(&server.socket, &client).await.unwrap();
    }
}

#[tokio::test]
async fn pinned_certificate_may_have_another_key_type() {
    let host = other_client();
    let server = TestServer::pinned_to(&host);
    let client = presenting(&server, host);
    try_connect(&server.socket, &client).await.unwrap();
    assert!(try_connect(&server.socket, &as_terraform(&server)).await.is_err());
}

#[tokio::test]
async fn other_certificates_are_rejected() {
    let server = TestServer::with_tls();
    for version in [&TLS13, &TLS12] {
        for identity in [None, Some(other_client()), Some(without_key())] {
            let client = Tls {
                identity,
                versions: vec![version],
                ..as_terraform(&server)
            };
            assert!(
                try_connect(&server.socket, &client).await.is_err(),
                "{version:?} {:?}",
                client.identity
            );
        }
    }
    try_connect(&server.socket, &as_terraform(&server)).await.unwrap();
}

#[tokio::test]
async fn certificates_with_the_same_name_are_rejected() {
    let server = TestServer::with_tls();
    let others = [
        same_name(),
        // Only the first certificate of a chain counts: no issuer is trusted.
        same_name().with_issuer(&terraform()),
        other_client().with_issuer(&terraform()),
        valid_in(2020),
        valid_in(2120),
    ];
    for version in [&TLS13, &TLS12] {
        for identity in &others {
            let client = Tls {
                versions: vec![version],
                ..presenting(&server, identity.clone())
            };
            assert!(
                try_connect(&server.socket, &client).await.is_err(),
                "{version:?} {identity:?}"
            );
        }
    }
    try_connect(&server.socket, &as_terraform(&server)).await.unwrap();
}

/// Terraform's certificate is valid from half a minute before its start, which clocks of a host and a container may
/// disagree about. The pin is the whole certificate, so its dates add nothing.
#[tokio::test]
async fn pinned_certificate_connects_regardless_of_its_dates() {
    for year in [2020, 2120] {
        let host = valid_in(year);
        let server = TestServer::pinned_to(&host);
        for version in [&TLS13, &TLS12] {
            let client = Tls {
                versions: vec![version],
                ..presenting(&server, host.clone())
            };
            try_connect(&server.socket, &client).await.unwrap();
        }
        assert!(
            try_connect(&server.socket, &presenting(&server, valid_in(year)))
                .await
                .is_err(),
            "another certificate with the same dates"
        );
    }
}

#[tokio::test]
async fn plain_http2_is_rejected_where_tls_is_required() {
    let server = TestServer::with_tls();
    let channel = connect(&server.socket, None).await.unwrap();
    assert!(crate::services::health_of(channel, "plugin").await.is_err());
}

#[tokio::test]
async fn stalled_clients_do_not_delay_others() {
    let server = TestServer::with_tls();
    let mut stalled = Vec::new();
    for _ in 0..20 {
        stalled.push(UnixStream::connect(&server.socket).await.unwrap());
    }
    try_connect(&server.socket, &as_terraform(&server)).await.unwrap();
    // The stalled ones are still connected.
    let mut byte = [0];
    assert!(
        tokio::time::timeout(std::time::Duration::from_millis(50), stalled[0].read(&mut byte))
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_handshakes_succeed() {
    let server = TestServer::with_tls();
    let handshakes: Vec<_> = (0..8)
        .map(|_| {
            let (socket, client) = (server.socket.clone(), as_terraform(&server));
            tokio::spawn(async move { try_connect(&socket, &client).await })
        })
        .collect();
    for handshake in handshakes {
        handshake.await.unwrap().unwrap();
    }
}
