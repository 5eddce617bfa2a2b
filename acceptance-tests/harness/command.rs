//! A Terraform command while it runs, and its result.

use std::io::Read;
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The result of a command.
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
    stdout: Option<Pipe>,
    stderr: Option<Pipe>,
}

/// The bytes read from a pipe so far, and the thread that reads it.
struct Pipe {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Run {
    /// Asserts exit code 0.
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "the command should succeed\n{self}");
        self
    }

    /// Asserts a failure whose output contains a text, ignoring line breaks.
    #[track_caller]
    pub(crate) fn fails_with(self, text: &str) -> Self {
        assert!(self.code != Some(0), "the command should fail\n{self}");
        self.prints(text)
    }

    /// Asserts that the output contains a text, ignoring line breaks.
    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(
            self.output().contains(&unwrapped(text)),
            "the output should contain: {text}\n{self}"
        );
        self
    }

    #[track_caller]
    pub(crate) fn does_not_print(self, text: &str) -> Self {
        assert!(
            !self.output().contains(&unwrapped(text)),
            "the output should not contain: {text}\n{self}"
        );
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("invalid JSON: {error}\n{self}"))
    }

    /// The errors of a command run with `-json`, each as summary and detail on one line.
    pub(crate) fn errors(&self) -> Vec<String> {
        let lines = self
            .stdout
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines
            .filter(|line| line["@level"] == "error")
            .map(|line| {
                let part = |name: &str| line["diagnostic"][name].as_str().unwrap_or_default().to_owned();
                unwrapped(&format!("{}: {}", part("summary"), part("detail")))
            })
            .collect()
    }

    /// The `import` blocks in error messages, as a user would copy them.
    pub(crate) fn import_blocks(&self) -> Vec<String> {
        let lines = self
            .stderr
            .lines()
            .map(|line| line.trim_start_matches('│').trim());
        let mut blocks = Vec::new();
        let mut open: Option<String> = None;
        for line in lines {
            if line == "import {" {
                open = Some(String::new());
            }
            if let Some(block) = &mut open {
                block.push_str(line);
                block.push('\n');
                if line == "}" {
                    blocks.extend(open.take());
                }
            }
        }
        blocks
    }

    /// A text that Terraform prints only when the provider crashed or returned an invalid response.
    pub(crate) fn crash_message(&self) -> Option<&'static str> {
        let output = self.output();
        CRASH_MESSAGES
            .into_iter()
            .find(|message| output.contains(message))
    }

    /// stdout and stderr on one line.
    pub(crate) fn output(&self) -> String {
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
        // Read while it runs: a full pipe would block it.
        let stdout = process.stdout.take().map(Pipe::read);
        let stderr = process.stderr.take().map(Pipe::read);
        Self {
            command,
            process,
            stdout,
            stderr,
        }
    }

    /// Interrupts Terraform and all its child processes, as Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        self.signal(rustix::process::Signal::INT);
    }

    /// Sends a signal to the process group, if it still exists.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let group = i32::try_from(self.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw);
        let _ = rustix::process::kill_process_group(group.expect("a process has an id"), signal);
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Whether it has ended. Does not block.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.process.try_wait().expect("a child has a status").is_some()
    }

    /// Whether a text has been printed so far.
    pub(crate) fn has_printed(&self, text: &str) -> bool {
        let mut pipes = [&self.stdout, &self.stderr].into_iter().flatten();
        pipes.any(|pipe| pipe.text().contains(text))
    }

    /// Waits for the process to end.
    pub(crate) fn finish(mut self) -> Run {
        let code = self.process.wait().expect("a child has an exit status").code();
        let text = |pipe: Option<Pipe>| pipe.map(Pipe::finish).unwrap_or_default();
        Run {
            command: std::mem::take(&mut self.command),
            code,
            stdout: text(self.stdout.take()),
            stderr: text(self.stderr.take()),
        }
    }

    /// Polls until a condition holds. Panics with the output when the command ends or the time is over before.
    pub(crate) fn wait_until(self, what: &str, mut condition: impl FnMut() -> bool) -> Self {
        self.poll(what, |_| condition())
    }

    /// Polls until a text is printed.
    pub(crate) fn wait_until_printed(self, text: &str) -> Self {
        self.poll(&format!("it prints {text:?}"), |running| {
            running.has_printed(text)
        })
    }

    fn poll(mut self, what: &str, mut condition: impl FnMut(&Self) -> bool) -> Self {
        let start = Instant::now();
        while !condition(&self) {
            if self.has_ended() || start.elapsed() > WAIT_TIMEOUT {
                self.kill();
                panic!("timed out waiting until {what}\n{}", self.finish());
            }
            thread::sleep(Duration::from_millis(10));
        }
        self
    }

    fn kill(&mut self) {
        self.signal(rustix::process::Signal::KILL);
    }
}

/// A failing test leaves no process behind.
impl Drop for Running {
    fn drop(&mut self) {
        if !self.has_ended() {
            self.kill();
            let _ = self.process.wait();
        }
    }
}

impl Pipe {
    /// Starts reading until the end.
    fn read(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                let mut bytes = shared.lock().unwrap_or_else(PoisonError::into_inner);
                bytes.extend_from_slice(&buffer[..count]);
            }
        });
        Self {
            bytes,
            reader: Some(reader),
        }
    }

    fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Everything read, once the pipe is closed.
    fn finish(mut self) -> String {
        let _ = self.reader.take().map(JoinHandle::join);
        self.text()
    }
}

/// Text without Terraform's frame and line breaks.
fn unwrapped(text: &str) -> String {
    text.split_whitespace()
        .filter(|word| !matches!(*word, "│" | "╷" | "╵"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Timeout of [`Running::wait_until`].
const WAIT_TIMEOUT: Duration = Duration::from_secs(30);
const CRASH_MESSAGES: [&str; 5] = [
    "panicked",
    "Plugin did not respond",
    "Provider produced",
    "crashed",
    "Request cancelled",
];
