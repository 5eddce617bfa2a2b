//! What `make dist` packs: it is what the Terraform Registry takes, and Terraform installs it. The binaries are those of
//! the other stories; the packing is the release's own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{REQUIRED, job};
use crate::harness::installation::platform;
use crate::harness::release::{Packed, words};
use crate::harness::{Emulator, Installation, Terraform, registry};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const SOURCE: &str = "facets-cloud/facets-gpu";

#[test]
#[ignore = "needs zip and gpg on the PATH; make test runs it"]
fn a_release_has_the_names_modes_and_sums_that_the_registry_wants() {
    let packed = release();
    let platform = platform();
    assert_eq!(
        names(&packed.file("")),
        [
            format!("cloudrun-emulator_{VERSION}_{platform}.zip"),
            format!("extras_{VERSION}.sha256"),
            format!("extras_{VERSION}.sha256.sig"),
            provider("SHA256SUMS"),
            provider("SHA256SUMS.sig"),
            provider(&format!("{platform}.zip")),
            provider("manifest.json"),
        ]
    );

    for (file, program) in [
        (
            provider(&format!("{platform}.zip")),
            format!("terraform-provider-facets-gpu_v{VERSION}"),
        ),
        (
            format!("cloudrun-emulator_{VERSION}_{platform}.zip"),
            "cloudrun-emulator".to_owned(),
        ),
    ] {
        let archive = fs::read(packed.file(&file)).expect("the archive is there");
        assert_eq!(only_entry(&archive), (program, 0o100_755, PACKED_AT), "{file}");
    }

    let manifest: Value = serde_json::from_str(&read(&packed, &provider("manifest.json"))).expect("JSON");
    assert_eq!(
        manifest,
        json!({ "version": 1, "metadata": { "protocol_versions": ["6.0"] } })
    );

    let listed = sums(&packed, &provider("SHA256SUMS"));
    assert_eq!(
        listed.keys().cloned().collect::<Vec<_>>(),
        [provider(&format!("{platform}.zip")), provider("manifest.json")]
    );
    let extras = sums(&packed, &format!("extras_{VERSION}.sha256"));
    for (file, sum) in listed.iter().chain(&extras) {
        assert_eq!(&sum_of(&packed.file(file)), sum, "{file}");
    }
}

#[test]
#[ignore = "needs zip and gpg on the PATH; make test runs it"]
fn the_same_binaries_make_the_same_bytes() {
    let (one, two) = (lookalike(), lookalike());
    // As artifacts of a workflow come, or those of somebody with another umask.
    two.lose_modes();
    let made = [(&one, "dist"), (&two, "another-folder")].map(|(packed, folder)| {
        let run = packed.pack(folder, &[]);
        assert!(run.status.success(), "{}", words(&run));
        let sums = packed.folder().join(folder).join(provider("SHA256SUMS"));
        fs::read_to_string(sums).expect("the sums are there")
    });
    assert_eq!(made[0], made[1]);
}

#[test]
#[ignore = "needs zip and gpg on the PATH; make test runs it"]
fn what_is_no_release_is_not_packed() {
    let packed = lookalike();
    let refused = |variables: &[(&str, &str)], expected: &str| {
        let run = packed.pack("dist", variables);
        let said = words(&run);
        assert_eq!(run.status.code(), Some(1), "{said}");
        assert!(said.contains(expected), "{said}");
    };
    refused(
        &[("RELEASE_TAG", "v99.0.0")],
        &format!("the tag is v99.0.0, but Cargo.toml has version {VERSION}"),
    );
    refused(
        &[("GPG_FINGERPRINT", "0123456789012345678901234567890123456789")],
        "could not be signed with 0123456789012345678901234567890123456789",
    );

    let unsigned = packed.pack("dist", &[("GPG_FINGERPRINT", "")]);
    let said = words(&unsigned);
    assert!(unsigned.status.success(), "{said}");
    assert!(said.contains("SHA256SUMS is NOT signed"), "{said}");
    assert!(!packed.file(&provider("SHA256SUMS.sig")).exists());
}

#[test]
#[ignore = "needs terraform, zip and gpg on the PATH; make test runs it"]
fn a_packed_release_installs_from_a_mirror() {
    let packed = release();
    let archive = packed.file(&provider(&format!("{}.zip", platform())));
    let installation = Installation::of_archive(&archive, SOURCE).unwrap_or_else(|reason| panic!("{reason}"));
    let terraform = Terraform::new(&Arc::new(installation)).unwrap_or_else(|reason| panic!("{reason}"));
    terraform.write("main.tf", REQUIRED);
    terraform
        .init()
        .succeeds()
        .says(&format!("Installed {SOURCE} v{VERSION}"));
}

#[test]
#[ignore = "needs terraform, zip and gpg on the PATH; make test runs it"]
fn a_packed_release_installs_from_a_registry_which_checks_its_signature() {
    let packed = release();
    let address = registry::serving(&packed, VERSION, |_, bytes| bytes);
    let locked = lives(Installation::from_registry(&address).unwrap_or_else(|reason| panic!("{reason}")));
    assert!(locked.iter().any(|hash| hash.starts_with("h1:")), "{locked:?}");
    // One for each archive and for the manifest, out of the list that the key has signed.
    for sum in sums(&packed, &provider("SHA256SUMS")).values() {
        assert!(
            locked.contains(&format!("zh:{sum}")),
            "{locked:?} has no zh:{sum}"
        );
    }
}

#[test]
#[ignore = "needs terraform, zip and gpg on the PATH; make test runs it"]
fn a_release_that_somebody_has_changed_is_not_installed() {
    let packed = release();
    for end in ["zip", "SHA256SUMS"] {
        let address = registry::serving(&packed, VERSION, move |name, mut bytes| {
            if name.ends_with(end) {
                bytes.push(b'\n');
            }
            bytes
        });
        let installation = Installation::from_registry(&address).unwrap_or_else(|reason| panic!("{reason}"));
        let terraform = Terraform::new(&Arc::new(installation)).unwrap_or_else(|reason| panic!("{reason}"));
        terraform.write("main.tf", REQUIRED);
        let refusal = if end == "zip" { "checksum" } else { "signature" };
        terraform.init().fails_with(refusal);
    }
}

/// The life of a job with a provider that is installed so, and the hashes in the lock file that came of it.
fn lives(installation: Installation) -> Vec<String> {
    let cloud = Emulator::start();
    let terraform = Terraform::new(&Arc::new(installation)).unwrap_or_else(|reason| panic!("{reason}"));
    let terraform = terraform.against(&cloud);
    terraform.write("main.tf", &job(""));
    terraform
        .init()
        .succeeds()
        .says(&format!("Installed {SOURCE} v{VERSION}"));
    let plan = terraform.plan(&[]);
    assert_eq!(plan.code, Some(2), "there is a job to be made\n{plan}");
    terraform.apply().succeeds();
    assert!(cloud.job("render").is_some());
    terraform.has_nothing_to_do();
    // From the lock file alone, as in a checkout of somebody else's.
    fs::remove_dir_all(terraform.folder().join(".terraform")).expect("what was installed is there");
    terraform
        .run(&["init", "-input=false", "-lockfile=readonly"])
        .succeeds();
    terraform.destroy().succeeds();
    assert!(cloud.jobs().is_empty());

    let lock = fs::read_to_string(terraform.folder().join(".terraform.lock.hcl")).expect("a lock file");
    assert!(lock.contains(&format!("version = \"{VERSION}\"")), "{lock}");
    let hashes = lock
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","));
    hashes.map(str::to_owned).collect()
}

/// One release for all stories that run at the same time; the last one removes it.
fn release() -> Arc<Packed> {
    static SHARED: Mutex<Weak<Packed>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let fresh = Arc::new(Packed::new().unwrap_or_else(|reason| panic!("{reason}")));
        *shared = Arc::downgrade(&fresh);
        fresh
    })
}

/// Programs that are none, but are packed in no time.
fn lookalike() -> Packed {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("program");
    fs::write(&file, "this is no program\n".repeat(1000)).expect("the folder takes files");
    Packed::of(&file, &file).unwrap_or_else(|reason| panic!("{reason}"))
}

/// A name of the provider's, such as `terraform-provider-facets-gpu_1.2.3_SHA256SUMS`.
fn provider(end: &str) -> String {
    format!("terraform-provider-facets-gpu_{VERSION}_{end}")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("a readable folder")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

fn read(packed: &Packed, name: &str) -> String {
    fs::read_to_string(packed.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// File by file, as sha256sum lists them.
fn sums(packed: &Packed, name: &str) -> BTreeMap<String, String> {
    let listed = read(packed, name);
    let lines = listed
        .lines()
        .map(|line| line.split_once("  ").expect("a sum and a name"));
    lines
        .map(|(sum, file)| (file.to_owned(), sum.to_owned()))
        .collect()
}

fn sum_of(file: &Path) -> String {
    let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The name, the mode of Unix and the time of the one file in an archive, out of the archive's directory.
fn only_entry(archive: &[u8]) -> (String, u32, u32) {
    let end = &archive[archive.len() - 22..];
    assert_eq!(&end[..4], b"PK\x05\x06", "the archive ends with its end");
    assert_eq!(number(end, 10, 2), 1, "the archive has one file");
    let entry = &archive[number(end, 16, 4) as usize..];
    assert_eq!(&entry[..4], b"PK\x01\x02", "the archive has a directory");
    assert_eq!(entry[5], 3, "made on Unix, so that its mode counts");
    // Such fields would have more times, and who packed it.
    assert_eq!(number(entry, 30, 2), 0, "the entry has no fields beside its own");
    let length = number(entry, 28, 2) as usize;
    let name = String::from_utf8_lossy(&entry[46..46 + length]).into_owned();
    (name, number(entry, 38, 4) >> 16, number(entry, 12, 4))
}

/// A number of some bytes, the lowest first.
fn number(bytes: &[u8], at: usize, count: usize) -> u32 {
    let digits = bytes[at..at + count].iter().rev();
    digits.fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

/// 2023-11-14 22:13:20 in the days, minutes and pairs of seconds of MS-DOS: what SOURCE_DATE_EPOCH says.
const PACKED_AT: u32 = ((2023 - 1980) << 25) | (11 << 21) | (14 << 16) | (22 << 11) | (13 << 5) | (20 / 2);
