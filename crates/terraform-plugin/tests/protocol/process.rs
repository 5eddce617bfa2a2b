//! The example provider as a child process, started as Terraform starts it.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use rustix::process::{Pid, Signal};
use rustls::pki_types::CertificateDer;
use tonic::transport::Channel;

use crate::{
    certificates,
    client::{self, Tls},
    example,
};

/// Far longer than anything here takes: a test that waits this long has failed.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);

/// How to start a provider. It inherits no environment variable.
pub(crate) struct Launch {
    variables: BTreeMap<&'static str, String>,
    arguments: Vec<&'static str>,
    descriptors: Option<u32>,
}

impl Launch {
    /// Without the variables that Terraform sets.
    pub(crate) fn manually() -> Self {
        Self {
            variables: BTreeMap::new(),
            arguments: Vec::new(),
            descriptors: None,
        }
    }

    /// With the variables that Terraform 1.11.4 sets.
    pub(crate) fn by_terraform() -> Self {
        Self::manually()
            .with(
                "TF_PLUGIN_MAGIC_COOKIE",
                "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
            )
            .with("PLUGIN_PROTOCOL_VERSIONS", "5,6")
            .with("PLUGIN_MIN_PORT", "10000")
            .with("PLUGIN_MAX_PORT", "25000")
            .with("PLUGIN_CLIENT_CERT", certificates::terraform_pem())
    }

    pub(crate) fn with(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.variables.insert(variable, value.into());
        self
    }

    pub(crate) fn without(mut self, variable: &str) -> Self {
        self.variables.remove(variable);
        self
    }

    pub(crate) fn argument(mut self, argument: &'static str) -> Self {
        self.arguments.push(argument);
        self
    }

    /// Limits the file descriptors of the process.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "only Linux counts descriptors")
    )]
    pub(crate) fn with_descriptors(mut self, limit: u32) -> Self {
        self.descriptors = Some(limit);
        self
    }

    pub(crate) fn command(&self) -> Command {
        let provider = example::provider();
        let mut command = Command::new(&provider);
        if let Some(limit) = self.descriptors {
            command = Command::new("/bin/sh");
            command.args(["-c", &format!("ulimit -n {limit} && exec \"$0\" \"$@\"")]);
            command.arg(&provider);
        }
        command
            .env_clear()
            .envs(&self.variables)
            .args(&self.arguments)
            .stdin(Stdio::null());
        command
    }

    /// Starts a process and reads its first line.
    pub(crate) fn start(&self) -> Process {
        let mut command = self.command();
        command.stderr(Stdio::piped());
        Process::from(command)
    }

    /// Runs a process that ends by itself, and returns its exit code, stdout and stderr.
    pub(crate) fn output(&self) -> (Option<i32>, String, String) {
        let output = self.command().output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }
}

/// A running provider, which is killed at the end of the test.
pub(crate) struct Process {
    pub(crate) child: Child,
    /// The first line on stdout.
    pub(crate) line: String,
    stdout: BufReader<ChildStdout>,
    stderr: Option<JoinHandle<String>>,
}

impl From<Command> for Process {
    fn from(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        // Read from the start: a full pipe would block the provider.
        let stderr = child.stderr.take().map(|mut stderr| {
            std::thread::spawn(move || {
                let mut text = String::new();
                stderr.read_to_string(&mut text).unwrap();
                text
            })
        });
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        Self {
            child,
            line,
            stdout,
            stderr,
        }
    }
}

impl Process {
    /// The fields of the handshake line.
    pub(crate) fn fields(&self) -> Vec<&str> {
        self.line
            .strip_suffix('\n')
            .expect("a whole line")
            .split('|')
            .collect()
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.fields()[3].into()
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        STANDARD_NO_PAD.decode(self.fields()[5]).unwrap().into()
    }

    /// A channel as Terraform opens it, with TLS if the handshake line has a certificate.
    pub(crate) async fn connect(&self) -> Channel {
        let tls =
            (!self.fields()[5].is_empty()).then(|| Tls::new(self.certificate(), certificates::terraform()));
        client::connect(&self.socket(), tls).await.unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        rustix::process::kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the process to end.
    pub(crate) async fn exit_status(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < TIMEOUT, "the process is still running");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The first line and those after it, up to one that contains `last`.
    pub(crate) fn lines_until(&mut self, last: &str) -> String {
        let mut text = self.line.clone();
        while !text.contains(last) {
            assert_ne!(self.stdout.read_line(&mut text).unwrap(), 0, "{text}");
        }
        text
    }

    /// Everything on stdout after the first line, once the process has ended.
    pub(crate) fn rest_of_stdout(&mut self) -> String {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        rest
    }

    /// Everything on stderr, if it is a pipe, once the process has ended.
    pub(crate) fn stderr(&mut self) -> String {
        self.stderr.take().unwrap().join().unwrap()
    }
}

impl Drop for Process {
    /// Kills a process that still runs, and removes its socket.
    fn drop(&mut self) {
        // These fail when the process has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(folder) = self
            .line
            .split('|')
            .nth(3)
            .and_then(|socket| Path::new(socket).parent())
        {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}
