//! The HTTP server.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::clock;
use crate::emulator::Emulator;
use crate::request::Request;
use crate::response::{ConnectionClosed, Delivery, Response};

/// Serves connections until `shutdown` completes. Open connections end with the runtime.
pub(crate) async fn serve(
    listener: TcpListener,
    emulator: Arc<Emulator>,
    shutdown: impl Future<Output = ()>,
) {
    tokio::pin!(shutdown);
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let stream = tokio::select! {
            () = &mut shutdown => return,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // For example without free file descriptors; later ones may succeed.
                Err(_) => {
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        // Without this, Nagle's algorithm delays responses by 40 ms.
        drop(stream.set_nodelay(true));
        let emulator = Arc::clone(&emulator);
        connections.spawn(async move {
            let service = service_fn(move |request| respond(Arc::clone(&emulator), request));
            let http = hyper::server::conn::http1::Builder::new()
                .title_case_headers(true)
                .serve_connection(TokioIo::new(stream), service);
            // Fails if the client disconnects or a fault closes the connection.
            drop(http.await);
        });
    }
}

async fn respond(
    emulator: Arc<Emulator>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<BoxBody<Bytes, ConnectionClosed>>, ConnectionClosed> {
    let request = Request::read(request).await.ok_or(ConnectionClosed)?;
    // Google's Node.js library sends 0.
    let pretty = !matches!(request.system_parameter("prettyPrint"), Some("false" | "0"));
    if request.path.starts_with("/_emulator/") {
        let response = emulator.control(&request).unwrap_or_else(Response::from);
        emulator.changed.notify_waiters();
        return response.into_hyper(pretty);
    }
    let id = emulator.log().start(&request, clock::now());
    let response = if request.path.starts_with("/v2/") {
        emulator.handle(&request).await
    } else {
        Response::unknown_path(&request.path)
    };
    let delay = emulator.config.latency + response.delay;
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let status = (response.delivery != Delivery::Closed).then_some(response.status);
    emulator.log().finish(id, status, response.fault);
    emulator.changed.notify_waiters();
    response.into_hyper(pretty)
}
