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
        let installation = Self::empty()?;
        installation.also(binary, source, version)?;
        installation.configure(&from_mirror(&installation.mirror()))?;
        Ok(installation)
    }

    /// Lays a mirror that holds an archive of a release as it is, not unpacked.
    pub(crate) fn of_archive(archive: &Path, source: &str) -> Result<Self, String> {
        let installation = Self::empty()?;
        let name = archive.file_name().unwrap_or_default();
        for host in HOSTS {
            let package = installation.mirror().join(host).join(source);
            fs::create_dir_all(&package).map_err(in_words)?;
            link(archive, &package.join(name))?;
        }
        installation.configure(&from_mirror(&installation.mirror()))?;
        Ok(installation)
    }

    /// No mirror: every provider comes from a registry at this address, whatever its host is called.
    pub(crate) fn from_registry(address: &str) -> Result<Self, String> {
        let installation = Self::empty()?;
        let hosts = HOSTS.map(|host| {
            format!(
                "host \"{host}\" {{\n  services = {{ \"providers.v1\" = \"{address}/v1/providers/\" }}\n}}\n"
            )
        });
        installation.configure(&format!("disable_checkpoint = true\n\n{}", hosts.concat()))?;
        Ok(installation)
    }

    fn empty() -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("facets-gpu-").tempdir();
        Ok(Self {
            folder: folder.map_err(in_words)?,
        })
    }

    fn configure(&self, text: &str) -> Result<(), String> {
        fs::write(self.cli_config(), text).map_err(in_words)
    }

    /// Lays another provider into the same mirror.
    pub(crate) fn also(&self, binary: &Path, source: &str, version: &str) -> Result<(), String> {
        let name = source.rsplit('/').next().unwrap_or(source);
        for host in HOSTS {
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
fn from_mirror(mirror: &Path) -> String {
    let mirror = mirror.display();
    format!(
        "disable_checkpoint = true\n\nprovider_installation {{\n  filesystem_mirror {{\n    path = \"{mirror}\"\n  \
         }}\n}}\n"
    )
}

/// This machine in Go's words, as the layout of a mirror wants it.
pub(crate) fn platform() -> String {
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
/// Terraform and OpenTofu complete the address of a provider with a host each of its own.
const HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];
