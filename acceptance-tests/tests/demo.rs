//! The demo ends as it should, also when it is cut short, and leaves nothing behind.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_demo_tells_its_story_and_leaves_nothing() {
    let mut demo = Demo::start();
    let story = demo.rest();
    assert_eq!(demo.end(), Some(0), "{story}");
    for telling in [
        "Unsupported number of vCPUs",
        "Number out of range",
        "Region without this GPU",
        "Requests to Google so far: 0.",
        "Plan: 1 to add, 0 to change, 0 to destroy.",
        "max_gpu_hours = 40",
        "No changes.",
        "10 of 10 tasks succeeded",
        "1 changed, 0 destroyed.",
        "job.max_retries is a whole number from 0 to 10. It is 11.",
        "jobs/media-demo-my-video-processor:run\"",
        "\"gpu_type\" = \"nvidia-rtx-pro-6000\"",
    ] {
        assert!(story.contains(telling), "the story lacks {telling:?}\n{story}");
    }
    // Each act ends with what it began with: nothing.
    assert_eq!(story.matches("1 destroyed.").count(), 2, "{story}");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_demo_that_is_interrupted_leaves_nothing() {
    for command in ["$ terraform init", "$ terraform apply"] {
        let mut demo = Demo::start();
        demo.until(command);
        demo.signal(Signal::INT);
        let rest = demo.rest();
        assert_eq!(demo.end(), Some(130), "{rest}");
        assert!(rest.contains("Interrupted"), "{rest}");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_demo_without_terraform_says_what_is_missing() {
    let run = Command::new(program())
        .env("PATH", "")
        .env_remove("FACETS_GPU_TERRAFORM")
        .output()
        .expect("it runs");
    let told = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{told}");
    assert!(
        told.contains("neither terraform nor tofu is on the PATH"),
        "{told}"
    );
}

/// A running demo with a temporary folder of its own to look into afterwards.
struct Demo {
    process: Child,
    stdout: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
    emulator: Option<String>,
}

impl Demo {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut process = Command::new(program())
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "{}: {error}; run `cargo build --example demo`",
                    program().display()
                )
            });
        let stdout = BufReader::new(process.stdout.take().expect("a pipe"));
        Self {
            process,
            stdout,
            folder,
            emulator: None,
        }
    }

    /// Reads until a line that holds a text.
    fn until(&mut self, text: &str) {
        while let Some(line) = self.line() {
            if line.contains(text) {
                return;
            }
        }
        panic!("the demo ended before it said {text:?}");
    }

    fn rest(&mut self) -> String {
        std::iter::from_fn(|| self.line()).collect()
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("readable text");
        if let Some((_, rest)) = line.split_once("listens on http://") {
            self.emulator = rest.split(';').next().map(str::to_owned);
        }
        (!line.is_empty()).then_some(line)
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.process.id())
            .ok()
            .and_then(Pid::from_raw)
            .expect("a process id");
        kill_process(id, signal).expect("the demo runs");
    }

    /// The exit code; asserts that no file and no process is left.
    fn end(mut self) -> Option<i32> {
        let code = self.process.wait().expect("it ends").code();
        let left: Vec<_> = std::fs::read_dir(self.folder.path())
            .expect("the folder")
            .flatten()
            .collect();
        assert!(left.is_empty(), "files are left: {left:?}");
        let address = self.emulator.expect("the demo tells the emulator's address");
        assert!(
            TcpStream::connect(&address).is_err(),
            "the emulator still runs at {address}"
        );
        code
    }
}

/// The example's binary, in `examples/` beside the `deps/` of this test.
fn program() -> PathBuf {
    let here = std::env::current_exe().expect("a test is a file");
    here.ancestors()
        .nth(2)
        .expect("a folder of the profile")
        .join("examples/demo")
}
