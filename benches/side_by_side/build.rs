//! Builds what runs: provider and emulator as they are shipped, and the peer, which is a workspace of its own and
//! needs `protoc`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Builds provider and emulator with the release profile.
///
/// `cargo bench` has built the provider too, but with the features that the tests of this package want from its
/// dependencies. What is measured is what users get.
pub(crate) fn own() -> Result<(), String> {
    println!("Building provider and emulator ...");
    let build = cargo("build", Path::new("Cargo.toml"), &target_directory()?)
        .args(["--release", "--workspace", "--bins"])
        .output();
    succeeded(build).map(drop)
}

/// How long the provider takes to build from nothing, in seconds. The source of its dependencies is there already.
pub(crate) fn from_nothing() -> Result<f64, String> {
    let target = target_directory()?.join("from-nothing");
    remove(&target)?;
    println!("Building the provider from nothing (some minutes) ...");
    let begin = Instant::now();
    let build = cargo("build", Path::new("Cargo.toml"), &target)
        .args(["--release", "--bin", "terraform-provider-facets-gpu"])
        .output();
    succeeded(build)?;
    let time = begin.elapsed();
    remove(&target)?;
    Ok(time.as_secs_f64())
}

fn remove(folder: &Path) -> Result<(), String> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// The peer's program, or why there is none.
pub(crate) fn peer() -> Result<PathBuf, String> {
    let manifest = Path::new("benches/peer/Cargo.toml");
    let target = target_directory()?.join("peer");
    let protoc = protoc(manifest, &target)?;
    println!("Building the peer (two minutes the first time) ...\n");
    let build = cargo("build", manifest, &target)
        .args(["--release", "--package", "terraform-provider-peer"])
        .env("PROTOC", protoc)
        .output();
    succeeded(build)?;
    Ok(target
        .join("release")
        .join(format!("terraform-provider-peer{}", std::env::consts::EXE_SUFFIX)))
}

/// A `protoc` for the build script of tf-provider: the one that the environment names, else the one that comes
/// as a crate, else one on the PATH.
fn protoc(manifest: &Path, target: &Path) -> Result<PathBuf, String> {
    if let Some(chosen) = std::env::var_os("PROTOC") {
        return Ok(chosen.into());
    }
    match succeeded(
        cargo("run", manifest, target)
            .args(["--package", "protoc"])
            .output(),
    ) {
        Ok(path) => Ok(path.trim().into()),
        Err(_) if Command::new("protoc").arg("--version").output().is_ok() => Ok("protoc".into()),
        Err(reason) => Err(format!(
            "its build script runs protoc, and there is none. Install it (Debian: apt-get install \
             protobuf-compiler) or let PROTOC name it. The crate protoc-bin-vendored was tried first: {reason}"
        )),
    }
}

/// What a command printed, when it ended well.
fn succeeded(output: std::io::Result<std::process::Output>) -> Result<String, String> {
    let output = output.map_err(|error| format!("cargo cannot be started: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!(
            "it does not build:\n{}",
            String::from_utf8_lossy(&output.stderr)
        ))
    }
}

/// Cargo for a manifest of this repository, with its lock file as it is.
fn cargo(command: &str, manifest: &Path, target: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args([command, "--quiet", "--locked", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest))
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
