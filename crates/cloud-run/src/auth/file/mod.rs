//! Reads files with credentials: only regular ones, bounded in time and size, and not on an async worker.
//!
//! A named pipe or a hung file system would otherwise block a worker for ever, and with it deadlines and signals; a device
//! such as `/dev/zero` would fill the memory.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::credentials_error::CredentialsError;
use crate::redaction::{Redaction, Secret};

/// Reads a small text file; its content is redacted from here on.
///
/// # Errors
/// If it cannot be read in time, is not a regular file, is too large, or is not text.
pub(super) async fn read(path: &Path, redaction: &Redaction) -> Result<Secret, CredentialsError> {
    let path = path.to_owned();
    let bytes = off_worker(move || read_regular(&path)).await?;
    let text = String::from_utf8(bytes).map_err(|_| {
        CredentialsError::new("must be UTF-8 text, got other bytes, such as UTF-16 or a P12 key")
    })?;
    // Editors on Windows begin UTF-8 with a byte order mark.
    Ok(redaction.secret(text.trim_start_matches('\u{feff}')))
}

/// Whether the path exists.
///
/// # Errors
/// If the file system does not respond.
pub(super) async fn exists(path: PathBuf) -> Result<bool, CredentialsError> {
    off_worker(move || Ok(path.exists())).await
}

/// Runs blocking work on a thread of its own, for a bounded time. A hung thread is left behind; it does not keep the
/// process from ending.
async fn off_worker<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, CredentialsError> {
    match timeout(MAX_TIME, spawn_blocking(work)).await {
        Ok(Ok(done)) => done.map_err(|error| CredentialsError::new(error.to_string())),
        Ok(Err(error)) => Err(CredentialsError::new(error.to_string())),
        Err(_) => Err(CredentialsError::new(format!(
            "the file system did not respond within {} seconds",
            MAX_TIME.as_secs()
        ))),
    }
}

fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let kind = std::fs::metadata(path)?;
    if !kind.is_file() {
        let found = if kind.is_dir() {
            "a directory"
        } else {
            "a named pipe, a socket or a device"
        };
        return Err(io::Error::other(format!("must be a regular file, got {found}")));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(io::Error::other(format!(
            "must be at most {} KiB, got more",
            MAX_SIZE >> 10
        )));
    }
    Ok(bytes)
}

/// Credential documents and subject tokens have a few kilobytes.
const MAX_SIZE: u64 = 1 << 20;
/// A working file system responds sooner.
const MAX_TIME: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
