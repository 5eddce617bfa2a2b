//! A reverse proxy with TLS and HTTP/2 in front of the emulator, which has neither. It counts connections and requests.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::runtime::Runtime;

use super::Emulator;
use super::proxy::{spawn_server, tls_acceptor};

/// A running reverse proxy.
pub(crate) struct Http2Proxy {
    address: SocketAddr,
    root_certificate: PathBuf,
    counts: Arc<Counts>,
    _runtime: Runtime,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    requests: AtomicUsize,
}

impl Http2Proxy {
    /// A proxy for `localhost`, whose root certificate is written to `folder`.
    pub(crate) fn new(emulator: &Emulator, folder: &Path) -> Self {
        let (acceptor, root_certificate) = tls_acceptor("localhost", folder, &["h2"]);
        let (target, client) = (emulator.address().to_owned(), reqwest::Client::new());
        let counts = Arc::new(Counts::default());
        let shared_counts = Arc::clone(&counts);
        let (runtime, address) = spawn_server(move |stream| {
            let (acceptor, target, client) = (acceptor.clone(), target.clone(), client.clone());
            let counts = Arc::clone(&shared_counts);
            async move {
                let stream = acceptor.accept(stream).await?;
                counts.connections.fetch_add(1, Ordering::SeqCst);
                let service = service_fn(move |request| {
                    counts.requests.fetch_add(1, Ordering::SeqCst);
                    forward_request(client.clone(), target.clone(), request)
                });
                hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .max_concurrent_streams(MAX_CONCURRENT_STREAMS)
                    .serve_connection(TokioIo::new(stream), service)
                    .await
                    .map_err(std::io::Error::other)
            }
        });
        Self {
            address,
            root_certificate,
            counts,
            _runtime: runtime,
        }
    }

    /// The host and the port.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// The value for `cloud_run_endpoint`.
    pub(crate) fn endpoint(&self) -> String {
        format!("https://localhost:{}/v2/", self.address.port())
    }

    /// The path of its root certificate.
    pub(crate) fn root_certificate(&self) -> String {
        self.root_certificate.display().to_string()
    }

    /// The number of connections and of requests.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let count = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
        (count(&self.counts.connections), count(&self.counts.requests))
    }
}

async fn forward_request(
    client: reqwest::Client,
    target: String,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut forwarded = client.request(head.method, format!("{target}{path}"));
    for (name, value) in &head.headers {
        if ["authorization", "content-type"].contains(&name.as_str()) {
            forwarded = forwarded.header(name, value);
        }
    }
    let response = forwarded.body(body.collect().await?.to_bytes()).send().await?;
    let status = response.status();
    let mut response = Response::new(Full::new(response.bytes().await?));
    *response.status_mut() = status;
    Ok(response)
}

/// The usual limit of concurrent streams, and the smallest that RFC 9113, section 6.5.2 recommends.
const MAX_CONCURRENT_STREAMS: u32 = 100;
