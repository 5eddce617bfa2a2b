//! One working directory of Terraform and the commands run in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::Value;

use super::command::{Run, Running};
use super::{Emulator, Installation, PROJECT, REGION, TOKEN, binaries};

/// A working directory. Commands run there with an environment that holds nothing of the machine's but the
/// PATH, so that no variable of a developer's changes a result.
pub(crate) struct Terraform {
    program: PathBuf,
    installation: Arc<Installation>,
    folder: tempfile::TempDir,
    /// Where commands run: the folder, or one in it.
    directory: PathBuf,
    environment: BTreeMap<String, String>,
}

impl Terraform {
    /// A fresh working directory, which ends with this value.
    pub(crate) fn new(installation: &Arc<Installation>) -> Result<Self, String> {
        Self::driving(binaries::terraform()?, installation)
    }

    /// The same for another Terraform than that of the PATH, such as `1.15`.
    pub(crate) fn newer(version: &str, installation: &Arc<Installation>) -> Result<Self, String> {
        Self::driving(binaries::newer_terraform(version)?, installation)
    }

    fn driving(program: PathBuf, installation: &Arc<Installation>) -> Result<Self, String> {
        let folder = tempfile::Builder::new()
            .prefix("work-")
            .tempdir_in(installation.folder());
        let folder = folder.map_err(|error| format!("cannot make a working directory: {error}"))?;
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
            directory: folder.path().to_owned(),
            folder,
            environment,
        })
    }

    /// Configures the provider by environment variables alone, as CI systems do.
    pub(crate) fn against(mut self, emulator: &Emulator) -> Self {
        self.turn_to(emulator);
        self
    }

    /// The same for a directory that has had another emulator.
    pub(crate) fn turn_to(&mut self, emulator: &Emulator) {
        self.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &emulator.endpoint());
        self.set("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN);
        self.set("GOOGLE_PROJECT", PROJECT);
        self.set("GOOGLE_REGION", REGION);
    }

    /// Drives another Terraform in the same directory from now on.
    pub(crate) fn turn_into(&mut self, version: &str) {
        self.program = binaries::newer_terraform(version).unwrap_or_else(|reason| panic!("{reason}"));
    }

    pub(crate) fn set(&mut self, variable: &str, value: &str) {
        self.environment.insert(variable.to_owned(), value.to_owned());
    }

    pub(crate) fn unset(&mut self, variable: &str) {
        self.environment.remove(variable);
    }

    pub(crate) fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.directory
    }

    /// Goes on in a folder of this one, for configurations that refer to their neighbours.
    pub(crate) fn enter(&mut self, folder: &str) {
        self.directory.push(folder);
    }

    /// Writes a file of the configuration, in place of one of the same name.
    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.directory.join(file), text).expect("the working directory takes files");
    }

    pub(crate) fn remove(&self, file: &str) {
        fs::remove_file(self.directory.join(file)).expect("there is such a file");
    }

    /// Takes over a configuration from another folder: its `.tf` files.
    pub(crate) fn copy_from(&self, folder: &Path) {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for path in entries.map(|entry| entry.expect("a readable folder").path()) {
            if path.extension().is_some_and(|extension| extension == "tf") {
                let name = path.file_name().expect("a file has a name");
                fs::copy(&path, self.directory.join(name)).expect("the file can be copied");
            }
        }
    }

    /// Any command; `-no-color` is added.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.start(arguments).finish()
    }

    /// Any command, with more variables than the others get.
    pub(crate) fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
        self.start_with(variables, arguments).finish()
    }

    /// Any command, not waited for.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        self.start_with(&[], arguments)
    }

    fn start_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Running {
        let mut words = arguments.to_vec();
        // The subcommands of `state` and `workspace` take no such flag in its place.
        if arguments
            .first()
            .is_some_and(|command| !matches!(*command, "state" | "workspace"))
        {
            words.insert(1, "-no-color");
        }
        let mut command = Command::new(&self.program);
        command
            .args(&words)
            .current_dir(&self.directory)
            .env_clear()
            .envs(&self.environment)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A group of its own, so that a story can interrupt Terraform and its providers as a terminal would.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let process = command
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        Running::new(format!("terraform {}", arguments.join(" ")), process)
    }

    /// Whether this is Terraform of at least one version, or OpenTofu of at least the other.
    pub(crate) fn is_at_least(&self, terraform: (u32, u32), tofu: (u32, u32)) -> bool {
        let version = self.run(&["version"]).succeeds().stdout;
        let (name, number) = version.split_once(" v").expect("a name and a version");
        let mut numbers = number.split('.').map_while(|number| number.parse().ok());
        let this: (u32, u32) = (
            numbers.next().expect("a major version"),
            numbers.next().expect("a minor version"),
        );
        this >= if name == "OpenTofu" { tofu } else { terraform }
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

    /// Adds the `import` blocks that a run has shown to the configuration, each with the address of the job of that name in
    /// place of the placeholder. They stand in a file of their own, [`IMPORTS`].
    pub(crate) fn write_imports(&self, run: &Run, address: impl Fn(&str) -> String) {
        let blocks = run.import_blocks();
        let blocks = blocks.iter().map(|block| {
            let id = block.split('"').nth(1).unwrap_or_else(|| panic!("no id\n{run}"));
            let name = id.rsplit('/').next().unwrap_or_default();
            block.replace("facets_gpu_cloudrun_job.NAME", &address(name))
        });
        self.write(IMPORTS, &blocks.collect::<String>());
    }

    /// Applies until the configuration is fulfilled. Where Terraform has lost a job that exists, that is two applies: the
    /// first fails and shows an `import` block, the second has that block.
    pub(crate) fn apply_or_import(&self, address: impl Fn(&str) -> String) {
        let run = self.apply();
        if run.code != Some(0) {
            let run = run.says("already exists").says("import {");
            self.write_imports(&run, address);
            self.apply().succeeds();
            self.remove(IMPORTS);
        }
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
        find(&state["values"]["root_module"], address)
    }

    /// The same where it must be there.
    pub(crate) fn state(&self, address: &str) -> Value {
        self.state_of(address)
            .unwrap_or_else(|| panic!("the state has no {address}"))
    }

    /// The state file as it lies on the disk; empty text when there is none.
    pub(crate) fn state_file(&self) -> String {
        fs::read_to_string(self.directory.join("terraform.tfstate")).unwrap_or_default()
    }

    pub(crate) fn output(&self, name: &str) -> Value {
        self.run(&["output", "-json", name]).succeeds().json()
    }
}

/// The file of `import` blocks.
pub(crate) const IMPORTS: &str = "imports.tf";

/// The values of a resource in a module or in one that it calls.
fn find(module: &Value, address: &str) -> Option<Value> {
    let mut resources = module["resources"].as_array().into_iter().flatten();
    let mut called = module["child_modules"].as_array().into_iter().flatten();
    resources
        .find(|resource| resource["address"] == address)
        .map(|resource| resource["values"].clone())
        .or_else(|| called.find_map(|module| find(module, address)))
}
