//! One working directory of Terraform and the commands run in it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Emulator, Installation, PROJECT, REGION, TOKEN, binaries};

/// A working directory. Commands run there with an environment that holds nothing of the machine's but the
/// PATH, so that no variable of a developer's changes a result.
pub(crate) struct Terraform {
    program: PathBuf,
    installation: Arc<Installation>,
    folder: tempfile::TempDir,
    environment: BTreeMap<String, String>,
}

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

impl Terraform {
    /// A fresh working directory, which ends with this value.
    pub(crate) fn new(installation: &Arc<Installation>) -> Result<Self, String> {
        let folder = tempfile::Builder::new()
            .prefix("work-")
            .tempdir_in(installation.folder());
        let folder = folder.map_err(|error| format!("cannot make a working directory: {error}"))?;
        let program = binaries::terraform()?;
        // Credentials of the machine's user must not be found either: their home is elsewhere.
        let home = folder.path().join("home");
        fs::create_dir(&home).map_err(|error| format!("cannot make a home: {error}"))?;
        let mut environment: BTreeMap<String, String> = [
            ("CHECKPOINT_DISABLE", "1".to_owned()),
            ("HOME", home.display().to_string()),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            (
                "TF_CLI_CONFIG_FILE",
                installation.cli_config().display().to_string(),
            ),
            ("TF_IN_AUTOMATION", "1".to_owned()),
            ("TF_INPUT", "0".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        // The one variable that a program may need to find its temporary folder.
        if let Ok(folder) = std::env::var("TMPDIR") {
            environment.insert("TMPDIR".to_owned(), folder);
        }
        Ok(Self {
            program,
            installation: Arc::clone(installation),
            folder,
            environment,
        })
    }

    /// Configures the provider by environment variables alone, as CI systems do.
    pub(crate) fn against(mut self, emulator: &Emulator) -> Self {
        self.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &emulator.endpoint());
        self.set("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN);
        self.set("GOOGLE_PROJECT", PROJECT);
        self.set("GOOGLE_REGION", REGION);
        self
    }

    pub(crate) fn set(&mut self, variable: &str, value: &str) {
        self.environment.insert(variable.to_owned(), value.to_owned());
    }

    pub(crate) fn unset(&mut self, variable: &str) {
        self.environment.remove(variable);
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the configuration, in place of one of the same name.
    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.folder.path().join(file), text).expect("the working directory takes files");
    }

    pub(crate) fn remove(&self, file: &str) {
        fs::remove_file(self.folder.path().join(file)).expect("there is such a file");
    }

    /// Takes over a configuration from another folder: its `.tf` files.
    pub(crate) fn copy_from(&self, folder: &Path) {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for path in entries.map(|entry| entry.expect("a readable folder").path()) {
            if path.extension().is_some_and(|extension| extension == "tf") {
                let name = path.file_name().expect("a file has a name");
                fs::copy(&path, self.folder.path().join(name)).expect("the file can be copied");
            }
        }
    }

    /// Any command; `-no-color` is added.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.start(arguments).finish()
    }

    /// Any command, not waited for.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let mut words = arguments.to_vec();
        // The subcommands of `state` know no such flag, and use no colour.
        if arguments.first().is_some_and(|command| *command != "state") {
            words.insert(1, "-no-color");
        }
        let mut command = Command::new(&self.program);
        command
            .args(&words)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A group of its own, so that a story can interrupt Terraform and its providers as a terminal would.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        // Read while it runs: a full pipe would stop it.
        let stdout = process.stdout.take().map(reader);
        let stderr = process.stderr.take().map(reader);
        Running {
            command: format!("terraform {}", arguments.join(" ")),
            process,
            stdout,
            stderr,
        }
    }

    pub(crate) fn init(&self) -> Run {
        self.run(&["init", "-input=false"])
    }

    pub(crate) fn validate(&self) -> Value {
        let run = self.run(&["validate", "-json"]);
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"))
    }

    pub(crate) fn apply(&self) -> Run {
        self.run(&["apply", "-auto-approve", "-input=false"])
    }

    pub(crate) fn destroy(&self) -> Run {
        self.run(&["destroy", "-auto-approve", "-input=false"])
    }

    pub(crate) fn plan(&self, more: &[&str]) -> Run {
        self.run(&[&["plan", "-input=false", "-detailed-exitcode"], more].concat())
    }

    /// The plan as Terraform tells it to programs.
    pub(crate) fn planned(&self) -> Value {
        self.run(&["plan", "-input=false", "-out=plan.tfplan"]).succeeds();
        self.run(&["show", "-json", "plan.tfplan"]).succeeds().json()
    }

    /// Asserts that a plan finds nothing to do, neither with what the state says nor with what Google says.
    pub(crate) fn has_nothing_to_do(&self) {
        for refresh in ["-refresh=false", "-refresh=true"] {
            let run = self.plan(&[refresh]);
            assert_eq!(run.code, Some(0), "the plan is not empty with {refresh}\n{run}");
        }
    }

    /// The values of a resource in the state, by an address such as `facets_gpu_cloudrun_job.render`.
    pub(crate) fn state_of(&self, address: &str) -> Option<Value> {
        let state = self.run(&["show", "-json"]).succeeds().json();
        let all = state["values"]["root_module"]["resources"].as_array()?.clone();
        all.into_iter()
            .find(|resource| resource["address"] == address)
            .map(|resource| resource["values"].clone())
    }

    /// The same where it must be there.
    pub(crate) fn state(&self, address: &str) -> Value {
        self.state_of(address)
            .unwrap_or_else(|| panic!("the state has no {address}"))
    }

    /// The state file as it lies on the disk; empty text when there is none.
    pub(crate) fn state_file(&self) -> String {
        fs::read_to_string(self.folder.path().join("terraform.tfstate")).unwrap_or_default()
    }

    pub(crate) fn output(&self, name: &str) -> Value {
        self.run(&["output", "-json", name]).succeeds().json()
    }
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
