//! Which files are read.
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
            "must be UTF-8 text, got other bytes, such as UTF-16 or a P12 key",
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
