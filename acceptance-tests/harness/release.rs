//! A release: what `release/pack.sh` makes of binaries that are built, signed with a key of the moment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::binaries;
use super::installation::platform;

/// A folder with binaries, with what was packed of them, and with the only key that signed it. It is gone when this
/// value is.
pub(crate) struct Packed {
    folder: tempfile::TempDir,
    fingerprint: String,
}

impl Packed {
    /// Packs provider and emulator as they are built, for this machine's platform.
    pub(crate) fn new() -> Result<Self, String> {
        let packed = Self::of(&binaries::provider()?, &binaries::emulator()?)?;
        let run = packed.pack("dist", &[]);
        if run.status.success() {
            return Ok(packed);
        }
        Err(format!("release/pack.sh failed: {}", words(&run)))
    }

    /// Lays any two files as if they were the programs, and packs nothing yet.
    pub(crate) fn of(provider: &Path, emulator: &Path) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("facets-gpu-").tempdir();
        let folder = folder.map_err(|error| format!("cannot make a folder: {error}"))?;
        let binaries = folder.path().join("binaries").join(platform());
        let lay = |from: &Path, name: &str| {
            let to = binaries.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
            fs::create_dir_all(&binaries).and_then(|()| fs::copy(from, to))
        };
        lay(provider, "terraform-provider-facets-gpu")
            .and_then(|_| lay(emulator, "cloudrun-emulator"))
            .map_err(|error| format!("cannot lay the programs: {error}"))?;
        let fingerprint = key(&folder.path().join("keys"))?;
        Ok(Self { folder, fingerprint })
    }

    /// Packs into a folder of this one, with more variables than the script gets otherwise.
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

    /// Lets the programs be files that nobody may execute, with a time long past.
    pub(crate) fn lose_modes(&self) {
        let binaries = self.folder.path().join("binaries").join(platform());
        for file in fs::read_dir(binaries).expect("the programs are there") {
            let path = file.expect("a readable folder").path();
            let file = fs::File::options().write(true).open(&path).expect("a program");
            file.set_modified(std::time::UNIX_EPOCH)
                .expect("times can be set");
            #[cfg(unix)]
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
                .expect("modes can be set");
        }
    }

    /// A file of what was packed.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("dist").join(name)
    }

    /// A folder for what belongs to this release.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The public half of the key, as it is given to the Registry.
    pub(crate) fn public_key(&self) -> String {
        let run = gpg(
            &self.folder.path().join("keys"),
            &["--armor", "--export", &self.fingerprint],
        );
        String::from_utf8(run.stdout).expect("armour is text")
    }
}

/// The key's agent would outlive the key.
impl Drop for Packed {
    fn drop(&mut self) {
        let keys = self.folder.path().join("keys");
        let _ = Command::new("gpgconf")
            .args(["--kill", "gpg-agent"])
            .env("GNUPGHOME", keys)
            .output();
    }
}

/// Runs gpg with the keys of one folder.
pub(crate) fn gpg(keys: &Path, arguments: &[&str]) -> Output {
    Command::new("gpg")
        .args(["--batch", "--status-fd", "1"])
        .args(arguments)
        .env("GNUPGHOME", keys)
        .output()
        .unwrap_or_else(|error| panic!("gpg does not start: {error}"))
}

/// What a program said.
pub(crate) fn words(run: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr)
    )
}

/// An empty set of keys, which gpg wants for itself.
pub(crate) fn keys(folder: &Path) -> Result<(), String> {
    let made = fs::create_dir(folder);
    #[cfg(unix)]
    let made =
        made.and_then(|()| fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)));
    made.map_err(|error| format!("cannot make a folder for keys: {error}"))
}

/// Makes a key without a passphrase, and tells its fingerprint. RSA, since the Registry takes no newer kind.
fn key(folder: &Path) -> Result<String, String> {
    keys(folder)?;
    let run = gpg(
        folder,
        &[
            "--passphrase",
            "",
            "--quick-generate-key",
            "nobody@example.com",
            "rsa2048",
            "sign",
            "never",
        ],
    );
    let said = words(&run);
    said.lines()
        .find_map(|line| line.strip_prefix("[GNUPG:] KEY_CREATED P "))
        .map(|fingerprint| fingerprint.trim().to_owned())
        .ok_or_else(|| format!("gpg has made no key: {said}"))
}
