//! Accepts connections and performs their TLS handshakes.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc,
    task::AbortHandle,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;

use super::listener::{Listener, Stream};

/// A handshake takes milliseconds: a client that needs longer is not Terraform.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// The most handshakes at a time; Terraform needs one. Each takes a file descriptor, of which a process has 256 on macOS and
/// 1024 on most Linux systems.
const MAX_HANDSHAKES: usize = 32;
/// The delay after a failed accept, for example because no file descriptors are left.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);

/// A connection that has passed its handshake.
pub(super) struct Connection(Box<dyn Stream>);

/// Accepts until the receiver is closed. Each handshake runs in a task of its own. When there are too many, the oldest is
/// aborted, so that clients that stall neither take all descriptors nor delay Terraform.
pub(super) async fn accept(
    listener: &Listener,
    tls: Option<Arc<ServerConfig>>,
    sender: mpsc::Sender<io::Result<Connection>>,
) {
    let acceptor = tls.map(TlsAcceptor::from);
    let mut handshakes: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        let accepted = tokio::select! {
            () = sender.closed() => return,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok(stream) => stream,
            Err(error) => {
                tracing::warn!(%error, "failed to accept a connection");
                sleep(ACCEPT_RETRY_DELAY).await;
                continue;
            }
        };
        handshakes.retain(|handshake| !handshake.is_finished());
        if handshakes.len() == MAX_HANDSHAKES
            && let Some(oldest) = handshakes.pop_front()
        {
            tracing::warn!("aborted the oldest of {MAX_HANDSHAKES} unfinished TLS handshakes");
            oldest.abort();
        }
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        let handshake = tokio::spawn(async move {
            if let Some(connection) = handshake(stream, acceptor).await {
                // Fails only when the server has ended.
                let _ = sender.send(Ok(connection)).await;
            }
        });
        handshakes.push_back(handshake.abort_handle());
    }
}

async fn handshake(stream: Box<dyn Stream>, acceptor: Option<TlsAcceptor>) -> Option<Connection> {
    let Some(acceptor) = acceptor else {
        return Some(Connection(stream));
    };
    match timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => return Some(Connection(Box::new(stream))),
        Ok(Err(error)) => tracing::warn!(%error, "TLS handshake failed"),
        Err(_) => tracing::warn!("TLS handshake timed out"),
    }
    None
}

/// Handlers do not need the address of a client.
impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
