//! A provider process started with `--debug`, which Terraform reattaches to in every command.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{Terraform, binaries};

/// A running provider. Dropping it kills the process.
pub(crate) struct DebugProvider {
    process: Child,
    /// Kept open, because the provider continues to write to it.
    stdout: BufReader<ChildStdout>,
}

impl DebugProvider {
    /// Starts a provider with the environment of `terraform`, and sets `TF_REATTACH_PROVIDERS` there.
    pub(crate) fn attach(terraform: &mut Terraform) -> Result<Self, String> {
        let mut command = Command::new(binaries::provider()?);
        command
            .arg("--debug")
            .current_dir(terraform.folder())
            .env_clear()
            .envs(terraform.environment())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        // Its own process group, so that Ctrl-C does not reach it.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command
            .spawn()
            .map_err(|error| format!("cannot start the provider: {error}"))?;
        let stdout = process.stdout.take().expect("stdout is a pipe");
        let mut provider = Self {
            process,
            stdout: BufReader::new(stdout),
        };
        let value = (&mut provider.stdout)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("TF_REATTACH_PROVIDERS='")?.1.trim().to_owned()))
            .and_then(|rest| rest.strip_suffix('\'').map(str::to_owned))
            .ok_or("the provider printed no TF_REATTACH_PROVIDERS")?;
        terraform.set("TF_REATTACH_PROVIDERS", &value);
        Ok(provider)
    }

    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }
}

impl Drop for DebugProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
