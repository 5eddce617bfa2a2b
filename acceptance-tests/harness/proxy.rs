//! Network equipment of a company: a TLS proxy with a private root certificate, and an HTTP CONNECT proxy.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// A reverse proxy that terminates TLS and forwards to a local server.
pub(crate) struct TlsProxy {
    address: SocketAddr,
    root_certificate: PathBuf,
    _runtime: Runtime,
}

/// A forward proxy for CONNECT, which connects to one target regardless of the requested host.
pub(crate) struct ForwardProxy {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    _runtime: Runtime,
}

impl TlsProxy {
    /// A proxy to an address such as `http://127.0.0.1:41234`, with a certificate for `host`. The root certificate is
    /// written to `folder`.
    pub(crate) fn new(address: &str, host: &str, folder: &Path) -> Self {
        let (acceptor, root_certificate) = tls_acceptor(host, folder, &[]);
        let target = address.trim_start_matches("http://").to_owned();
        let (runtime, address) = spawn_server(move |stream| {
            let (acceptor, target) = (acceptor.clone(), target.clone());
            async move {
                let mut client = acceptor.accept(stream).await?;
                let mut server = TcpStream::connect(target).await?;
                copy_bidirectional(&mut client, &mut server).await.map(drop)
            }
        });
        Self {
            address,
            root_certificate,
            _runtime: runtime,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The path of its root certificate.
    pub(crate) fn root_certificate(&self) -> String {
        self.root_certificate.display().to_string()
    }
}

impl ForwardProxy {
    /// A proxy that connects to `target`.
    pub(crate) fn to(target: SocketAddr) -> Self {
        Self::start(Some(target), "HTTP/1.1 200 Connection established\r\n\r\n")
    }

    /// A proxy that rejects every request.
    pub(crate) fn rejecting(response: &'static str) -> Self {
        Self::start(None, response)
    }

    /// Such as `127.0.0.1:3128`.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The received requests with their headers.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn start(target: Option<SocketAddr>, response: &'static str) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&requests);
        let (runtime, address) = spawn_server(move |mut stream| {
            let recorded = Arc::clone(&recorded);
            async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await?);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                recorded.lock().unwrap_or_else(PoisonError::into_inner).push(head);
                stream.write_all(response.as_bytes()).await?;
                if let Some(target) = target {
                    let mut server = TcpStream::connect(target).await?;
                    copy_bidirectional(&mut stream, &mut server).await?;
                }
                Ok(())
            }
        });
        Self {
            address,
            requests,
            _runtime: runtime,
        }
    }
}

/// A TLS acceptor for `host`, and the path of its root certificate in `folder`.
pub(super) fn tls_acceptor(host: &str, folder: &Path, protocols: &[&str]) -> (TlsAcceptor, PathBuf) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let certificate = authority.self_signed(&key).expect("a root certificate");
    let root_certificate = folder.join("root.pem");
    std::fs::write(&root_certificate, pem(certificate.der())).expect("the folder is writable");
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec![host.to_owned()]).expect("a name");
    let leaf = leaf.signed_by(&key, &issuer).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key in PKCS #8");
    let mut config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .expect("the certificate is of this key");
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    (TlsAcceptor::from(Arc::new(config)), root_certificate)
}

fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

/// Serves a free port until the runtime is dropped.
pub(super) fn spawn_server<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> (Runtime, SocketAddr)
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let listener = runtime
        .block_on(TcpListener::bind("127.0.0.1:0"))
        .expect("a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    (runtime, address)
}
