//! A command of Terraform's: while it runs, and what it said once it has ended.

use std::io::Read;
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};
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
    stdout: Option<Pipe>,
    stderr: Option<Pipe>,
}

/// What has come through a pipe so far, and the thread that reads on.
struct Pipe {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
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

    /// The `import` blocks that errors have shown, as a user would copy them.
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
        let stdout = process.stdout.take().map(Pipe::read);
        let stderr = process.stderr.take().map(Pipe::read);
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

    /// Whether it has printed a text by now.
    pub(crate) fn has_said(&self, text: &str) -> bool {
        let mut pipes = [&self.stdout, &self.stderr].into_iter().flatten();
        pipes.any(|pipe| pipe.text().contains(text))
    }

    /// Waits for the end, for as long as it takes.
    pub(crate) fn finish(mut self) -> Run {
        let code = self.process.wait().expect("a child can be waited for").code();
        let text = |pipe: Option<Pipe>| pipe.map(Pipe::whole).unwrap_or_default();
        Run {
            command: std::mem::take(&mut self.command),
            code,
            stdout: text(self.stdout.take()),
            stderr: text(self.stderr.take()),
        }
    }

    /// Asks again and again until a condition holds; panics with what was said when it never does.
    pub(crate) fn wait_until(self, what: &str, mut condition: impl FnMut() -> bool) -> Self {
        self.wait_until_it(what, |_| condition())
    }

    /// The same for a condition of this command.
    pub(crate) fn wait_until_it(mut self, what: &str, mut condition: impl FnMut(&Self) -> bool) -> Self {
        let start = Instant::now();
        while !condition(&self) {
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

impl Pipe {
    /// Reads until the end, beside whatever else happens.
    fn read(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(count @ 1..) = pipe.read(&mut some) {
                let mut bytes = kept.lock().unwrap_or_else(PoisonError::into_inner);
                bytes.extend_from_slice(&some[..count]);
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

    /// All that has come through it, once it is closed.
    fn whole(mut self) -> String {
        let _ = self.reader.take().map(JoinHandle::join);
        self.text()
    }
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
