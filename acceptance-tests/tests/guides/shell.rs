//! Reads the code blocks of a guide, and runs them in a shell.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::harness::binaries;

/// A folder of programs that take precedence on the PATH, such as `terraform`.
pub(super) struct Programs(tempfile::TempDir);

impl Programs {
    /// With the terraform that the tests use.
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        symlink(
            binaries::terraform().expect("terraform"),
            folder.path().join("terraform"),
        )
        .expect("a link");
        Self(folder)
    }

    /// Replaces a program by a script.
    pub(super) fn add(&self, name: &str, script: &str) {
        let path = self.0.path().join(name);
        binaries::write_script(&path, &format!("#!/bin/sh\nset -eu\n{script}"));
    }

    /// The PATH that starts with this folder.
    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        let path = std::env::var("PATH").unwrap_or_default();
        [("PATH".to_owned(), format!("{}:{path}", self.0.path().display()))].into()
    }
}

/// Runs a script until the first command that fails.
pub(super) fn bash(script: &str, folder: &Path, environment: &BTreeMap<String, String>) -> Output {
    let mut command = Command::new("bash");
    command
        .args(["-eu", "-c", script])
        .current_dir(folder)
        .env_clear()
        .envs(environment);
    command.output().expect("bash starts")
}

/// stdout and stderr.
pub(super) fn output_text(output: &Output) -> String {
    format!(
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Collapses white space.
pub(super) fn normalize(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A free port.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it has an address").port()
}

/// A guide by its name.
pub(super) fn guide(name: &str) -> String {
    let path = root().join(format!("docs/guides/{name}.md"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The root of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The code blocks with their languages, without indentation.
pub(super) fn blocks(guide: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        let Some((indent, language)) = line.split_once("```") else {
            continue;
        };
        let code = lines
            .by_ref()
            .map(|line| line.strip_prefix(indent).unwrap_or(line));
        let code: Vec<&str> = code.take_while(|line| *line != "```").collect();
        found.push((language.to_owned(), code.join("\n") + "\n"));
    }
    found
}
