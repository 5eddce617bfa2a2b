//! Reads the code blocks of a guide, and runs them in a shell.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::harness::{Emulator, TOKEN, Terraform, binaries};

/// A folder of programs that take precedence on the PATH, such as `terraform`.
pub(in crate::tests) struct Programs(tempfile::TempDir);

impl Programs {
    /// With the terraform that the tests use.
    pub(in crate::tests) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        symlink(
            binaries::terraform().expect("terraform"),
            folder.path().join("terraform"),
        )
        .expect("a link");
        Self(folder)
    }

    /// Adds a `gcloud` that prints the token of the tests, and a `curl` that calls the emulator instead of Google.
    pub(in crate::tests) fn with_emulator(self, emulator: &Emulator) -> Self {
        self.add(
            "gcloud",
            &format!("test \"$*\" = 'auth print-access-token'\necho {TOKEN}\n"),
        );
        self.add("curl", &format!("EMULATOR='{}'\n{CURL}", emulator.address()));
        self
    }

    /// Replaces a program by a script.
    pub(super) fn add(&self, name: &str, script: &str) {
        let path = self.0.path().join(name);
        binaries::write_script(&path, &format!("#!/bin/sh\nset -eu\n{script}"));
    }

    /// Runs a script of a guide in a working directory, with further environment variables.
    pub(in crate::tests) fn run(
        &self,
        terraform: &Terraform,
        variables: &[(&str, &str)],
        script: &str,
    ) -> Output {
        let mut environment = terraform.environment().clone();
        environment.extend(self.environment());
        environment.extend(
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        bash(script, terraform.folder(), &environment)
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
pub(in crate::tests) fn output_text(output: &Output) -> String {
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
pub(in crate::tests) fn guide(name: &str) -> String {
    let path = root().join(format!("docs/guides/{name}.md"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The root of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// A code block.
struct Block {
    /// The text since the block before.
    text: String,
    language: String,
    /// Without indentation.
    code: String,
}

/// The code blocks with their languages, without indentation.
pub(in crate::tests) fn blocks(guide: &str) -> Vec<(String, String)> {
    let blocks = parse(guide).into_iter();
    blocks.map(|block| (block.language, block.code)).collect()
}

/// A section of a guide, by its heading.
pub(in crate::tests) fn section(name: &str, heading: &str) -> String {
    let guide = guide(name);
    let mut sections = guide.split("\n## ");
    let section = sections.find(|section| section.starts_with(&format!("{heading}\n")));
    section
        .unwrap_or_else(|| panic!("{name} has no section {heading}"))
        .to_owned()
}

/// The steps of a section as shell scripts: the files that it says to save, and its commands.
pub(super) fn steps(section: &str) -> Vec<String> {
    parse(section)
        .into_iter()
        .filter_map(|block| match block.language.as_str() {
            "sh" => Some(block.code),
            "hcl" => {
                let text = normalize(&block.text).to_lowercase();
                let (_, rest) = text.rsplit_once("save this as `")?;
                let (file, _) = rest.split_once('`')?;
                Some(format!("cat > {file} <<'HCL'\n{}HCL\n", block.code))
            }
            _ => None,
        })
        .collect()
}

fn parse(guide: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut text = String::new();
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        let Some((indent, language)) = line.split_once("```") else {
            text.push_str(line);
            text.push('\n');
            continue;
        };
        let code = lines
            .by_ref()
            .map(|line| line.strip_prefix(indent).unwrap_or(line));
        let code: Vec<&str> = code.take_while(|line| *line != "```").collect();
        found.push(Block {
            text: std::mem::take(&mut text),
            language: language.to_owned(),
            code: code.join("\n") + "\n",
        });
    }
    found
}

/// Replaces the address of the API, and runs the next `curl` on the PATH.
const CURL: &str = r##"PATH=${PATH#*:}
for argument do
  shift
  set -- "$@" "$(printf %s "$argument" | sed "s#https://run.googleapis.com#http://${EMULATOR#http://}#")"
done
exec curl "$@"
"##;
