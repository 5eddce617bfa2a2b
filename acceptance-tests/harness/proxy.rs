//! What stands before Google in a company's network: TLS with a root of its own, and a proxy that must be asked.

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

use super::Emulator;

/// A front that speaks TLS, and passes what it decrypts to somebody on this machine.
pub(crate) struct TlsFront {
    address: SocketAddr,
    root: PathBuf,
    _runtime: Runtime,
}

/// A proxy for the method CONNECT, which leads to one place whatever it is asked for.
pub(crate) struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _runtime: Runtime,
}

impl TlsFront {
    /// A front of an emulator with a certificate for `host`, whose root is written into `folder`.
    pub(crate) fn of(emulator: &Emulator, host: &str, folder: &Path) -> Self {
        Self::before(emulator.address(), host, folder)
    }

    /// The same before whoever is at an address such as `http://127.0.0.1:41234`.
    pub(crate) fn before(address: &str, host: &str, folder: &Path) -> Self {
        let (acceptor, root) = certified(host, folder, &[]);
        let target = address.trim_start_matches("http://").to_owned();
        let (runtime, address) = serving(move |stream| {
            let (acceptor, target) = (acceptor.clone(), target.clone());
            async move {
                let mut client = acceptor.accept(stream).await?;
                let mut server = TcpStream::connect(target).await?;
                copy_bidirectional(&mut client, &mut server).await.map(drop)
            }
        });
        Self {
            address,
            root,
            _runtime: runtime,
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The file with the root of its certificate.
    pub(crate) fn root(&self) -> String {
        self.root.display().to_string()
    }
}

impl Proxy {
    /// A proxy that leads to `target`.
    pub(crate) fn to(target: SocketAddr) -> Self {
        Self::start(Some(target), "HTTP/1.1 200 Connection established\r\n\r\n")
    }

    /// A proxy that lets nobody through, and says so.
    pub(crate) fn refusing(answer: &'static str) -> Self {
        Self::start(None, answer)
    }

    /// Such as `127.0.0.1:3128`.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests that it got, headers and all.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn start(target: Option<SocketAddr>, answer: &'static str) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let (runtime, address) = serving(move |mut stream| {
            let seen = Arc::clone(&seen);
            async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await?);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(head);
                stream.write_all(answer.as_bytes()).await?;
                if let Some(target) = target {
                    let mut server = TcpStream::connect(target).await?;
                    copy_bidirectional(&mut stream, &mut server).await?;
                }
                Ok(())
            }
        });
        Self {
            address,
            asked,
            _runtime: runtime,
        }
    }
}

/// What accepts TLS for `host`, and the file in `folder` with the root to trust for it.
pub(super) fn certified(host: &str, folder: &Path, protocols: &[&str]) -> (TlsAcceptor, PathBuf) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let certificate = authority.self_signed(&key).expect("a root certificate");
    let root = folder.join("company-root.pem");
    std::fs::write(&root, pem(certificate.der())).expect("the folder takes files");
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
    (TlsAcceptor::from(Arc::new(config)), root)
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

/// Serves each connection to a free port, for as long as the runtime lives.
pub(super) fn serving<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> (Runtime, SocketAddr)
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
