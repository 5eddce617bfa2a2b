//! The provider installed as its users install it, from a filesystem mirror, so that `terraform init`, the
//! dependency lock file and its checksums are exercised too.

use std::fs;
use std::path::{Path, PathBuf};

use super::binaries;

/// A folder with a mirror that holds the provider, and the CLI configuration that points at it.
/// It is gone when this value is.
pub(crate) struct Installation {
    folder: tempfile::TempDir,
}

impl Installation {
    /// Lays the mirror, or says what is missing.
    pub(crate) fn new() -> Result<Self, String> {
        Self::of(
            &binaries::provider()?,
            "facets-cloud/facets-gpu",
            env!("CARGO_PKG_VERSION"),
        )
    }

    /// Lays a mirror for one provider binary at a source address such as `facets-cloud/facets-gpu`.
    pub(crate) fn of(binary: &Path, source: &str, version: &str) -> Result<Self, String> {
        let folder = tempfile::Builder::new()
            .prefix("facets-gpu-")
            .tempdir()
            .map_err(in_words)?;
        let installation = Self { folder };
        installation.also(binary, source, version)?;
        fs::write(installation.cli_config(), cli_config(&installation.mirror())).map_err(in_words)?;
        Ok(installation)
    }

    /// Lays another provider into the same mirror.
    pub(crate) fn also(&self, binary: &Path, source: &str, version: &str) -> Result<(), String> {
        let name = source.rsplit('/').next().unwrap_or(source);
        // Terraform and OpenTofu complete the address with a host each of its own.
        for host in ["registry.terraform.io", "registry.opentofu.org"] {
            let package = self
                .mirror()
                .join(host)
                .join(source)
                .join(version)
                .join(platform());
            fs::create_dir_all(&package).map_err(in_words)?;
            link(
                binary,
                &package.join(format!("terraform-provider-{name}_v{version}")),
            )?;
        }
        Ok(())
    }

    fn mirror(&self) -> PathBuf {
        self.folder.path().join("mirror")
    }

    /// What `TF_CLI_CONFIG_FILE` must name.
    pub(crate) fn cli_config(&self) -> PathBuf {
        self.folder.path().join(CLI_CONFIG)
    }

    /// A folder for what belongs to this installation.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// No look-up of newer versions, and no provider from anywhere but the mirror.
fn cli_config(mirror: &Path) -> String {
    let mirror = mirror.display();
    format!(
        "disable_checkpoint = true\n\nprovider_installation {{\n  filesystem_mirror {{\n    path = \"{mirror}\"\n  \
         }}\n}}\n"
    )
}

/// This machine in Go's words, as the layout of a mirror wants it.
fn platform() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{os}_{arch}")
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<(), String> {
    std::os::unix::fs::symlink(from, to).map_err(in_words)
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(|_| ()).map_err(in_words)
}

fn in_words(error: std::io::Error) -> String {
    format!("cannot lay the filesystem mirror: {error}")
}

const CLI_CONFIG: &str = "cli.tfrc";
