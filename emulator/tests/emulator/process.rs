//! The program: its output, flags and exit.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;

/// A running program and the address that it printed.
struct Program {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    address: String,
}

impl Program {
    fn start(flags: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cloudrun-emulator"))
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line
            .strip_prefix("cloudrun-emulator listening on ")
            .and_then(|rest| rest.strip_suffix('\n'));
        let address = address.unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self {
            child,
            stdout,
            address,
        }
    }

    /// Sends a signal and waits; the remaining output and the exit status.
    fn stop(mut self, signal: &str) -> (String, ExitStatus) {
        let kill = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(kill.success());
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (rest, status)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn prints_one_line_and_exits_on_signal() {
    for signal in ["-INT", "-TERM"] {
        let program = Program::start(&["--port", "0"]);
        let client = crate::harness::client();
        let jobs = format!("{}/v2/projects/p/locations/us-central1/jobs", program.address);
        // An open connection must not delay the exit.
        let response = client.get(jobs).bearer_auth("t").send().await.unwrap();
        assert_eq!(response.status(), 200);
        let (rest, status) = program.stop(signal);
        assert_eq!((rest.as_str(), status.code()), ("", Some(0)), "{signal}");
    }
}

#[tokio::test]
async fn flags_take_effect() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.jsonl");
    let flags = [
        "--fault",
        "html-502=2",
        "--token",
        "t",
        "--latency",
        "1ms",
        "--log",
        log.to_str().unwrap(),
    ];
    let program = Program::start(&flags);
    let jobs = format!("{}/v2/projects/p/locations/us-central1/jobs", program.address);
    for (token, status) in [("t", 502), ("t", 502), ("u", 401), ("t", 200)] {
        let response = crate::harness::client()
            .get(&jobs)
            .bearer_auth(token)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status);
    }
    program.stop("-TERM");
    let lines = std::fs::read_to_string(log).unwrap();
    let statuses: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["status"].clone())
        .collect();
    assert_eq!(statuses, [502, 502, 401, 200]);
}

#[tokio::test]
async fn state_file_survives_kill() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let flags = ["--state", state.to_str().unwrap(), "--operation-time", "1ms"];
    let client = crate::harness::client();
    let program = Program::start(&flags);
    let jobs = |program: &Program| format!("{}/v2/projects/p/locations/us-central1/jobs", program.address);
    let created = client
        .post(format!("{}?jobId=render", jobs(&program)))
        .bearer_auth("t")
        .json(&crate::harness::job())
        .send()
        .await
        .unwrap();
    assert_eq!(created.status(), 200);
    let (_, status) = program.stop("-KILL");
    assert!(!status.success());

    let program = Program::start(&flags);
    let found = client
        .get(format!("{}/render", jobs(&program)))
        .bearer_auth("t")
        .send()
        .await
        .unwrap();
    assert_eq!(found.status(), 200);
    let reset = format!("{}/_emulator/reset", program.address);
    assert_eq!(client.post(reset).send().await.unwrap().status(), 200);
    program.stop("-TERM");
    let text = std::fs::read_to_string(state).unwrap();
    assert!(!text.contains("render"), "reset changes the file: {text}");
}

#[test]
fn other_file_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("precious.txt");
    std::fs::write(&state, "precious").unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_cloudrun-emulator"))
        .arg("--state")
        .arg(&state)
        .output();
    let output = program.unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("must be a state file")
    );
    assert_eq!(std::fs::read_to_string(state).unwrap(), "precious");
}

#[tokio::test]
async fn listens_on_loopback_by_default() {
    // A machine may have no IPv6.
    let hosts = [
        ("127.0.0.1", true),
        ("::1", std::net::TcpListener::bind("[::1]:0").is_ok()),
    ];
    for (host, _) in hosts.iter().filter(|(_, available)| *available) {
        let program = Program::start(&["--host", host]);
        let expected = if host.contains(':') {
            format!("http://[{host}]:")
        } else {
            format!("http://{host}:")
        };
        assert!(program.address.starts_with(&expected), "{}", program.address);
        let requests = format!("{}/_emulator/requests", program.address);
        assert_eq!(
            crate::harness::client()
                .get(requests)
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
    }
    let program = Program::start(&[]);
    assert!(
        program.address.starts_with("http://127.0.0.1:"),
        "{}",
        program.address
    );
}

#[tokio::test]
async fn beyond_this_machine_allows_any_address() {
    let program = Program::start(&["--beyond-this-machine", "--host", "0.0.0.0"]);
    let port = program
        .address
        .strip_prefix("http://0.0.0.0:")
        .expect("the address");
    // A loopback address that a listener on 127.0.0.1 does not accept.
    let requests = format!("http://127.9.9.9:{port}/_emulator/requests");
    let response = crate::harness::client().get(requests).send().await.unwrap();
    assert_eq!(response.status(), 200);
}

#[test]
fn invalid_flags_reported_on_stderr() {
    for flags in [
        &["--host", "0.0.0.0"][..],
        &["--host", "::"],
        &["--host", "10.0.0.1"],
        &["--host", "localhost"],
        &["--fault", "earthquake"],
        &["--operation-time", "soon"],
        &["--port", "high"],
        &["--log", "/nowhere/at/all"],
        &["--state", "/nowhere/at/all"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_cloudrun-emulator"))
            .args(flags)
            .output()
            .unwrap();
        assert!(!output.status.success(), "{flags:?}");
        assert!(!output.stderr.is_empty(), "{flags:?}");
        assert!(output.stdout.is_empty(), "{flags:?}");
    }
}
