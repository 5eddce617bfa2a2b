//! Files with credentials: read off the async workers, in bounded time and size, and only when they are regular.
//!
//! A named pipe, a terminal or a file system that is gone would otherwise hold a worker for ever, and with it every
//! deadline, Ctrl-C and SIGTERM; a device such as `/dev/zero` would fill the memory.

use std::fs::{File, FileType, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::cloudrun::Secret;

/// Why a file cannot be read, without a word of what is in it.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it must be a regular file, got {0}")]
    NotRegular(&'static str),
    #[error("it must be at most {} KiB, got more", MAX_SIZE >> 10)]
    TooLarge,
    #[error("it must be UTF-8 text, got other bytes, such as UTF-16 or a key in P12")]
    NotText,
    #[error("its file system did not respond within {} seconds", MAX_TIME.as_secs())]
    TimedOut,
}

/// Reads a small text file; its content is secret from here on.
///
/// # Errors
/// When it cannot be opened or read in time, is not a regular file, is too large, or is not text.
pub(super) async fn read(path: &Path) -> Result<Secret, FileError> {
    let path = path.to_owned();
    off_worker(move || read_regular(&path)).await
}

/// Whether there is something at this path that may be looked at.
///
/// # Errors
/// When the file system does not respond.
pub(super) async fn exists(path: &Path) -> Result<bool, FileError> {
    let path = path.to_owned();
    off_worker(move || Ok(path.exists())).await
}

/// Does work that may block on a thread of its own, and waits for it only so long. A thread that hangs is left behind;
/// it keeps neither the runtime nor the process from ending.
async fn off_worker<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, FileError> {
    match timeout(MAX_TIME, spawn_blocking(work)).await {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => Err(io::Error::other(error).into()),
        Err(_) => Err(FileError::TimedOut),
    }
}

fn read_regular(path: &Path) -> Result<Secret, FileError> {
    // Before it is opened, since opening a device may do something; and after, since it may be another file by then.
    check_type(std::fs::metadata(path)?.file_type())?;
    let file = open(path)?;
    check_type(file.metadata()?.file_type())?;
    let mut bytes = Vec::new();
    file.take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(FileError::TooLarge);
    }
    let text = String::from_utf8(bytes).map_err(|_| FileError::NotText)?;
    // Editors on Windows begin UTF-8 with a byte order mark, which is no part of the text.
    Ok(Secret::new(text.strip_prefix('\u{feff}').unwrap_or(&text)))
}

/// Opens a file, and does not wait for the other end of a named pipe.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    options.open(path)
}

fn check_type(file_type: FileType) -> Result<(), FileError> {
    if file_type.is_file() {
        Ok(())
    } else {
        Err(FileError::NotRegular(type_name(file_type)))
    }
}

fn type_name(file_type: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if file_type.is_fifo() {
            return "a named pipe";
        }
        if file_type.is_socket() {
            return "a socket";
        }
        if file_type.is_char_device() || file_type.is_block_device() {
            return "a device";
        }
    }
    if file_type.is_dir() {
        "a directory"
    } else {
        "something else"
    }
}

/// Credential documents have some kilobytes, and so have the largest subject tokens.
const MAX_SIZE: u64 = 1 << 20;
/// A file system that responds at all does so sooner.
const MAX_TIME: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]
    use super::*;

    async fn error(path: &Path) -> String {
        read(path).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn a_small_text_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "\u{feff}text\n").unwrap();
        assert_eq!(read(&path).await.unwrap(), Secret::new("text\n"));
        assert!(exists(&path).await.unwrap());
        std::fs::write(&path, vec![b'x'; MAX_SIZE as usize]).unwrap();
        assert!(read(&path).await.is_ok());
    }

    #[tokio::test]
    async fn a_file_that_is_too_large_or_no_text_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, vec![b'x'; MAX_SIZE as usize + 1]).unwrap();
        assert_eq!(error(&path).await, "it must be at most 1024 KiB, got more");
        // PowerShell's `>` writes UTF-16.
        std::fs::write(&path, b"\xff\xfe{\0}\0").unwrap();
        assert_eq!(
            error(&path).await,
            "it must be UTF-8 text, got other bytes, such as UTF-16 or a key in P12"
        );
        std::fs::remove_file(&path).unwrap();
        assert!(error(&path).await.starts_with("No such file"));
        assert!(!exists(&path).await.unwrap());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_is_no_regular_file_is_named_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        for (path, found) in [
            (pipe.as_path(), "a named pipe"),
            (link.as_path(), "a named pipe"),
            (socket.as_path(), "a socket"),
            (Path::new("/dev/zero"), "a device"),
            (folder.path(), "a directory"),
        ] {
            assert_eq!(
                error(path).await,
                format!("it must be a regular file, got {found}")
            );
        }
        // One that becomes a pipe between the look at it and its opening does not block either.
        let opened = open(&pipe).unwrap().metadata().unwrap();
        assert!(check_type(opened.file_type()).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_system_that_hangs_is_given_up() {
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
            "its file system did not respond within 10 seconds"
        );
        drop(release);
    }
}
