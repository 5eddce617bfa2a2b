//! A Terraform working directory and the commands run in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::Value;

use super::command::{Run, Running};
use super::feature::Program;
use super::{Emulator, Installation, PROJECT, REGION, TOKEN, binaries};

/// A temporary working directory. Of the environment, commands only inherit the PATH and TMPDIR.
pub(crate) struct Terraform {
    program: PathBuf,
    installation: Arc<Installation>,
    folder: tempfile::TempDir,
    /// Where commands run: the folder or a subfolder.
    directory: PathBuf,
    environment: BTreeMap<String, String>,
}

impl Terraform {
    /// A new working directory.
    pub(crate) fn new(installation: &Arc<Installation>) -> Result<Self, String> {
        let program = binaries::terraform()?;
        let folder = tempfile::Builder::new()
            .prefix("work-")
            .tempdir_in(installation.folder());
        let folder = folder.map_err(|error| format!("cannot create a working directory: {error}"))?;
        // An empty home, so that the user's own credentials are not found.
        let home = folder.path().join("home");
        fs::create_dir(&home).map_err(|error| format!("cannot create a home: {error}"))?;
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

    /// Configures the provider for an emulator by environment variables.
    pub(crate) fn with_emulator(mut self, emulator: &Emulator) -> Self {
        self.use_emulator(emulator);
        self
    }

    /// As [`with_emulator`](Self::with_emulator), for an existing working directory.
    pub(crate) fn use_emulator(&mut self, emulator: &Emulator) {
        self.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &emulator.endpoint());
        self.set("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN);
        self.set("GOOGLE_PROJECT", PROJECT);
        self.set("GOOGLE_REGION", REGION);
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

    /// Runs further commands in a subfolder.
    pub(crate) fn change_directory(&mut self, folder: &str) {
        self.directory.push(folder);
    }

    /// Writes or replaces a file.
    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.directory.join(file), text).expect("the working directory is writable");
    }

    pub(crate) fn remove(&self, file: &str) {
        fs::remove_file(self.directory.join(file)).expect("the file exists");
    }

    /// Copies the `.tf` files of a folder.
    pub(crate) fn copy_from(&self, folder: &Path) {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for path in entries.map(|entry| entry.expect("a readable folder").path()) {
            if path.extension().is_some_and(|extension| extension == "tf") {
                let name = path.file_name().expect("a file has a name");
                fs::copy(&path, self.directory.join(name)).expect("the file can be copied");
            }
        }
    }

    /// Runs a command with `-no-color`.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.start(arguments).finish()
    }

    /// Runs a command with additional environment variables.
    pub(crate) fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
        self.start_with(variables, arguments).finish()
    }

    /// Starts a command without waiting for its end.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        self.start_with(&[], arguments)
    }

    fn start_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Running {
        let mut all_arguments = arguments.to_vec();
        // The subcommands of `state` and `workspace` do not accept it there.
        if arguments
            .first()
            .is_some_and(|command| !matches!(*command, "state" | "workspace"))
        {
            all_arguments.insert(1, "-no-color");
        }
        let mut command = Command::new(&self.program);
        command
            .args(&all_arguments)
            .current_dir(&self.directory)
            .env_clear()
            .envs(&self.environment)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Its own process group, so that a test can interrupt Terraform and its providers as a terminal does.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let process = command
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        let program = Program::under_test().command();
        Running::new(format!("{program} {}", arguments.join(" ")), process)
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

    /// Writes the `import` blocks that a run printed to [`IMPORTS`], with the resource address of each job's name.
    pub(crate) fn write_imports(&self, run: &Run, address: impl Fn(&str) -> String) {
        let blocks = run.import_blocks();
        let blocks = blocks.iter().map(|block| {
            let id = block.split('"').nth(1).unwrap_or_else(|| panic!("no id\n{run}"));
            let name = id.rsplit('/').next().unwrap_or_default();
            block.replace("facets_gpu_cloudrun_job.NAME", &address(name))
        });
        self.write(IMPORTS, &blocks.collect::<String>());
    }

    /// Applies. If that fails because jobs exist already, applies again with the printed `import` blocks.
    pub(crate) fn apply_or_import(&self, address: impl Fn(&str) -> String) {
        let run = self.apply();
        if run.code != Some(0) {
            let run = run.prints("already exists").prints("import {");
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

    /// The plan as JSON; it is saved as `plan.tfplan`.
    pub(crate) fn plan_json(&self) -> Value {
        self.run(&["plan", "-input=false", "-out=plan.tfplan"]).succeeds();
        self.run(&["show", "-json", "plan.tfplan"]).succeeds().json()
    }

    /// Asserts that a plan has no changes, with and without refresh.
    pub(crate) fn assert_no_changes(&self) {
        for refresh in ["-refresh=false", "-refresh=true"] {
            let run = self.plan(&[refresh]);
            assert_eq!(run.code, Some(0), "the plan is not empty with {refresh}\n{run}");
        }
    }

    /// The values of a resource in the state, if it is there.
    pub(crate) fn state_of(&self, address: &str) -> Option<Value> {
        let state = self.run(&["show", "-json"]).succeeds().json();
        find_resource(&state["values"]["root_module"], address)
    }

    /// The values of a resource in the state, such as `facets_gpu_cloudrun_job.render`.
    pub(crate) fn state(&self, address: &str) -> Value {
        self.state_of(address)
            .unwrap_or_else(|| panic!("the state has no {address}"))
    }

    /// The text of the state file, empty when there is none.
    pub(crate) fn state_file(&self) -> String {
        fs::read_to_string(self.directory.join("terraform.tfstate")).unwrap_or_default()
    }

    pub(crate) fn output(&self, name: &str) -> Value {
        self.run(&["output", "-json", name]).succeeds().json()
    }
}

/// The name of the file with `import` blocks.
pub(crate) const IMPORTS: &str = "imports.tf";

/// The values of a resource in a module or its child modules.
fn find_resource(module: &Value, address: &str) -> Option<Value> {
    let mut resources = module["resources"].as_array().into_iter().flatten();
    let mut children = module["child_modules"].as_array().into_iter().flatten();
    resources
        .find(|resource| resource["address"] == address)
        .map(|resource| resource["values"].clone())
        .or_else(|| children.find_map(|module| find_resource(module, address)))
}
