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
        CredentialsError::new("must be UTF-8 text, got other bytes, such as UTF-16 or a key in P12")
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
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]
    use super::*;

    #[tokio::test]
    async fn only_small_regular_text_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        let special = "must be a regular file, got a named pipe, a socket or a device";
        for (path, expected) in [
            (
                file("large", &vec![b'x'; MAX_SIZE as usize + 1]),
                "must be at most 1024 KiB, got more",
            ),
            // PowerShell's `>` writes UTF-16.
            (
                file("utf-16", b"\xff\xfe{\0}\0"),
                "must be UTF-8 text, got other bytes, such as UTF-16 or a key in P12",
            ),
            (
                folder.path().join("missing"),
                "No such file or directory (os error 2)",
            ),
            (
                folder.path().to_owned(),
                "must be a regular file, got a directory",
            ),
            (pipe, special),
            (link, special),
            (PathBuf::from("/dev/zero"), special),
        ] {
            assert_eq!(
                read(&path, &Redaction::default()).await.unwrap_err().to_string(),
                expected,
                "{}",
                path.display()
            );
        }
        let largest = file("largest", &vec![b'x'; MAX_SIZE as usize]);
        assert!(read(&largest, &Redaction::default()).await.is_ok());
        let path = file("marked", "\u{feff}text\n".as_bytes());
        assert_eq!(
            read(&path, &Redaction::default()).await.unwrap(),
            Secret::new("text\n")
        );
    }

    #[tokio::test(start_paused = true)]
    async fn hung_file_system_times_out() {
        let (release, hung) = std::sync::mpsc::channel::<()>();
        let reading = tokio::spawn(off_worker(move || {
            let _ = hung.recv();
            Ok(())
        }));
        tokio::task::yield_now().await;
        tokio::time::advance(MAX_TIME).await;
        let error = reading.await.unwrap().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the file system did not respond within 10 seconds"
        );
        drop(release);
    }
}
