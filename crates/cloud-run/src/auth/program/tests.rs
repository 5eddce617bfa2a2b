//! Output, failure and end of programs.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use rustix::process::{Pid, test_kill_process};
use std::path::Path;
use std::time::Duration;
use tokio::process::Command;

use super::{ProgramError, quote_message, run};
use crate::redaction::Redaction;

const LIMIT: Duration = Duration::from_secs(60);

fn shell(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]);
    command
}

async fn error(script: &str) -> String {
    let output = run(shell(script), LIMIT, &Redaction::default()).await;
    output
        .and_then(|output| output.ok(&Redaction::default()))
        .unwrap_err()
        .to_string()
}

#[tokio::test]
async fn program_output_is_read() {
    let output = run(shell("cat; echo out; echo err >&2"), LIMIT, &Redaction::default())
        .await
        .unwrap();
    assert_eq!(output.ok(&Redaction::default()).unwrap().expose_secret(), "out\n");
}

#[tokio::test]
async fn failed_program_is_quoted_without_tokens() {
    assert_eq!(
        error("echo 'no session of eyJhbGciOi.their-token-that-is-redacted.sig' >&2; exit 3").await,
        r#"failed: exit status: 3, "no session of eyJhbGciOi.***.sig""#
    );
    assert_eq!(error("exit 1").await, "failed: exit status: 1, without a message");
    assert!(error("kill -TERM $$").await.starts_with("failed: signal: 15"), "");
    let error = run(Command::new("/nonexistent/program"), LIMIT, &Redaction::default())
        .await
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .starts_with("could not be started: No such file"),
        "{error}"
    );
}

#[tokio::test]
async fn endless_output_is_ended() {
    assert_eq!(
        error("cat /dev/zero").await,
        "must print at most 1024 KiB, got more"
    );
    assert_eq!(
        error(r"printf '\377'").await,
        "must print UTF-8 text, got other bytes"
    );
    // Stderr is read to its end and discarded.
    let error = error("head -c 10000000 /dev/zero >&2; exit 1").await;
    assert!(error.len() < 1000, "{error}");
}

/// Starts a program with endless children, two of them in the background; returns their process IDs.
async fn begun(folder: &Path, limit: Duration) -> (impl Future<Output = ProgramError>, Vec<Pid>) {
    let ids = folder.join("ids");
    let script = format!(
        "sleep 1000 & echo $! >> {ids}; (sleep 1000 & echo $! >> {ids}; wait) & echo $! >> {ids}; echo $$ >> {ids}; wait",
        ids = ids.display()
    );
    let mut running = Box::pin(async move {
        run(shell(&script), limit, &Redaction::default())
            .await
            .err()
            .unwrap()
    });
    let begun = async {
        loop {
            let text = std::fs::read_to_string(&ids).unwrap_or_default();
            if text.lines().count() == 4 && text.ends_with('\n') {
                return text;
            }
            tokio::task::yield_now().await;
        }
    };
    let text = tokio::select! {
        error = &mut running => panic!("{error}"),
        text = begun => text,
    };
    let ids = text.lines().map(|id| Pid::from_raw(id.parse().unwrap()).unwrap());
    (running, ids.collect())
}

/// Waits until none of them exists: init reaps orphans at some later time.
async fn all_ended(ids: Vec<Pid>) {
    for id in ids {
        while is_there(id) {
            tokio::task::yield_now().await;
        }
    }
}

/// Whether a process runs; a zombie does not.
fn is_there(id: Pid) -> bool {
    if test_kill_process(id).is_err() {
        return false;
    }
    match std::fs::read_to_string(format!("/proc/{}/stat", id.as_raw_nonzero())) {
        Ok(stat) => !stat.contains(") Z "),
        // It has ended, or this system has no such files.
        Err(_) => !Path::new("/proc/self/stat").exists(),
    }
}

#[tokio::test]
async fn hung_program_is_killed_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    // More than a slow machine needs to start four processes.
    let (running, ids) = begun(folder.path(), LIMIT).await;
    tokio::time::pause();
    tokio::time::advance(LIMIT).await;
    let error = running.await;
    tokio::time::resume();
    assert_eq!(
        error.to_string(),
        "must finish within 60 seconds, and was killed with its child processes"
    );
    all_ended(ids).await;
}

#[tokio::test]
async fn dropped_program_is_killed_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let (running, ids) = begun(folder.path(), LIMIT).await;
    drop(running);
    all_ended(ids).await;
}

#[test]
fn possible_tokens_are_left_out() {
    for (text, expected) in [
        ("", "without a message"),
        (" \n", "without a message"),
        ("no session\n  run: acme login", r#""no session run: acme login""#),
        (
            "token=ya29.a0AfB_byC-1234567890abcdefg, why",
            r#""token=ya29.***, why""#,
        ),
        (
            "/usr/lib/python3/site-packages/x.py: 403",
            r#""/usr/lib/python3/site-packages/x.py: 403""#,
        ),
        (
            "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
            r#""AWS_WEB_IDENTITY_TOKEN_FILE is not set""#,
        ),
        ("bearer c2VjcmV0LXNlY3JldC1zZWNyZXQ=", r#""bearer ***""#),
    ] {
        assert_eq!(quote_message(text, &Redaction::default()), expected, "{text}");
    }
}
