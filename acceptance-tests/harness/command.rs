//! A command of Terraform's: while it runs, and what it said once it has ended.

use std::io::Read;
use std::process::Child;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) command: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A command that is still running.
pub(crate) struct Running {
    command: String,
    process: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
}

impl Run {
    /// Passes the run on when it ended well; else shows all that it said.
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "this should succeed\n{self}");
        self
    }

    /// The contrary, with a text that the run must have said, however Terraform wrapped it.
    #[track_caller]
    pub(crate) fn fails_with(self, text: &str) -> Self {
        assert!(self.code != Some(0), "this should fail\n{self}");
        self.says(text)
    }

    /// Passes the run on when it said a text.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.words().contains(&unwrapped(text)),
            "this should say: {text}\n{self}"
        );
        self
    }

    #[track_caller]
    pub(crate) fn does_not_say(self, text: &str) -> Self {
        assert!(
            !self.words().contains(&unwrapped(text)),
            "this should not say: {text}\n{self}"
        );
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON: {error}\n{self}"))
    }

    /// The errors that a command with `-json` told, each as its summary and its detail on one line.
    pub(crate) fn errors(&self) -> Vec<String> {
        let told = self
            .stdout
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        told.filter(|line| line["@level"] == "error")
            .map(|line| {
                let part = |name: &str| line["diagnostic"][name].as_str().unwrap_or_default().to_owned();
                unwrapped(&format!("{}: {}", part("summary"), part("detail")))
            })
            .collect()
    }

    /// Words that are said only when the provider has died, or has answered what Terraform cannot take.
    pub(crate) fn sign_of_death(&self) -> Option<&'static str> {
        let words = self.words();
        SIGNS_OF_DEATH.into_iter().find(|sign| words.contains(sign))
    }

    /// Everything said, on one line.
    pub(crate) fn words(&self) -> String {
        unwrapped(&format!("{}\n{}", self.stdout, self.stderr))
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "$ {} -> {:?}", self.command, self.code)?;
        write!(f, "{}\n{}", self.stdout.trim_end(), self.stderr.trim_end())
    }
}

impl Running {
    pub(super) fn new(command: String, mut process: Child) -> Self {
        // Read while it runs: a full pipe would stop it.
        let stdout = process.stdout.take().map(reader);
        let stderr = process.stderr.take().map(reader);
        Self {
            command,
            process,
            stdout,
            stderr,
        }
    }

    /// Sends an interrupt to Terraform and to every process that it started, as Ctrl-C does.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        self.signal(rustix::process::Signal::INT);
    }

    /// Sends any signal to the whole group; a group that is gone is fine.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let group = i32::try_from(self.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw);
        let _ = rustix::process::kill_process_group(group.expect("a process has an id"), signal);
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Whether it has ended; never waits.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.process.try_wait().expect("a child can be asked").is_some()
    }

    /// Waits for the end, for as long as it takes.
    pub(crate) fn finish(mut self) -> Run {
        let code = self.process.wait().expect("a child can be waited for").code();
        let text = |reader: Option<JoinHandle<String>>| {
            reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
        };
        Run {
            command: std::mem::take(&mut self.command),
            code,
            stdout: text(self.stdout.take()),
            stderr: text(self.stderr.take()),
        }
    }

    /// Asks again and again until a condition holds; panics with what was said when it never does.
    pub(crate) fn wait_until(mut self, what: &str, mut condition: impl FnMut() -> bool) -> Self {
        let start = Instant::now();
        while !condition() {
            if self.has_ended() || start.elapsed() > PATIENCE {
                self.kill();
                panic!("it never came to pass that {what}\n{}", self.finish());
            }
            thread::sleep(Duration::from_millis(10));
        }
        self
    }

    fn kill(&mut self) {
        #[cfg(unix)]
        self.signal(rustix::process::Signal::KILL);
        #[cfg(not(unix))]
        let _ = self.process.kill();
    }
}

/// A story that fails in the middle leaves no Terraform behind.
impl Drop for Running {
    fn drop(&mut self) {
        if !self.has_ended() {
            self.kill();
            let _ = self.process.wait();
        }
    }
}

/// Collects what a pipe carries until its end.
fn reader(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Text without Terraform's frame and line breaks, so that a sentence is found whole.
fn unwrapped(text: &str) -> String {
    text.split_whitespace()
        .filter(|word| !matches!(*word, "│" | "╷" | "╵"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// How long a story waits for something in the middle of a run.
const PATIENCE: Duration = Duration::from_secs(30);
const SIGNS_OF_DEATH: [&str; 5] = [
    "panicked",
    "Plugin did not respond",
    "Provider produced",
    "crashed",
    "Request cancelled",
];
