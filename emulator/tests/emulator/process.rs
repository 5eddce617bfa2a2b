//! The emulator as a program: its first line, its flags, its end.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;

/// A started program and the address that it said.
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

    /// Sends a signal; what was written to stdout meanwhile, and how it ended.
    fn end(mut self, signal: &str) -> (String, ExitStatus) {
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

/// A test that fails leaves no program behind.
impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn it_says_one_line_and_ends_when_told() {
    for signal in ["-INT", "-TERM"] {
        let program = Program::start(&["--port", "0"]);
        let client = crate::harness::client();
        let jobs = format!("{}/v2/projects/p/locations/us-central1/jobs", program.address);
        // A connection that stays open must not hold it up.
        let response = client.get(jobs).bearer_auth("t").send().await.unwrap();
        assert_eq!(response.status(), 200);
        let (rest, status) = program.end(signal);
        assert_eq!((rest.as_str(), status.code()), ("", Some(0)), "{signal}");
    }
}

#[tokio::test]
async fn its_flags_are_heard() {
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
    program.end("-TERM");
    let lines = std::fs::read_to_string(log).unwrap();
    let statuses: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["status"].clone())
        .collect();
    assert_eq!(statuses, [502, 502, 401, 200]);
}

#[tokio::test]
async fn its_state_file_outlives_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let flags = ["--state", state.to_str().unwrap(), "--operation-time", "1ms"];
    let client = crate::harness::client();
    let program = Program::start(&flags);
    let jobs = |program: &Program| format!("{}/v2/projects/p/locations/us-central1/jobs", program.address);
    let made = client
        .post(format!("{}?jobId=render", jobs(&program)))
        .bearer_auth("t")
        .json(&crate::harness::job())
        .send()
        .await
        .unwrap();
    assert_eq!(made.status(), 200);
    let (_, status) = program.end("-KILL");
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
    program.end("-TERM");
    let text = std::fs::read_to_string(state).unwrap();
    assert!(!text.contains("render"), "a reset is kept too: {text}");
}

#[test]
fn a_state_file_that_is_none_is_left_alone() {
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
            .contains("is not a state file")
    );
    assert_eq!(std::fs::read_to_string(state).unwrap(), "precious");
}

#[tokio::test]
async fn it_listens_at_either_loopback_address_and_by_itself_nowhere_else() {
    // A machine may have no IPv6; then there is no such address to listen at, and that is said.
    let hosts = [
        ("127.0.0.1", true),
        ("::1", std::net::TcpListener::bind("[::1]:0").is_ok()),
    ];
    for (host, _) in hosts.iter().filter(|(_, there)| *there) {
        let program = Program::start(&["--host", host]);
        let told = if host.contains(':') {
            format!("http://[{host}]:")
        } else {
            format!("http://{host}:")
        };
        assert!(program.address.starts_with(&told), "{}", program.address);
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
async fn it_listens_for_other_machines_when_that_is_said() {
    let program = Program::start(&["--beyond-this-machine", "--host", "0.0.0.0"]);
    let port = program
        .address
        .strip_prefix("http://0.0.0.0:")
        .expect("the address");
    // An address of this machine that a listener at 127.0.0.1 alone does not answer at.
    let requests = format!("http://127.9.9.9:{port}/_emulator/requests");
    let response = crate::harness::client().get(requests).send().await.unwrap();
    assert_eq!(response.status(), 200);
}

#[test]
fn a_wrong_flag_is_told_on_stderr() {
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
