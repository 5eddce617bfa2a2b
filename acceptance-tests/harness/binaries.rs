//! Finds the programs: terraform on the PATH, the built binaries next to the running one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The terraform or tofu to run: `FACETS_GPU_TERRAFORM` when set, else the first one on the PATH.
pub(crate) fn terraform() -> Result<PathBuf, String> {
    let configured = std::env::var_os("FACETS_GPU_TERRAFORM").filter(|configured| !configured.is_empty());
    if let Some(configured) = configured {
        let configured = PathBuf::from(configured);
        return match configured.components().count() {
            1 => {
                on_path(&configured).ok_or_else(|| format!("no program {} on the PATH", configured.display()))
            }
            // The commands run in other folders.
            _ if configured.is_file() => {
                std::path::absolute(&configured).map_err(|error| format!("{}: {error}", configured.display()))
            }
            _ => Err(format!(
                "FACETS_GPU_TERRAFORM is {}, which is not a file",
                configured.display()
            )),
        };
    }
    ["terraform", "tofu"]
        .iter()
        .find_map(|name| on_path(Path::new(name)))
        .ok_or_else(|| {
            "neither terraform nor tofu is on the PATH. Install Terraform 1.5 or later, or OpenTofu 1.11 or later \
         (https://developer.hashicorp.com/terraform/install), or set FACETS_GPU_TERRAFORM to its path."
                .to_owned()
        })
}

/// The provider's binary, next to the running program.
pub(crate) fn provider() -> Result<PathBuf, String> {
    built("terraform-provider-facets-gpu")
}

/// The emulator's binary, next to the running program.
pub(crate) fn emulator() -> Result<PathBuf, String> {
    built("cloudrun-emulator")
}

fn built(name: &str) -> Result<PathBuf, String> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    find(&file).ok_or_else(|| {
        let release = std::env::current_exe()
            .is_ok_and(|here| here.ancestors().any(|folder| folder.ends_with("release")));
        let profile = if release { " --release" } else { "" };
        format!("{file} is not built: run `cargo build --workspace{profile}` first")
    })
}

/// A file in one of the three folders above the running program: tests are in `deps/` and examples in `examples/` of the
/// profile's folder, which is in the target folder.
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

/// Writes an executable script. A child process writes it: a process started meanwhile by another test would inherit
/// our file descriptor, and Linux does not execute a file that is open for writing (ETXTBSY).
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
