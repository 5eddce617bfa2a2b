//! The socket: connections in, answers out.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::api::Emulator;
use crate::clock;
use crate::request::Request;
use crate::response::{ConnectionClosed, Delivery, Response};

/// Serves connections until `shutdown` is there. Open ones end with the runtime.
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
                // Out of descriptors, say: the next one may do better.
                Err(_) => {
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        // An answer is written at once; waiting for more of it would cost 40 ms each.
        drop(stream.set_nodelay(true));
        let emulator = Arc::clone(&emulator);
        connections.spawn(async move {
            let service = service_fn(move |request| respond(Arc::clone(&emulator), request));
            let http = hyper::server::conn::http1::Builder::new()
                .title_case_headers(true)
                .serve_connection(TokioIo::new(stream), service);
            // A client that goes away is no event, and a cut connection was meant.
            drop(http.await);
        });
    }
}

async fn respond(
    emulator: Arc<Emulator>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<BoxBody<Bytes, ConnectionClosed>>, ConnectionClosed> {
    let request = Request::read(request).await.ok_or(ConnectionClosed)?;
    let pretty = request.parameter("prettyPrint") != Some("false");
    if request.path.starts_with("/_emulator/") {
        let answer = emulator.control(&request).unwrap_or_else(Response::from);
        return answer.into_hyper(pretty);
    }
    let id = emulator.log().begin(&request, clock::now());
    let answer = if request.path.starts_with("/v2/") {
        emulator.answer(&request).await
    } else {
        Response::unknown_path(&request.path)
    };
    let delay = emulator.config.latency + answer.delay;
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let status = (answer.delivery != Delivery::Closed).then_some(answer.status);
    emulator.log().end(id, status, answer.fault);
    emulator.changed.notify_waiters();
    answer.into_hyper(pretty)
}
