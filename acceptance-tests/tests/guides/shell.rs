//! What a guide tells, as text, and a shell to tell it to.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::harness::binaries;

/// Programs that stand before the machine's own, `terraform` among them.
pub(super) struct Programs(tempfile::TempDir);

impl Programs {
    /// With the terraform that the stories drive.
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        symlink(
            binaries::terraform().expect("terraform"),
            folder.path().join("terraform"),
        )
        .expect("a link");
        Self(folder)
    }

    /// Stands in for a program.
    pub(super) fn add(&self, name: &str, script: &str) {
        let path = self.0.path().join(name);
        binaries::write_script(&path, &format!("#!/bin/sh\nset -eu\n{script}"));
    }

    /// The PATH on which they come first.
    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        let path = std::env::var("PATH").unwrap_or_default();
        [("PATH".to_owned(), format!("{}:{path}", self.0.path().display()))].into()
    }
}

/// Runs a script that ends at the first command that fails.
pub(super) fn bash(script: &str, folder: &Path, environment: &BTreeMap<String, String>) -> Output {
    let mut command = Command::new("bash");
    command
        .args(["-eu", "-c", script])
        .current_dir(folder)
        .env_clear()
        .envs(environment);
    command.output().expect("there is a bash")
}

/// All that was said.
pub(super) fn told(output: &Output) -> String {
    format!(
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// On one line, without alignment.
pub(super) fn tight(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A port that nobody listens on.
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

/// Each block of code with its language, without the indent of the list that it stands in.
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
