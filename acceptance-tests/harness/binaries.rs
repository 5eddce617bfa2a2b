//! Where the programs are: terraform on the machine, ours beside the running one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The terraform or tofu to drive: `FACETS_GPU_TERRAFORM` when set, else the first one on the PATH.
pub(crate) fn terraform() -> Result<PathBuf, String> {
    if let Some(chosen) = std::env::var_os("FACETS_GPU_TERRAFORM") {
        let chosen = PathBuf::from(chosen);
        return match chosen.components().count() {
            1 => on_path(&chosen).ok_or_else(|| format!("no program {} on the PATH", chosen.display())),
            _ if chosen.is_file() => Ok(chosen),
            _ => Err(format!(
                "FACETS_GPU_TERRAFORM names {}, which is no file",
                chosen.display()
            )),
        };
    }
    ["terraform", "tofu"]
        .iter()
        .find_map(|name| on_path(Path::new(name)))
        .ok_or_else(|| {
            "neither terraform nor tofu is on the PATH. Install Terraform 1.5 or later \
         (https://developer.hashicorp.com/terraform/install), or let FACETS_GPU_TERRAFORM name it."
                .to_owned()
        })
}

/// The Terraform of a newer version, such as `1.15`, that `fetch_terraform.py` has laid beside the build.
pub(crate) fn newer_terraform(version: &str) -> Result<PathBuf, String> {
    find(&format!("terraform/{version}/terraform")).ok_or_else(|| {
        format!(
            "Terraform {version} is not there: run acceptance-tests/fetch_terraform.py, or put it at \
             target/terraform/{version}/terraform"
        )
    })
}

/// The provider's binary, built into the same folder as the running program.
pub(crate) fn provider() -> Result<PathBuf, String> {
    beside("terraform-provider-facets-gpu")
}

/// The emulator's binary, likewise.
pub(crate) fn emulator() -> Result<PathBuf, String> {
    beside("cloudrun-emulator")
}

fn beside(name: &str) -> Result<PathBuf, String> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    find(&file).ok_or_else(|| {
        let release = std::env::current_exe()
            .is_ok_and(|here| here.ancestors().any(|folder| folder.ends_with("release")));
        let profile = if release { " --release" } else { "" };
        format!("{file} is not built: run `cargo build --workspace{profile}` first")
    })
}

/// A file in a folder above the running program: tests lie in `deps/` and examples in `examples/` of the
/// folder that holds the binaries of their profile, and that in the target folder.
fn find(file: &str) -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?;
    let mut folders = here.ancestors().skip(1).take(3);
    folders.find_map(|folder| Some(folder.join(file)).filter(|path| path.is_file()))
}

fn on_path(name: &Path) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

/// Writes a script that can be run at once. Another process writes it: while a test starts a process, that may hold a file which
/// this process is writing open, and Linux runs no program that is open for writing.
pub(crate) fn write_script(path: &Path, script: &str) {
    let written = Command::new("/bin/sh")
        .args(["-c", r#"printf '%s' "$1" > "$0" && chmod 755 "$0""#])
        .args([path.as_os_str(), OsStr::new(script)])
        .status();
    assert!(
        written.is_ok_and(|status| status.success()),
        "cannot write {}",
        path.display()
    );
}
