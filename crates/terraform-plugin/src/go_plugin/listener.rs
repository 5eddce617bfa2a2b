//! Where Terraform connects: a Unix socket that only its user can reach, or loopback where there are none.

use std::{io, ops::RangeInclusive, path::PathBuf};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};

pub use super::address::Address;
use super::handshake::HandshakeConfig;

/// A bound socket. Dropping it removes everything that it left on disk.
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
        _folder: tempfile::TempDir,
    },
    Tcp(TcpListener),
}

/// A byte stream of either kind.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for S {}

impl Listener {
    /// Binds as the host wishes. Like the others, must be called inside a tokio runtime.
    pub async fn bind(config: &HandshakeConfig) -> io::Result<Self> {
        #[cfg(unix)]
        return Self::unix(config.socket_dir.clone());
        #[cfg(not(unix))]
        return Self::loopback(config.ports.clone()).await;
    }

    /// Binds a socket in a fresh folder below `wanted`, or below the usual places for temporary files.
    #[cfg(unix)]
    pub fn unix(wanted: Option<PathBuf>) -> io::Result<Self> {
        let (bases, way_out) = match wanted {
            // Perhaps because host and plugin share no other folder: nothing else will do.
            Some(folder) => (
                vec![folder],
                "PLUGIN_UNIX_SOCKET_DIR must name a folder with a short path",
            ),
            // TMPDIR may be too long for a socket address, or not writable.
            None => (
                vec![std::env::temp_dir(), PathBuf::from("/tmp")],
                "Set TMPDIR to a folder with a short path",
            ),
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
            "No folder takes the socket on which Terraform meets this provider. Tried: {}. {way_out} that you can \
             write to.",
            failures.join("; ")
        )))
    }

    /// Binds the first free port of `ports` on the loopback interface.
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
            "No port from {} to {} is free on 127.0.0.1, and Terraform meets this provider on one of them. Free one, \
             or set PLUGIN_MIN_PORT and PLUGIN_MAX_PORT to another range.",
            ports.start(),
            ports.end()
        )))
    }

    /// What goes into the handshake line.
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
                // Calls are small and wait for their answers.
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

    /// The longest path that every system takes: `sun_path` has 108 bytes on Linux and 104 on macOS, one of them
    /// for the final zero.
    const LONGEST_ADDRESS: usize = 103;

    pub(super) fn bind(base: &Path) -> io::Result<Listener> {
        let base = std::path::absolute(base)?;
        // The mode is given to the folder as it is made: at no time can another user enter it.
        let folder = tempfile::Builder::new()
            .prefix("plugin-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(base)?;
        let path = folder.path().join("socket");
        let length = path.as_os_str().len();
        if length > LONGEST_ADDRESS {
            return Err(io::Error::other(format!(
                "a socket address may have {LONGEST_ADDRESS} bytes, and {} would have {length}",
                path.display()
            )));
        }
        // The handshake line is text, and a bar parts its fields.
        if path.to_str().is_none_or(|path| path.contains(['|', '\n'])) {
            return Err(io::Error::other("a socket address must be UTF-8 without `|`"));
        }
        let listener = UnixListener::bind(&path)?;
        Ok(Listener {
            address: Address::Unix(path),
            socket: Socket::Unix {
                listener,
                _folder: folder,
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
    async fn only_its_user_enters_the_folder_and_it_goes_with_the_listener() {
        let base = tempfile::tempdir().unwrap();
        let listener = Listener::unix(Some(base.path().into())).unwrap();
        let folder = path(&listener).parent().unwrap().to_owned();
        assert_eq!(folder.parent().unwrap(), base.path());
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        drop(listener);
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn a_folder_that_is_too_deep_is_refused_and_left_clean() {
        let base = tempfile::tempdir().unwrap();
        let deep = base.path().join("x".repeat(90));
        std::fs::create_dir(&deep).unwrap();
        let error = Listener::unix(Some(deep.clone())).unwrap_err().to_string();
        assert!(error.contains("may have 103 bytes"), "{error}");
        assert_eq!(std::fs::read_dir(&deep).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn loopback_takes_the_first_free_port_of_the_range() {
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
