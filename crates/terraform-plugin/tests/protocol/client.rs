//! A client: TLS as Terraform configures it, and a gRPC channel over it.

use std::{io, path::Path, sync::Arc};

use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    client::ResolvesClientCert,
    crypto::ring,
    pki_types::{CertificateDer, ServerName},
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};
use tokio::{io::AsyncReadExt as _, net::UnixStream};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::either::Either;
use tonic::transport::{Channel, Endpoint};

use crate::certificates::Identity;

/// The TLS settings of a client.
#[derive(Clone)]
pub(crate) struct Tls {
    pub(crate) trusted: CertificateDer<'static>,
    pub(crate) identity: Option<Identity>,
    pub(crate) versions: Vec<&'static SupportedProtocolVersion>,
}

impl Tls {
    /// As in Terraform, the certificate of the handshake line is the only root.
    pub(crate) fn new(trusted: CertificateDer<'static>, identity: Identity) -> Self {
        Self {
            trusted,
            identity: Some(identity),
            versions: vec![&TLS13, &TLS12],
        }
    }

    fn config(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.trusted.clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&self.versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder.with_client_cert_resolver(resolver(&identity.certified)),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        config
    }
}

fn resolver(certified: &Arc<CertifiedKey>) -> Arc<dyn ResolvesClientCert> {
    Arc::new(SingleCertAndKey::from(certified.clone()))
}

/// Connects, and fails if the server rejects this client.
///
/// In TLS 1.3 the client's handshake ends before the server verifies its certificate, so this reads the first byte of
/// HTTP/2.
pub(crate) async fn try_connect(socket: &Path, tls: &Tls) -> io::Result<()> {
    handshake(socket, tls).await?.read_u8().await.map(drop)
}

pub(crate) async fn handshake(socket: &Path, tls: &Tls) -> io::Result<TlsStream<UnixStream>> {
    let stream = UnixStream::connect(socket).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(tls.config()))
        .connect(name, stream)
        .await
}

/// A complete ClientHello, to which the server responds with its certificate.
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "floods are tested on Linux only")
)]
pub(crate) fn client_hello(tls: &Tls) -> Vec<u8> {
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = rustls::ClientConnection::new(Arc::new(tls.config()), name).unwrap();
    let mut bytes = Vec::new();
    client.write_tls(&mut bytes).unwrap();
    bytes
}

/// A channel to the server; without `tls`, as plain HTTP/2.
pub(crate) async fn connect(socket: &Path, tls: Option<Tls>) -> Result<Channel, tonic::transport::Error> {
    let socket = socket.to_owned();
    let connector = tower::service_fn(move |_| {
        let (socket, tls) = (socket.clone(), tls.clone());
        async move {
            match tls {
                None => UnixStream::connect(socket).await.map(Either::Left),
                Some(tls) => handshake(&socket, &tls).await.map(Either::Right),
            }
            .map(TokioIo::new)
        }
    });
    // A Unix socket ignores the address.
    Endpoint::from_static("http://localhost")
        .connect_with_connector(connector)
        .await
}
