//! A release that `release/pack.sh` packs from the built binaries, signed with a temporary key.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::binaries;
use super::installation::target_platform;

/// A temporary folder with binaries, the release packed from them, and its signing key.
pub(crate) struct Release {
    folder: tempfile::TempDir,
    fingerprint: String,
}

impl Release {
    /// Packs the built provider and emulator for this platform.
    pub(crate) fn new() -> Result<Self, String> {
        let release = Self::from_files(&binaries::provider()?, &binaries::emulator()?)?;
        let run = release.pack("dist", &[]);
        if run.status.success() {
            return Ok(release);
        }
        Err(format!("release/pack.sh failed: {}", output_text(&run)))
    }

    /// Takes any two files as the binaries, and packs nothing yet.
    pub(crate) fn from_files(provider: &Path, emulator: &Path) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("facets-gpu-").tempdir();
        let folder = folder.map_err(|error| format!("cannot create a folder: {error}"))?;
        let binaries = folder.path().join("binaries").join(target_platform());
        let copy = |from: &Path, name: &str| {
            let to = binaries.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
            fs::create_dir_all(&binaries).and_then(|()| fs::copy(from, to))
        };
        copy(provider, "terraform-provider-facets-gpu")
            .and_then(|_| copy(emulator, "cloudrun-emulator"))
            .map_err(|error| format!("cannot copy the binaries: {error}"))?;
        create_keyring(&folder.path().join("keys"))?;
        let fingerprint = generate_key(&folder.path().join("keys"), "rsa2048")?;
        Ok(Self { folder, fingerprint })
    }

    /// Packs into a subfolder, with additional environment variables.
    pub(crate) fn pack(&self, dist: &str, variables: &[(&str, &str)]) -> Output {
        Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("release/pack.sh"))
            .args([self.folder.path().join("binaries"), self.folder.path().join(dist)])
            .env("GNUPGHOME", self.folder.path().join("keys"))
            .env("GPG_FINGERPRINT", &self.fingerprint)
            .env("SOURCE_DATE_EPOCH", "1700000000")
            .env_remove("GPG_PASSPHRASE")
            .env_remove("RELEASE_TAG")
            .envs(variables.iter().copied())
            .output()
            .expect("release/pack.sh starts")
    }

    /// Removes the executable mode of the binaries and sets an old modification time.
    pub(crate) fn remove_file_modes(&self) {
        let binaries = self.folder.path().join("binaries").join(target_platform());
        for file in fs::read_dir(binaries).expect("the binaries exist") {
            let path = file.expect("a readable folder").path();
            let file = fs::File::options().write(true).open(&path).expect("a program");
            file.set_modified(std::time::UNIX_EPOCH)
                .expect("times can be set");
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
                .expect("modes can be set");
        }
    }

    /// A file of the release.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("dist").join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Adds a signing key of a type such as `ed25519`, and returns its fingerprint.
    pub(crate) fn add_key(&self, kind: &str) -> String {
        generate_key(&self.folder.path().join("keys"), kind).unwrap_or_else(|reason| panic!("{reason}"))
    }

    /// The public key, as published to the Registry.
    pub(crate) fn public_key(&self) -> String {
        let run = gpg(
            &self.folder.path().join("keys"),
            &["--armor", "--export", &self.fingerprint],
        );
        String::from_utf8(run.stdout).expect("armor is text")
    }
}

/// Stops the agent, which would otherwise keep running.
impl Drop for Release {
    fn drop(&mut self) {
        let keyring = self.folder.path().join("keys");
        let _ = Command::new("gpgconf")
            .args(["--kill", "gpg-agent"])
            .env("GNUPGHOME", keyring)
            .output();
    }
}

/// Runs gpg with the keyring of one folder.
pub(crate) fn gpg(keyring: &Path, arguments: &[&str]) -> Output {
    Command::new("gpg")
        .args(["--batch", "--status-fd", "1"])
        .args(arguments)
        .env("GNUPGHOME", keyring)
        .output()
        .unwrap_or_else(|error| panic!("gpg does not start: {error}"))
}

/// stdout and stderr.
pub(crate) fn output_text(run: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr)
    )
}

/// Creates an empty keyring, which gpg requires to be private.
pub(crate) fn create_keyring(folder: &Path) -> Result<(), String> {
    let created = fs::create_dir(folder);
    let created = created
        .and_then(|()| fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)));
    created.map_err(|error| format!("cannot create a keyring: {error}"))
}

/// Generates a key without a passphrase and returns its fingerprint.
fn generate_key(folder: &Path, kind: &str) -> Result<String, String> {
    let run = gpg(
        folder,
        &[
            "--passphrase",
            "",
            "--quick-generate-key",
            &format!("{kind}@example.com"),
            kind,
            "sign",
            "never",
        ],
    );
    let output = output_text(&run);
    output
        .lines()
        .find_map(|line| line.strip_prefix("[GNUPG:] KEY_CREATED P "))
        .map(|fingerprint| fingerprint.trim().to_owned())
        .ok_or_else(|| format!("gpg created no key: {output}"))
}
