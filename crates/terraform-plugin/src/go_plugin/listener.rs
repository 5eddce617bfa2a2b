//! The socket that Terraform connects to: a Unix socket that only its user can reach, or loopback where there are none.

#[cfg(unix)]
use std::path::PathBuf;
use std::{io, ops::RangeInclusive};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};

pub use super::address::Address;
use super::handshake::HandshakeConfig;

/// A bound socket. Dropping it removes its files.
#[derive(Debug)]
pub struct Listener {
    address: Address,
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    #[cfg(unix)]
    Unix {
        listener: tokio::net::UnixListener,
        _directory: tempfile::TempDir,
    },
    Tcp(TcpListener),
}

/// A byte stream of either kind.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

impl Listener {
    /// Binds as Terraform requests. This and the other constructors must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// When no socket can be bound; the message contains a fix.
    pub async fn bind(config: &HandshakeConfig) -> io::Result<Self> {
        #[cfg(unix)]
        return Self::unix(config.socket_dir.clone());
        #[cfg(windows)]
        return Self::loopback(config.ports.clone()).await;
    }

    /// Binds a socket in a new directory below `requested`, or below the directories for temporary files.
    ///
    /// # Errors
    /// When no directory is usable: its path is too long, or it cannot be written to.
    #[cfg(unix)]
    pub fn unix(requested: Option<PathBuf>) -> io::Result<Self> {
        let (bases, variable) = match requested {
            // Perhaps the only directory that Terraform and the plugin share: there is no alternative.
            Some(directory) => (vec![directory], "PLUGIN_UNIX_SOCKET_DIR"),
            // TMPDIR may be too long for a socket address, or not writable.
            None => (vec![std::env::temp_dir(), PathBuf::from("/tmp")], "TMPDIR"),
        };
        let mut failures = Vec::new();
        for base in &bases {
            match unix::bind(base) {
                Ok(listener) => return Ok(listener),
                Err(error) => failures.push(format!("{}: {error}", base.display())),
            }
        }
        failures.dedup();
        Err(io::Error::other(format!(
            "The provider could not create its socket. {}. Set {variable} to a writable directory with a short path.",
            failures.join("; ")
        )))
    }

    /// Binds the first free port of `ports` on the loopback interface.
    ///
    /// # Errors
    /// When no port of the range is free.
    pub async fn loopback(ports: RangeInclusive<u16>) -> io::Result<Self> {
        for port in ports.clone() {
            if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
                let address = Address::Tcp(listener.local_addr()?);
                return Ok(Self {
                    address,
                    socket: Socket::Tcp(listener),
                });
            }
        }
        Err(io::Error::other(format!(
            "No port from {} to {} is free on 127.0.0.1. Set PLUGIN_MIN_PORT and PLUGIN_MAX_PORT to another range.",
            ports.start(),
            ports.end()
        )))
    }

    /// The address for the handshake line.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Waits for the next connection.
    pub(super) async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        match &self.socket {
            #[cfg(unix)]
            Socket::Unix { listener, .. } => Ok(Box::new(listener.accept().await?.0)),
            Socket::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // Calls are small and wait for their responses.
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::{fs::Permissions, io, os::unix::fs::PermissionsExt as _, path::Path};

    use tokio::net::UnixListener;

    use super::{Address, Listener, Socket};

    /// The longest path on every system: `sun_path` has 108 bytes on Linux and 104 on macOS, with a final zero.
    const MAX_PATH_LENGTH: usize = 103;

    pub(super) fn bind(base: &Path) -> io::Result<Listener> {
        let base = std::path::absolute(base)?;
        // The directory is created with this mode: no other user can enter it at any time.
        let directory = tempfile::Builder::new()
            .prefix("plugin-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(base)?;
        let path = directory.path().join("socket");
        let length = path.as_os_str().len();
        if length > MAX_PATH_LENGTH {
            return Err(io::Error::other(format!(
                "the socket path must have at most {MAX_PATH_LENGTH} bytes, got {length} ({})",
                path.display()
            )));
        }
        // The handshake line is text with `|` between its fields.
        if path.to_str().is_none_or(|path| path.contains(['|', '\n'])) {
            return Err(io::Error::other(
                "the socket path must be UTF-8 without `|` and line ends",
            ));
        }
        let listener = UnixListener::bind(&path)?;
        Ok(Listener {
            address: Address::Unix(path),
            socket: Socket::Unix {
                listener,
                _directory: directory,
            },
        })
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn path(listener: &Listener) -> PathBuf {
        match listener.address() {
            Address::Unix(path) => path.clone(),
            Address::Tcp(address) => panic!("not a path: {address}"),
        }
    }

    #[tokio::test]
    async fn directory_is_private_and_removed_on_drop() {
        let base = tempfile::tempdir().unwrap();
        let listener = Listener::unix(Some(base.path().into())).unwrap();
        let directory = path(&listener).parent().unwrap().to_owned();
        assert_eq!(directory.parent().unwrap(), base.path());
        assert_eq!(directory.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        drop(listener);
        assert!(!directory.exists());
    }

    #[tokio::test]
    async fn too_long_path_is_an_error_and_leaves_no_files() {
        let base = tempfile::tempdir().unwrap();
        let deep = base.path().join("x".repeat(90));
        std::fs::create_dir(&deep).unwrap();
        let error = Listener::unix(Some(deep.clone())).unwrap_err().to_string();
        assert!(error.contains("at most 103 bytes"), "{error}");
        assert_eq!(std::fs::read_dir(&deep).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn loopback_binds_the_first_free_port() {
        let first = Listener::loopback(0..=0).await.unwrap();
        let Address::Tcp(taken) = first.address().clone() else {
            panic!("not a port")
        };
        assert!(taken.ip().is_loopback());
        let error = Listener::loopback(taken.port()..=taken.port())
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&format!("No port from {0} to {0} is free", taken.port())),
            "{error}"
        );
    }
}
