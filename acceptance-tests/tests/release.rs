//! The release that `make dist` packs: its files match the Terraform Registry's layout, and Terraform installs it. The binaries
//! are those of the other tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{REQUIRED_PROVIDERS, job};
use crate::harness::installation::target_platform;
use crate::harness::release::{Release, output_text};
use crate::harness::{Emulator, Installation, Terraform, TlsProxy, registry};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const SOURCE: &str = "facets-cloud/facets-gpu";

#[test]
#[ignore = "needs zip and gpg on the PATH; make test runs it"]
fn release_files_match_registry_layout() {
    let release = release();
    let target_platform = target_platform();
    assert_eq!(
        file_names(&release.file("")),
        [
            format!("cloudrun-emulator_{VERSION}_{target_platform}.zip"),
            format!("extras_{VERSION}.sha256"),
            format!("extras_{VERSION}.sha256.sig"),
            provider_file("SHA256SUMS"),
            provider_file("SHA256SUMS.sig"),
            provider_file(&format!("{target_platform}.zip")),
            provider_file("manifest.json"),
        ]
    );

    for (file, program) in [
        (
            provider_file(&format!("{target_platform}.zip")),
            format!("terraform-provider-facets-gpu_v{VERSION}"),
        ),
        (
            format!("cloudrun-emulator_{VERSION}_{target_platform}.zip"),
            "cloudrun-emulator".to_owned(),
        ),
    ] {
        let archive = fs::read(release.file(&file)).expect("the archive");
        assert_eq!(single_entry(&archive), (program, 0o100_755, PACKED_AT), "{file}");
    }

    let manifest: Value =
        serde_json::from_str(&read(&release, &provider_file("manifest.json"))).expect("JSON");
    assert_eq!(
        manifest,
        json!({ "version": 1, "metadata": { "protocol_versions": ["6.0"] } })
    );

    let signature = fs::read(release.file(&provider_file("SHA256SUMS.sig"))).expect("the signature");
    assert!(!signature.starts_with(b"-----"), "the signature must be binary");

    let provider_checksums = checksums(&release, &provider_file("SHA256SUMS"));
    assert_eq!(
        provider_checksums.keys().cloned().collect::<Vec<_>>(),
        [
            provider_file(&format!("{target_platform}.zip")),
            provider_file("manifest.json")
        ]
    );
    let extras = checksums(&release, &format!("extras_{VERSION}.sha256"));
    for (file, checksum) in provider_checksums.iter().chain(&extras) {
        assert_eq!(&sha256(&release.file(file)), checksum, "{file}");
    }
}

#[test]
#[ignore = "needs zip and gpg on the PATH; make test runs it"]
fn packing_is_reproducible() {
    let (one, two) = (fake_release(), fake_release());
    // As after a download from CI, or with another umask.
    two.remove_file_modes();
    let both = [(&one, "dist"), (&two, "another-folder")].map(|(release, folder)| {
        let run = release.pack(folder, &[]);
        assert!(run.status.success(), "{}", output_text(&run));
        let checksums = release.folder().join(folder).join(provider_file("SHA256SUMS"));
        fs::read_to_string(checksums).expect("the checksums")
    });
    assert_eq!(both[0], both[1]);
}

#[test]
#[ignore = "needs zip and gpg on the PATH; make test runs it"]
fn invalid_releases_are_rejected() {
    let release = fake_release();
    let assert_rejected = |variables: &[(&str, &str)], expected: &str| {
        let run = release.pack("dist", variables);
        let output = output_text(&run);
        assert_eq!(run.status.code(), Some(1), "{output}");
        assert!(output.contains(expected), "{output}");
    };
    assert_rejected(
        &[("RELEASE_TAG", "v99.0.0")],
        &format!("the tag is v99.0.0, but Cargo.toml has version {VERSION}"),
    );
    assert_rejected(
        &[("GPG_FINGERPRINT", "0123456789012345678901234567890123456789")],
        "could not be signed with 0123456789012345678901234567890123456789",
    );

    assert_rejected(
        &[("GPG_FINGERPRINT", &release.add_key("ed25519"))],
        "the Terraform Registry requires an RSA or DSA key",
    );

    let unsigned = release.pack("dist", &[("GPG_FINGERPRINT", "")]);
    let output = output_text(&unsigned);
    assert!(unsigned.status.success(), "{output}");
    assert!(output.contains("SHA256SUMS is NOT signed"), "{output}");
    assert!(!release.file(&provider_file("SHA256SUMS.sig")).exists());
}

#[test]
#[ignore = "needs terraform, zip and gpg on the PATH; make test runs it"]
fn release_installs_from_filesystem_mirror() {
    let release = release();
    let archive = release.file(&provider_file(&format!("{}.zip", target_platform())));
    let installation = Installation::of_archive(&archive, SOURCE);
    let terraform = working_directory(installation, SOURCE);
    terraform
        .init()
        .succeeds()
        .prints(&format!("Installed {SOURCE} v{VERSION}"));
}

#[test]
#[ignore = "needs terraform, zip and gpg on the PATH; make test runs it"]
fn release_installs_from_network_mirror() {
    let release = release();
    for is_tampered in [false, true] {
        let server = TlsRegistry::new(&release, move |name, bytes| {
            tamper(bytes, is_tampered && name.ends_with("zip"))
        });
        let mirror = Installation::from_network_mirror(&format!("https://{}", server.host()));
        let mut terraform = working_directory(mirror, SOURCE);
        terraform.set("SSL_CERT_FILE", &server.proxy.root_certificate());
        let init = terraform.init();
        if is_tampered {
            init.fails_with("checksum");
        } else {
            init.succeeds().prints(&format!("Installed {SOURCE} v{VERSION}"));
        }
    }
}

#[test]
#[ignore = "needs terraform, zip and gpg on the PATH; make test runs it"]
fn release_installs_from_registry() {
    let release = release();
    let address = registry::serve_release(&release, VERSION, |_, bytes| bytes);
    let locked =
        assert_lifecycle(Installation::from_registry(&address).unwrap_or_else(|reason| panic!("{reason}")));
    assert!(locked.iter().any(|hash| hash.starts_with("h1:")), "{locked:?}");
    // One for each archive and the manifest, from the signed checksums.
    for checksum in checksums(&release, &provider_file("SHA256SUMS")).values() {
        assert!(
            locked.contains(&format!("zh:{checksum}")),
            "{locked:?} has no zh:{checksum}"
        );
    }
}

#[test]
#[ignore = "needs terraform, zip and gpg on the PATH; make test runs it"]
fn release_installs_from_private_registry() {
    let release = release();
    // Terraform finds the registry of the host by service discovery.
    let server = TlsRegistry::new(&release, |_, bytes| bytes);
    let source = format!("{}/{SOURCE}", server.host());
    let mut terraform = working_directory(Installation::direct(), &source);
    terraform.set("SSL_CERT_FILE", &server.proxy.root_certificate());
    terraform
        .init()
        .succeeds()
        .prints(&format!("Installed {source} v{VERSION}"));
}

#[test]
#[ignore = "needs terraform, zip and gpg on the PATH; make test runs it"]
fn tampered_release_is_rejected() {
    let release = release();
    for (end, expected) in [
        ("zip", "checksum"),
        ("SHA256SUMS", "signature"),
        ("SHA256SUMS.sig", "signature"),
    ] {
        let address = registry::serve_release(&release, VERSION, move |name, bytes| {
            tamper(bytes, name.ends_with(end))
        });
        let terraform = working_directory(Installation::from_registry(&address), SOURCE);
        terraform.init().fails_with(expected);
    }
}

/// A registry and network mirror with TLS.
struct TlsRegistry {
    proxy: TlsProxy,
    _folder: tempfile::TempDir,
}

impl TlsRegistry {
    fn new(release: &Release, alter: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let address = registry::serve_release(release, VERSION, alter);
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self {
            proxy: TlsProxy::new(&address, "localhost", folder.path()),
            _folder: folder,
        }
    }

    /// Such as `localhost:41234`.
    fn host(&self) -> String {
        format!("localhost:{}", self.proxy.address().port())
    }
}

/// A working directory whose configuration requires the provider at a source address.
fn working_directory(installation: Result<Installation, String>, source: &str) -> Terraform {
    let installation = Arc::new(installation.unwrap_or_else(|reason| panic!("{reason}")));
    let terraform = Terraform::new(&installation).unwrap_or_else(|reason| panic!("{reason}"));
    terraform.write("main.tf", &REQUIRED_PROVIDERS.replace(SOURCE, source));
    terraform
}

/// Inverts the last byte on a condition.
fn tamper(mut bytes: Vec<u8>, is_tampered: bool) -> Vec<u8> {
    if let Some(last) = bytes.last_mut().filter(|_| is_tampered) {
        *last = !*last;
    }
    bytes
}

/// Creates and destroys a job with the installed provider, and returns the hashes in the lock file.
fn assert_lifecycle(installation: Installation) -> Vec<String> {
    let emulator = Emulator::start();
    let terraform = Terraform::new(&Arc::new(installation)).unwrap_or_else(|reason| panic!("{reason}"));
    let terraform = terraform.with_emulator(&emulator);
    terraform.write("main.tf", &job(""));
    terraform
        .init()
        .succeeds()
        .prints(&format!("Installed {SOURCE} v{VERSION}"));
    let plan = terraform.plan(&[]);
    assert_eq!(plan.code, Some(2), "the plan should create a job\n{plan}");
    terraform.apply().succeeds();
    assert!(emulator.job("render").is_some());
    terraform.assert_no_changes();
    // Installs by the lock file, as in a fresh checkout.
    fs::remove_dir_all(terraform.folder().join(".terraform")).expect("the installed provider");
    terraform
        .run(&["init", "-input=false", "-lockfile=readonly"])
        .succeeds();
    terraform.destroy().succeeds();
    assert!(emulator.jobs().is_empty());

    let lock = fs::read_to_string(terraform.folder().join(".terraform.lock.hcl")).expect("a lock file");
    assert!(lock.contains(&format!("version = \"{VERSION}\"")), "{lock}");
    let hashes = lock
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","));
    hashes.map(str::to_owned).collect()
}

/// One release shared by the running tests; the last one removes it.
fn release() -> Arc<Release> {
    static SHARED: Mutex<Weak<Release>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let fresh = Arc::new(Release::new().unwrap_or_else(|reason| panic!("{reason}")));
        *shared = Arc::downgrade(&fresh);
        fresh
    })
}

/// A release of dummy files, which is packed quickly.
fn fake_release() -> Release {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("program");
    fs::write(&file, "not a program\n".repeat(1000)).expect("the folder is writable");
    Release::from_files(&file, &file).unwrap_or_else(|reason| panic!("{reason}"))
}

/// A file name such as `terraform-provider-facets-gpu_1.2.3_SHA256SUMS`.
fn provider_file(end: &str) -> String {
    format!("terraform-provider-facets-gpu_{VERSION}_{end}")
}

fn file_names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder exists");
    let mut file_names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("a readable folder")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    file_names.sort();
    file_names
}

fn read(release: &Release, name: &str) -> String {
    fs::read_to_string(release.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The checksums by file name, from the output of sha256sum.
fn checksums(release: &Release, name: &str) -> BTreeMap<String, String> {
    let text = read(release, name);
    let lines = text
        .lines()
        .map(|line| line.split_once("  ").expect("a checksum and a name"));
    lines
        .map(|(checksum, file)| (file.to_owned(), checksum.to_owned()))
        .collect()
}

fn sha256(file: &Path) -> String {
    let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Name, Unix mode and time of the only file in an archive, from its central directory.
fn single_entry(archive: &[u8]) -> (String, u32, u32) {
    let end = &archive[archive.len() - 22..];
    assert_eq!(&end[..4], b"PK\x05\x06", "no end record");
    assert_eq!(read_number(end, 10, 2), 1, "the archive should have one file");
    let entry = &archive[read_number(end, 16, 4) as usize..];
    assert_eq!(&entry[..4], b"PK\x01\x02", "no central directory");
    assert_eq!(entry[5], 3, "not created on Unix, so its mode is ignored");
    // Extra fields would contain times and user ids.
    assert_eq!(read_number(entry, 30, 2), 0, "the entry has extra fields");
    let length = read_number(entry, 28, 2) as usize;
    let name = String::from_utf8_lossy(&entry[46..46 + length]).into_owned();
    (name, read_number(entry, 38, 4) >> 16, read_number(entry, 12, 4))
}

/// A little-endian number.
fn read_number(bytes: &[u8], at: usize, count: usize) -> u32 {
    let digits = bytes[at..at + count].iter().rev();
    digits.fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

/// SOURCE_DATE_EPOCH, 2023-11-14 22:13:20, as an MS-DOS time.
const PACKED_AT: u32 = ((2023 - 1980) << 25) | (11 << 21) | (14 << 16) | (22 << 11) | (13 << 5) | (20 / 2);
