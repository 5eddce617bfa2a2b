//! Builds the peer, which is a workspace of its own and needs `protoc`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The peer's program, or why there is none.
pub(crate) fn build() -> Result<PathBuf, String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peer/Cargo.toml");
    let target = target_directory()?.join("peer");
    let protoc = protoc(&manifest, &target)?;
    println!("Building the peer (the first time takes about a minute) ...");
    cargo("build", &manifest, &target)
        .args(["--release", "--package", "terraform-provider-peer"])
        .env("PROTOC", protoc)
        .output()
        .map_err(|error| format!("cargo cannot be started: {error}"))
        .and_then(|output| {
            if output.status.success() {
                Ok(target
                    .join("release")
                    .join(format!("terraform-provider-peer{}", std::env::consts::EXE_SUFFIX)))
            } else {
                Err(format!(
                    "it does not build:\n{}",
                    String::from_utf8_lossy(&output.stderr)
                ))
            }
        })
}

/// A `protoc` for the build script of tf-provider: the one that the environment names, else the one that comes
/// as a crate, else one on the PATH.
fn protoc(manifest: &Path, target: &Path) -> Result<PathBuf, String> {
    if let Some(chosen) = std::env::var_os("PROTOC") {
        return Ok(chosen.into());
    }
    let vendored = cargo("run", manifest, target)
        .args(["--package", "protoc"])
        .output();
    match vendored {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).trim().into()),
        _ if Command::new("protoc").arg("--version").output().is_ok() => Ok("protoc".into()),
        failed => Err(format!(
            "its build script runs protoc, and there is none. Install it (Debian: apt-get install \
             protobuf-compiler) or let PROTOC name it. The crate protoc-bin-vendored, which is tried first, \
             said: {}",
            failed.map_or_else(
                |error| error.to_string(),
                |output| String::from_utf8_lossy(&output.stderr).into_owned()
            )
        )),
    }
}

/// Cargo for the peer's workspace, with its lock file as it is and a target folder of its own. What `cargo
/// bench` has set for this package must not reach that one.
fn cargo(command: &str, manifest: &Path, target: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args([command, "--quiet", "--locked", "--manifest-path"])
        .arg(manifest)
        .arg("--target-dir")
        .arg(target);
    cargo
}

/// This program lies in `release/deps/` of the target folder.
fn target_directory() -> Result<PathBuf, String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let target = here
        .ancestors()
        .nth(3)
        .ok_or("this program is in no target folder")?;
    Ok(target.to_owned())
}
