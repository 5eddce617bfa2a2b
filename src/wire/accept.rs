//! From a listener to connections that have passed their handshake.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore, mpsc, watch},
    time::sleep,
};
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;

use super::listener::{Entrance, Stream};

/// A handshake takes milliseconds; whoever needs longer than this is not Terraform.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// The same while others wait for a place: still far more than Terraform takes on a busy machine.
const CROWDED_LIMIT: Duration = Duration::from_millis(500);
/// How many may be in their handshake at once. Each holds a descriptor, of which a process has 256 on macOS and
/// 1024 on most Linuxes; those that are left reach Google and read credentials. Terraform needs one place.
const PLACES: usize = 32;
/// Accepting fails when file descriptors run out. They come back, but not at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A connection whose client has been let in.
pub(super) struct Connection(Box<dyn Stream>);

/// Accepts until nobody receives. Each handshake runs in a task of its own: one that stalls or fails holds up
/// nobody else. When the places run out, whoever has had time enough makes room, so that any number of stalled
/// clients takes neither the descriptors of this process nor Terraform's turn.
///
/// Borrows the entrance, so that dropping this future leaves its owner free to remove it from disk.
pub(super) async fn accept(
    entrance: &Entrance,
    tls: Option<Arc<ServerConfig>>,
    sender: mpsc::Sender<io::Result<Connection>>,
) {
    let acceptor = tls.map(TlsAcceptor::from);
    let door = Door::new();
    loop {
        let accepted = tokio::select! {
            () = sender.closed() => return,
            // The place comes first: what waits in the listener's queue costs no descriptor.
            accepted = async { Ok::<_, AcquireError>((door.place().await?, entrance.accept().await)) } => accepted,
        };
        match accepted {
            Ok((place, Ok(stream))) => {
                let (acceptor, crowded, sender) =
                    (acceptor.clone(), door.crowded.subscribe(), sender.clone());
                tokio::spawn(async move {
                    let connection = let_in(stream, acceptor, crowded).await;
                    drop(place);
                    if let Some(connection) = connection {
                        // Refused only when the server has ended meanwhile.
                        let _ = sender.send(Ok(connection)).await;
                    }
                });
            }
            Ok((_, Err(error))) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
            // The door is never closed.
            Err(_) => return,
        }
    }
}

/// The places of those who are in their handshake.
struct Door {
    places: Arc<Semaphore>,
    /// Whether all are taken, so that the next has to wait.
    crowded: watch::Sender<bool>,
}

impl Door {
    fn new() -> Self {
        Self {
            places: Arc::new(Semaphore::new(PLACES)),
            crowded: watch::Sender::new(false),
        }
    }

    /// Waits for a place; while it does, others are hurried.
    async fn place(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Ok(place);
        }
        self.crowded.send_replace(true);
        let place = self.places.clone().acquire_owned().await;
        self.crowded.send_replace(false);
        place
    }
}

async fn let_in(
    stream: Box<dyn Stream>,
    acceptor: Option<TlsAcceptor>,
    crowded: watch::Receiver<bool>,
) -> Option<Connection> {
    let Some(acceptor) = acceptor else {
        return Some(Connection(stream));
    };
    tokio::select! {
        handshake = acceptor.accept(stream) => match handshake {
            Ok(stream) => Some(Connection(Box::new(stream))),
            // Such as a provider that starts, and looks whether anybody is here.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                tracing::debug!("a client left in the TLS handshake");
                None
            }
            Err(error) => {
                tracing::warn!(%error, "refused a client in the TLS handshake");
                None
            }
        },
        () = time_is_up(crowded) => {
            tracing::warn!("gave up on a client that stalls in the TLS handshake");
            None
        }
    }
}

/// Returns when a handshake that begins now has had time enough.
async fn time_is_up(mut crowded: watch::Receiver<bool>) {
    sleep(CROWDED_LIMIT).await;
    tokio::select! {
        // Fails when the door is gone, and then the server is ending.
        _ = crowded.wait_for(|crowded| *crowded) => {}
        () = sleep(HANDSHAKE_LIMIT.saturating_sub(CROWDED_LIMIT)) => {}
    }
}

/// tonic would hand a client's address to the handlers; they have no use for it.
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

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
