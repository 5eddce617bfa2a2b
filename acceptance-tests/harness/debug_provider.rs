//! A provider that lives on between the commands of Terraform: started by hand with `--debug`, and attached.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{Terraform, binaries};

/// A provider that serves every command of a working directory, and is ended with this value.
pub(crate) struct Attached {
    process: Child,
    /// Kept open: the provider goes on to write when it has said how to attach it.
    stdout: BufReader<ChildStdout>,
}

impl Attached {
    /// Starts a provider with the environment of `terraform`, which finds it from now on.
    pub(crate) fn to(terraform: &mut Terraform) -> Result<Self, String> {
        let mut command = Command::new(binaries::provider()?);
        command
            .arg("--debug")
            .current_dir(terraform.folder())
            .env_clear()
            .envs(terraform.environment())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        // A group of its own: Ctrl-C is for the program that started it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command
            .spawn()
            .map_err(|error| format!("cannot start the provider: {error}"))?;
        let stdout = process.stdout.take().expect("stdout is a pipe");
        let mut attached = Self {
            process,
            stdout: BufReader::new(stdout),
        };
        let value = (&mut attached.stdout)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("TF_REATTACH_PROVIDERS='")?.1.trim().to_owned()))
            .and_then(|rest| rest.strip_suffix('\'').map(str::to_owned))
            .ok_or("the provider does not say how to attach it")?;
        terraform.set("TF_REATTACH_PROVIDERS", &value);
        Ok(attached)
    }

    /// Whether it still runs.
    pub(crate) fn lives(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
