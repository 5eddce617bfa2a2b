//! Programs that print credentials: run for a bounded time, with bounded output, and killed with all that they started.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::time::timeout;

use crate::body_excerpt::start;
use crate::redaction::{Redaction, Secret};

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
    NotStarted(#[from] std::io::Error),
    #[error("must end within {} seconds; it was killed with all that it had started", .0.as_secs_f32())]
    TimedOut(Duration),
    #[error("must print at most {} KiB, got more", MAX_OUTPUT >> 10)]
    OutputTooLarge,
    #[error("must print UTF-8 text, got other bytes")]
    NotUtf8,
    #[error("failed: {0}")]
    Failed(String),
}

/// Runs a program to its end. It receives no Ctrl-C, and has neither input nor a terminal.
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
    /// What it printed, unless it failed.
    pub(super) fn ok(self, redaction: &Redaction) -> Result<Secret, ProgramError> {
        if self.status.success() {
            return Ok(self.printed);
        }
        let words = quote_message(&String::from_utf8_lossy(&self.errors), redaction);
        Err(ProgramError::Failed(format!("{}, {words}", self.status)))
    }
}

/// What a program says of its failure, without words that may be tokens: programs print tokens above all when they fail,
/// and those are not known to the redaction.
pub(super) fn quote_message(text: &str, redaction: &Redaction) -> String {
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || "-_+=~%".contains(c);
    // Long, and not the name of a variable.
    let may_be_token =
        |word: &str| word.len() > MAX_WORD && !word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let mut shown = String::new();
    for part in redaction.redact(text).split_inclusive(|c| !is_of_word(c)) {
        let word = part.trim_end_matches(|c| !is_of_word(c));
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

    /// The process group of a program. It is killed when this is dropped, whatever has become of the program itself.
    pub(super) struct Group(Option<Pid>);

    impl Group {
        pub(super) fn of(leader: &Child) -> Group {
            Group(leader.id().and_then(|id| Pid::from_raw(id.cast_signed())))
        }

        /// Leaves the group alone from now on.
        pub(super) fn keep(&mut self) {
            self.0 = None;
        }
    }

    impl Drop for Group {
        fn drop(&mut self) {
            if let Some(leader) = self.0 {
                // It may have ended by itself.
                let _ = kill_process_group(leader, Signal::KILL);
            }
        }
    }
}

/// Credential programs print a kilobyte or two.
const MAX_OUTPUT: u64 = 1 << 20;
const MAX_ERRORS: u64 = 16 << 10;
/// Longer runs of letters and digits may be a token.
const MAX_WORD: usize = 20;

#[cfg(test)]
mod tests;
