//! Runs programs that print credentials: bounded in time and output, and killed with their children.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::time::timeout;

use crate::body_excerpt::start;
use crate::redaction::{Redaction, Secret};

/// The output and exit status of a program.
pub(super) struct Output {
    pub(super) printed: Secret,
    errors: Vec<u8>,
    status: ExitStatus,
}

/// Why a program has no output: a clause that follows its name.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProgramError {
    #[error("could not be started: {0}")]
    NotStarted(#[from] std::io::Error),
    #[error("must finish within {} seconds, and was killed with its child processes", .0.as_secs_f32())]
    TimedOut(Duration),
    #[error("must print at most {} KiB, got more", MAX_OUTPUT >> 10)]
    OutputTooLarge,
    #[error("must print UTF-8 text, got other bytes")]
    NotUtf8,
    #[error("failed: {0}")]
    Failed(String),
}

/// Runs a program to its end, without input or terminal, in a process group of its own.
pub(super) async fn run(
    mut command: Command,
    limit: Duration,
    redaction: &Redaction,
) -> Result<Output, ProgramError> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn()?;
    #[cfg(unix)]
    let mut group = group::Group::of(&child);
    let (mut output, mut errors) = (child.stdout.take(), child.stderr.take());
    let running = async {
        tokio::try_join!(
            async {
                let text = read(&mut output, MAX_OUTPUT + 1).await?;
                if text.len() as u64 > MAX_OUTPUT {
                    return Err(ProgramError::OutputTooLarge);
                }
                String::from_utf8(text).map_err(|_| ProgramError::NotUtf8)
            },
            async {
                let text = read(&mut errors, MAX_ERRORS).await?;
                // A full pipe would block the program.
                while !read(&mut errors, MAX_ERRORS).await?.is_empty() {}
                Ok(text)
            },
            async { Ok(child.wait().await?) },
        )
    };
    let (printed, errors, status) = timeout(limit, running)
        .await
        .map_err(|_| ProgramError::TimedOut(limit))??;
    #[cfg(unix)]
    group.keep();
    Ok(Output {
        printed: redaction.secret(printed),
        errors,
        status,
    })
}

impl Output {
    /// The output, unless the program failed.
    pub(super) fn ok(self, redaction: &Redaction) -> Result<Secret, ProgramError> {
        if self.status.success() {
            return Ok(self.printed);
        }
        let words = quote_message(&String::from_utf8_lossy(&self.errors), redaction);
        Err(ProgramError::Failed(format!("{}, {words}", self.status)))
    }
}

/// Quotes the message of a failed program, without words that may be tokens: such tokens are not known to the redaction.
pub(super) fn quote_message(text: &str, redaction: &Redaction) -> String {
    let is_word_char = |c: char| c.is_ascii_alphanumeric() || "-_+=~%".contains(c);
    // Names of variables are shown.
    let may_be_token =
        |word: &str| word.len() > MAX_WORD && !word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let mut shown = String::new();
    for part in redaction.redact(text).split_inclusive(|c| !is_word_char(c)) {
        let word = part.trim_end_matches(|c| !is_word_char(c));
        shown.push_str(if may_be_token(word) { "***" } else { word });
        shown.push_str(&part[word.len()..]);
    }
    match start(&shown) {
        words if words.is_empty() => "without a message".to_owned(),
        words => format!("{words:?}"),
    }
}

async fn read(pipe: &mut Option<impl AsyncRead + Unpin>, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(limit).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

#[cfg(unix)]
mod group {
    use rustix::process::{Pid, Signal, kill_process_group};
    use tokio::process::Child;

    /// The process group of a program, which is killed on drop.
    pub(super) struct Group(Option<Pid>);

    impl Group {
        pub(super) fn of(leader: &Child) -> Group {
            Group(leader.id().and_then(|id| Pid::from_raw(id.cast_signed())))
        }

        /// Does not kill the group on drop.
        pub(super) fn keep(&mut self) {
            self.0 = None;
        }
    }

    impl Drop for Group {
        fn drop(&mut self) {
            if let Some(leader) = self.0 {
                // It may have ended already.
                let _ = kill_process_group(leader, Signal::KILL);
            }
        }
    }
}

/// Credential programs print a kilobyte or two.
const MAX_OUTPUT: u64 = 1 << 20;
const MAX_ERRORS: u64 = 16 << 10;
/// Longer words may be tokens.
const MAX_WORD: usize = 20;

#[cfg(test)]
mod tests;
