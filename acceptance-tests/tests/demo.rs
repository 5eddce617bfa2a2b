//! The demo succeeds, and leaves no files or processes behind, also when it is interrupted.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::feature::Program;
use crate::harness::{Feature, requires};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn demo_runs_and_cleans_up() {
    let output = run_demo(Demo::start());
    let run_by = [
        "state           = \"SUCCEEDED\"",
        "10 of 10 tasks succeeded, 1 retried.",
    ];
    assert!(run_by.iter().any(|text| output.contains(text)), "{output}");
}

mod recent_terraform {
    use super::*;

    #[test]
    #[ignore = "needs terraform on the PATH; make test runs it"]
    fn demo_runs_action() {
        if !requires(Feature::Actions) {
            return;
        }
        let output = run_demo(Demo::start());
        for expected in [
            "The execution can use at most 40 GPU hours",
            "The execution succeeded",
            "Actions: 1 invoked.",
        ] {
            assert!(
                output.contains(expected),
                "the output lacks {expected:?}\n{output}"
            );
        }
    }
}

/// Runs the demo to its end and returns its output.
fn run_demo(mut demo: Demo) -> String {
    let output = demo.read_to_end();
    assert_eq!(demo.wait(), Some(0), "{output}");
    for expected in [
        "Unsupported number of vCPUs",
        "Invalid number",
        "Region without this GPU",
        "Requests sent to the API so far: 0.",
        "Plan: 1 to add, 0 to change, 0 to destroy.",
        "max_gpu_hours = 40",
        "No changes.",
        "1 changed, 0 destroyed.",
        "job.max_retries must be an integer between 0 and 10, got 11.",
        "jobs/media-demo-my-video-processor:run\"",
        "\"gpu_type\" = \"nvidia-rtx-pro-6000\"",
    ] {
        assert!(
            output.contains(expected),
            "the output lacks {expected:?}\n{output}"
        );
    }
    // Each part destroys its job.
    assert_eq!(output.matches("Destroy complete!").count(), 2, "{output}");
    output
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn interrupted_demo_cleans_up() {
    for command in ["init", "apply"] {
        let mut demo = Demo::start();
        demo.read_until(&format!("$ {} {command}", Program::under_test().command()));
        demo.signal(Signal::INT);
        let output = demo.read_to_end();
        assert_eq!(demo.wait(), Some(130), "{output}");
        assert!(output.contains("Interrupted"), "{output}");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn demo_reports_missing_terraform() {
    let run = Command::new(program())
        .env("PATH", "")
        .env_remove("FACETS_GPU_TERRAFORM")
        .output()
        .expect("the demo starts");
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains("neither terraform nor tofu is on the PATH"),
        "{stderr}"
    );
}

/// A running demo with its own temporary folder.
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

    /// Reads until a line contains a text.
    fn read_until(&mut self, text: &str) {
        while let Some(line) = self.line() {
            if line.contains(text) {
                return;
            }
        }
        panic!("the demo ended before it printed {text:?}");
    }

    fn read_to_end(&mut self) -> String {
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

    /// Waits for the end and returns the exit code. Asserts that no file and no emulator remains.
    fn wait(mut self) -> Option<i32> {
        let code = self.process.wait().expect("the demo ends").code();
        let remaining: Vec<_> = std::fs::read_dir(self.folder.path())
            .expect("the folder")
            .flatten()
            .collect();
        assert!(remaining.is_empty(), "files remain: {remaining:?}");
        let address = self.emulator.expect("the demo prints the emulator's address");
        assert!(
            TcpStream::connect(&address).is_err(),
            "the emulator still runs at {address}"
        );
        code
    }
}

/// The example's binary: tests are in `deps/`, examples in `examples/` next to it.
fn program() -> PathBuf {
    let here = std::env::current_exe().expect("the path of this test");
    here.ancestors()
        .nth(2)
        .expect("the folder of the profile")
        .join("examples/demo")
}
