//! HTTP/2, as Google speaks it, before an emulator that does not: TLS, a hundred requests at a time on a connection, and
//! counts of both.

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
use super::proxy::{certified, serving};

/// A running front.
pub(crate) struct Http2Front {
    address: SocketAddr,
    root: PathBuf,
    counts: Arc<Counts>,
    _runtime: Runtime,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    requests: AtomicUsize,
}

impl Http2Front {
    /// A front for `localhost`, whose root certificate is written into `folder`.
    pub(crate) fn of(emulator: &Emulator, folder: &Path) -> Self {
        let (acceptor, root) = certified("localhost", folder, &["h2"]);
        let (target, client) = (emulator.address().to_owned(), reqwest::Client::new());
        let counts = Arc::new(Counts::default());
        let counting = Arc::clone(&counts);
        let (runtime, address) = serving(move |stream| {
            let (acceptor, target, client) = (acceptor.clone(), target.clone(), client.clone());
            let counts = Arc::clone(&counting);
            async move {
                let stream = acceptor.accept(stream).await?;
                counts.connections.fetch_add(1, Ordering::SeqCst);
                let service = service_fn(move |request| {
                    counts.requests.fetch_add(1, Ordering::SeqCst);
                    pass_on(client.clone(), target.clone(), request)
                });
                hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .max_concurrent_streams(STREAMS)
                    .serve_connection(TokioIo::new(stream), service)
                    .await
                    .map_err(std::io::Error::other)
            }
        });
        Self {
            address,
            root,
            counts,
            _runtime: runtime,
        }
    }

    /// The host and the port.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// What the provider takes as `cloud_run_endpoint`.
    pub(crate) fn endpoint(&self) -> String {
        format!("https://localhost:{}/v2/", self.address.port())
    }

    /// The file with the root of its certificate.
    pub(crate) fn root(&self) -> String {
        self.root.display().to_string()
    }

    /// How many connections were made, and how many requests came over them.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let count = |of: &AtomicUsize| of.load(Ordering::SeqCst);
        (count(&self.counts.connections), count(&self.counts.requests))
    }
}

async fn pass_on(
    client: reqwest::Client,
    target: String,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut asked = client.request(head.method, format!("{target}{path}"));
    for (name, value) in &head.headers {
        if ["authorization", "content-type"].contains(&name.as_str()) {
            asked = asked.header(name, value);
        }
    }
    let answer = asked.body(body.collect().await?.to_bytes()).send().await?;
    let status = answer.status();
    let mut response = Response::new(Full::new(answer.bytes().await?));
    *response.status_mut() = status;
    Ok(response)
}

/// The least that a server should let one connection carry at a time (RFC 9113, section 6.5.2), and a usual limit.
const STREAMS: u32 = 100;
