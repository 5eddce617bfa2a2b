//! Programs that print credentials: run for a bounded time, with bounded output, and ended with all that they started.

use rustix::process::{Pid, Signal, kill_process_group};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::time::timeout;

use crate::cloudrun::Secret;
use crate::cloudrun::foreign::start;
use crate::cloudrun::secret::redacted;

/// What a program has printed, and how it ended.
pub(super) struct Output {
    pub(super) printed: Secret,
    errors: Vec<u8>,
    status: ExitStatus,
}

/// Why a program has no output: a clause that follows its name.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProgramError {
    #[error("cannot be run: {0}")]
    NotRun(#[source] std::io::Error),
    #[error("must end within {} seconds, and did not; it was ended with all that it had started", .0.as_secs_f32())]
    TimedOut(Duration),
    #[error("must print at most {} KiB, got more", MAX_OUTPUT >> 10)]
    TooMuch,
    #[error("must print UTF-8 text, got other bytes")]
    NotText,
    #[error("failed: {0}")]
    Failed(String),
}

/// Runs a program to its end. It hears no Ctrl-C, and has no terminal to ask at.
pub(super) async fn run(mut command: Command, limit: Duration) -> Result<Output, ProgramError> {
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(ProgramError::NotRun)?;
    let mut group = Group(child.id().and_then(|id| Pid::from_raw(id.cast_signed())));
    let (mut output, mut errors) = (child.stdout.take(), child.stderr.take());
    let running = async {
        tokio::try_join!(
            async {
                let text = read(&mut output, MAX_OUTPUT + 1).await?;
                if text.len() as u64 > MAX_OUTPUT {
                    return Err(ProgramError::TooMuch);
                }
                String::from_utf8(text).map_err(|_| ProgramError::NotText)
            },
            async {
                let text = read(&mut errors, MAX_ERRORS).await?;
                // A pipe that is full would stop the program.
                while !read(&mut errors, MAX_ERRORS).await?.is_empty() {}
                Ok(text)
            },
            async { child.wait().await.map_err(ProgramError::NotRun) },
        )
    };
    let (printed, errors, status) = timeout(limit, running)
        .await
        .map_err(|_| ProgramError::TimedOut(limit))??;
    group.0 = None;
    Ok(Output {
        printed: Secret::new(printed),
        errors,
        status,
    })
}

impl Output {
    /// What it printed, unless it failed.
    pub(super) fn ok(self) -> Result<Secret, ProgramError> {
        if self.status.success() {
            return Ok(self.printed);
        }
        let words = quoted(&String::from_utf8_lossy(&self.errors));
        Err(ProgramError::Failed(format!("{}, {words}", self.status)))
    }
}

/// What a program says of its failure, for a message. Programs print tokens that are known to nobody else, above all where
/// they fail: words that may be one are left out.
pub(super) fn quoted(text: &str) -> String {
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || "-_+=~%".contains(c);
    let mut shown = String::new();
    for part in redacted(text).split_inclusive(|c| !is_of_word(c)) {
        let word = part.trim_end_matches(|c| !is_of_word(c));
        shown.push_str(if may_be_token(word) { "***" } else { word });
        shown.push_str(&part[word.len()..]);
    }
    match start(&shown) {
        words if words.is_empty() => "without a word".to_owned(),
        words => format!("{words:?}"),
    }
}

/// Long, and not the name of a variable.
fn may_be_token(word: &str) -> bool {
    word.len() > LONGEST_WORD && !word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

async fn read(pipe: &mut Option<impl AsyncRead + Unpin>, limit: u64) -> Result<Vec<u8>, ProgramError> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        let read = pipe.take(limit).read_to_end(&mut bytes).await;
        read.map_err(ProgramError::NotRun)?;
    }
    Ok(bytes)
}

/// The process group of a program, which is ended with it, whatever has become of the program itself.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // It may have ended by itself.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

/// Credential programs print a kilobyte or two.
const MAX_OUTPUT: u64 = 1 << 20;
const MAX_ERRORS: u64 = 16 << 10;
/// Longer runs of letters and digits may be a token; tokens are longer than words.
const LONGEST_WORD: usize = 20;

#[cfg(test)]
mod tests;
