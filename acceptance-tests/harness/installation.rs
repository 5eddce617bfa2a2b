//! Installs the provider from a filesystem mirror, so that `terraform init`, the dependency lock file and its checksums are
//! tested too.

use std::fs;
use std::path::{Path, PathBuf};

use super::binaries;

/// A temporary folder with a mirror of the provider, and the CLI configuration that uses it.
pub(crate) struct Installation {
    folder: tempfile::TempDir,
}

impl Installation {
    /// A mirror with the built provider.
    pub(crate) fn new() -> Result<Self, String> {
        Self::of(
            &binaries::provider()?,
            "facets-cloud/facets-gpu",
            env!("CARGO_PKG_VERSION"),
        )
    }

    /// A mirror with a provider binary at a source address such as `facets-cloud/facets-gpu`.
    pub(crate) fn of(binary: &Path, source: &str, version: &str) -> Result<Self, String> {
        let installation = Self::empty()?;
        installation.add_provider(binary, source, version)?;
        installation.configure(&from_mirror(&installation.mirror()))?;
        Ok(installation)
    }

    /// A mirror with an archive of a release, not unpacked.
    pub(crate) fn of_archive(archive: &Path, source: &str) -> Result<Self, String> {
        let installation = Self::empty()?;
        let name = archive.file_name().unwrap_or_default();
        for host in HOSTS {
            let package = installation.mirror().join(host).join(source);
            fs::create_dir_all(&package).map_err(mirror_error)?;
            link(archive, &package.join(name))?;
        }
        installation.configure(&from_mirror(&installation.mirror()))?;
        Ok(installation)
    }

    /// No mirror: every provider comes from the registry at this address.
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

    /// Every provider comes from the network mirror at this address.
    pub(crate) fn from_network_mirror(address: &str) -> Result<Self, String> {
        let installation = Self::empty()?;
        installation.configure(&format!(
            "disable_checkpoint = true\n\nprovider_installation {{\n  network_mirror {{\n    url = \"{address}/\"\n  \
             }}\n}}\n"
        ))?;
        Ok(installation)
    }

    /// No mirror, and no configuration: the configuration of a working directory names the registry.
    pub(crate) fn direct() -> Result<Self, String> {
        let installation = Self::empty()?;
        installation.configure("disable_checkpoint = true\n")?;
        Ok(installation)
    }

    fn empty() -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("facets-gpu-").tempdir();
        Ok(Self {
            folder: folder.map_err(mirror_error)?,
        })
    }

    fn configure(&self, text: &str) -> Result<(), String> {
        fs::write(self.cli_config(), text).map_err(mirror_error)
    }

    /// Adds a provider to the mirror.
    pub(crate) fn add_provider(&self, binary: &Path, source: &str, version: &str) -> Result<(), String> {
        let name = source.rsplit('/').next().unwrap_or(source);
        for host in HOSTS {
            let package = self
                .mirror()
                .join(host)
                .join(source)
                .join(version)
                .join(target_platform());
            fs::create_dir_all(&package).map_err(mirror_error)?;
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

    /// The value for `TF_CLI_CONFIG_FILE`.
    pub(crate) fn cli_config(&self) -> PathBuf {
        self.folder.path().join(CLI_CONFIG)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// A CLI configuration that installs providers from the mirror only.
fn from_mirror(mirror: &Path) -> String {
    let mirror = mirror.display();
    format!(
        "disable_checkpoint = true\n\nprovider_installation {{\n  filesystem_mirror {{\n    path = \"{mirror}\"\n  \
         }}\n}}\n"
    )
}

/// This platform in Go's notation, as used by the mirror layout.
pub(crate) fn target_platform() -> String {
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

fn link(from: &Path, to: &Path) -> Result<(), String> {
    std::os::unix::fs::symlink(from, to).map_err(mirror_error)
}

fn mirror_error(error: std::io::Error) -> String {
    format!("cannot create the filesystem mirror: {error}")
}

const CLI_CONFIG: &str = "cli.tfrc";
/// Terraform and OpenTofu have different default registry hosts.
const HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];
