//! Rules about volumes and their sources.

use std::collections::BTreeSet;

use super::environment::{invalid_version, is_version, secret_fault};
use super::{choices, network, null_element, quoted};
use crate::gpu;
use crate::job::file_mode;
use crate::job::model::{EmptyDir, Gcs, Job, Nfs, SecretVolume, Volume};
use crate::job::schema::MEDIUMS;
use crate::job::semantic_equality::plain_bucket;
use crate::quantity::Memory;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::value::{Field, Path};

pub(super) fn check(job: &Job, found: &mut Vec<Diagnostic>) {
    let mut names = BTreeSet::new();
    for (index, volume) in job.volumes.known().into_iter().flatten().enumerate() {
        let at = Path::attribute("volumes").index(index);
        match volume {
            Field::Unknown => {}
            Field::Null => found.push(null_element(at, "volumes")),
            Field::Known(volume) => one(volume, job, &at, &mut names, found),
        }
    }
}

/// A member that must have a value and is written as null. Terraform shows the line of an element, and none for what is
/// deeper.
pub(super) fn requires(at: &Path, member: &str, value: &Field<String>, found: &mut Vec<Diagnostic>) {
    if value.is_null() {
        let detail = format!("{at}{member} is required. It is null. Give it a value.");
        found.push(Diagnostic::attribute_error(at.clone(), "Missing value", detail));
    }
}

fn one<'a>(
    volume: &'a Volume,
    job: &Job,
    at: &Path,
    names: &mut BTreeSet<&'a str>,
    found: &mut Vec<Diagnostic>,
) {
    requires(at, ".name", &volume.name, found);
    if let Some(name) = volume.name.known() {
        if !is_label(name) {
            found.push(Diagnostic::attribute_error(at.clone(),
                "Invalid volume name",
                format!(
                    "The name of a volume has 1 to 63 lower-case letters, digits and hyphens, with a letter or digit first \
                     and last. That of {} is {}. Use for example \"data\".",
                    at,
                    quoted(name)
                ),
            ));
        }
        if !names.insert(name) {
            found.push(Diagnostic::attribute_error(at.clone(),
                "Two volumes of one name",
                format!(
                    "Each volume has a name of its own. {} is called {}, and so is one before it. Rename one of them.",
                    at,
                    quoted(name)
                ),
            ));
        }
    }
    sources(volume, at, found);
    if let Some(given) = volume.gcs.known() {
        gcs(given, at, found);
    }
    if let Some(given) = volume.nfs.known() {
        nfs(given, job, at, found);
    }
    if let Some(given) = volume.secret.known() {
        secret(given, at, found);
    }
    if let Some(given) = volume.empty_dir.known() {
        empty_dir(given, job, at, found);
    }
}

/// A volume has one source, neither more nor less.
fn sources(volume: &Volume, at: &Path, found: &mut Vec<Diagnostic>) {
    let all = [
        ("gcs", volume.gcs.is_null(), volume.gcs.known().is_some()),
        ("nfs", volume.nfs.is_null(), volume.nfs.known().is_some()),
        ("secret", volume.secret.is_null(), volume.secret.known().is_some()),
        (
            "empty_dir",
            volume.empty_dir.is_null(),
            volume.empty_dir.known().is_some(),
        ),
    ];
    let given: Vec<&str> = all
        .iter()
        .filter(|(_, _, known)| *known)
        .map(|(name, ..)| *name)
        .collect();
    let rule = "A volume has one source: gcs, nfs, secret or empty_dir.";
    if given.len() > 1 {
        let detail = format!(
            "{rule} {} has {}. Make a volume of each.",
            at,
            given.join(" and ")
        );
        found.push(Diagnostic::attribute_error(
            at.clone(),
            "Volume with several sources",
            detail,
        ));
    } else if all.iter().all(|(_, null, _)| *null) {
        let detail = format!(
            "{rule} {} has none. Give it one, for example gcs = {{ bucket = \"my-bucket\" }}.",
            at
        );
        found.push(Diagnostic::attribute_error(
            at.clone(),
            "Volume without a source",
            detail,
        ));
    }
}

fn gcs(gcs: &Gcs, at: &Path, found: &mut Vec<Diagnostic>) {
    requires(at, ".gcs.bucket", &gcs.bucket, found);
    let is_named = |bucket: &str| is_bucket(plain_bucket(bucket));
    if let Some(bucket) = gcs.bucket.known().filter(|bucket| !is_named(bucket)) {
        let plain = bucket
            .strip_prefix("gs://")
            .map(|rest| rest.split('/').next().unwrap_or(rest));
        let way_out = match plain.filter(|plain| is_bucket(plain)) {
            Some(plain) => format!(
                "Write {}; a directory of it is named by sub_path of the mount",
                quoted(plain)
            ),
            None => "Use for example \"my-bucket\"".to_owned(),
        };
        found.push(Diagnostic::attribute_error(at.clone(),
            "Invalid bucket name",
            format!(
                "gcs.bucket is the name of a bucket: 3 to 222 lower-case letters, digits, -, _ and dots, with a letter or \
                 digit first and last, and no gs://. That of {} is {}. {way_out}.",
                at,
                quoted(bucket)
            ),
        ));
    }
    for option in gcs.mount_options.known().into_iter().flatten() {
        match option {
            Field::Unknown => {}
            Field::Null => found.push(null_element(at.clone(), "gcs.mount_options")),
            Field::Known(option) if is_option(option) => {}
            Field::Known(option) => found.push(Diagnostic::attribute_error(at.clone(),
                "Invalid mount option",
                format!(
                    "gcs.mount_options are flags of Cloud Storage FUSE without their hyphens, such as \"implicit-dirs\" or \
                     \"uid=1000\". One of {} is {}. Correct it, or take it out.",
                    at,
                    quoted(option)
                ),
            )),
        }
    }
}

fn nfs(nfs: &Nfs, job: &Job, at: &Path, found: &mut Vec<Diagnostic>) {
    requires(at, ".nfs.server", &nfs.server, found);
    requires(at, ".nfs.path", &nfs.path, found);
    let is_host = |text: &str| {
        !text.is_empty()
            && !text.contains(['/', '"'])
            && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    if let Some(server) = nfs.server.known().filter(|server| !is_host(server)) {
        found.push(Diagnostic::attribute_error(at.clone(),
            "Invalid NFS server",
            format!(
                "nfs.server is the address of a server alone, such as \"10.0.0.2\"; what it exports is nfs.path. That of \
                 {} is {}. Write the address without a scheme or path.",
                at,
                quoted(server)
            ),
        ));
    }
    if let Some(path) = nfs.path.known().filter(|path| !is_absolute(path)) {
        found.push(Diagnostic::attribute_error(at.clone(),
            "Invalid NFS path",
            format!(
                "nfs.path is a directory that the server exports, such as \"/share\": it begins with / and has no .. in \
                 it. That of {} is {}. Write it so.",
                at,
                quoted(path)
            ),
        ));
    }
    if network::leads_nowhere(&job.vpc_access) {
        found.push(Diagnostic::attribute_warning(
            at.clone(),
            "NFS without a way into a VPC",
            format!(
                "An NFS server is reached through a VPC. {} has one, and the job has no vpc_access. If the server is not \
                 on the internet, set vpc_access = {{ network = \"default\" }}, or the network that it is in.",
                at
            ),
        ));
    }
}

fn secret(secret: &SecretVolume, at: &Path, found: &mut Vec<Diagnostic>) {
    requires(at, ".secret.secret", &secret.secret, found);
    if let Some(name) = secret.secret.known()
        && let Some(fault) = secret_fault(name)
    {
        found.push(Diagnostic::attribute_error(
            at.clone(),
            "Invalid secret name",
            format!(
                "secret.secret is the name of a secret, such as \"my-key\", or \"projects/P/secrets/my-key\" without a \
                 version. In {at} it is {}: {fault}. The version belongs into items.",
                quoted(name)
            ),
        ));
    }
    file_mode("secret.default_mode", &secret.default_mode, at, found);
    let mut taken = BTreeSet::new();
    for item in secret.items.known().into_iter().flatten() {
        let Some(item) = item.known() else {
            if item.is_null() {
                found.push(null_element(at.clone(), "secret.items"));
            }
            continue;
        };
        requires(at, ".secret.items.path", &item.path, found);
        if let Some(path) = item.path.known() {
            if !is_relative(path) {
                found.push(Diagnostic::attribute_error(at.clone(),
                    "Invalid path of a secret",
                    format!(
                        "Each path in secret.items is a file below the place of the volume, such as \"license.key\": it \
                         does not begin with / and has no .. in it. One of {} is {}. Write it so.",
                        at,
                        quoted(path)
                    ),
                ));
            }
            if !taken.insert(path) {
                found.push(Diagnostic::attribute_error(at.clone(),
                    "Two versions in one file",
                    format!(
                        "Each path in secret.items is a file of its own. {} has {} twice. Rename one of them.",
                        at,
                        quoted(path)
                    ),
                ));
            }
        }
        if let Some(version) = item.version.known().filter(|version| !is_version(version)) {
            found.push(invalid_version(at, version));
        }
        file_mode("secret.items.mode", &item.mode, at, found);
    }
}

fn file_mode(name: &str, given: &Field<String>, at: &Path, found: &mut Vec<Diagnostic>) {
    let Some(text) = given.known() else { return };
    if file_mode::parse(text).is_some_and(file_mode::is_supported) {
        return;
    }
    let way_out = file_mode::of_decimal(text)
        .map(|mode| format!("If {text} is the decimal number of the google provider, set \"{mode}\""))
        .unwrap_or_else(|| format!("Omit it to use \"{}\"", file_mode::to_text(file_mode::OF_SECRETS)));
    found.push(Diagnostic::attribute_error(
        at.clone(),
        "Invalid file mode",
        format!(
            "{name} must be the permissions of a file as octal digits in quotes, from \"0400\" to \"0777\", with read \
             permission for the owner and no write permission without read permission (no digit 2 or 3), got {} in {at}. {way_out}.",
            quoted(text)
        ),
    ));
}

fn empty_dir(dir: &EmptyDir, job: &Job, at: &Path, found: &mut Vec<Diagnostic>) {
    let names = MEDIUMS.map(|(name, _)| name);
    if let Some(medium) = dir
        .medium
        .known()
        .filter(|medium| !names.contains(&medium.as_str()))
    {
        found.push(Diagnostic::attribute_error(
            at.clone(),
            "Unknown medium",
            format!(
                "empty_dir.medium is {}. In {} it is {}. Leave it out to get {}.",
                choices(&names),
                at,
                quoted(medium),
                quoted(names[0])
            ),
        ));
    }
    let Some(text) = dir.size_limit.known() else {
        return;
    };
    let size = match Memory::parse(text) {
        Ok(size) if size > Memory::gib(0) => size,
        bad => {
            let reason = bad.map_or_else(|reason| reason.to_string(), |_| "it is nothing".to_owned());
            found.push(Diagnostic::attribute_error(at.clone(),
                "Malformed size",
                format!(
                    "empty_dir.size_limit is a whole number with a unit of bytes, such as \"16Gi\". In {} it is {}: {reason}. \
                     Leave it out for as much as there is.",
                    at,
                    quoted(text)
                ),
            ));
            return;
        }
    };
    let on_disk = dir.medium.known().is_some_and(|medium| medium == names[1]);
    if on_disk && size < LEAST_DISK {
        found.push(Diagnostic::attribute_warning(
            at.clone(),
            "Disk volume too small",
            format!(
                "empty_dir.size_limit must be at least {LEAST_DISK} with medium = \"{}\", got {} in {at}. Raise it, or omit \
                 it. Source: Google's page on ephemeral disks, {DISK_URL}.",
                names[1],
                quoted(text)
            ),
        ));
    }
    let memory = match job.resources.clone().map(|resources| resources.memory) {
        Field::Known(Field::Known(memory)) => Memory::parse(&memory).ok(),
        Field::Known(Field::Null) | Field::Null => Some(Memory::gib(gpu::default().memory_gib[0])),
        _ => None,
    };
    let in_memory =
        matches!(&dir.medium, Field::Null) || dir.medium.known().is_some_and(|medium| medium == names[0]);
    if let Some(memory) = memory.filter(|memory| in_memory && size > *memory) {
        found.push(Diagnostic::attribute_warning(
            at.clone(),
            "More in memory than there is",
            format!(
                "What an empty directory holds in memory counts against resources.memory. {} may hold {size}, and there \
                 are {memory}: a task that fills it runs out of memory first. Lower size_limit, or set medium = \"{}\".",
                at, MEDIUMS[1].0
            ),
        ));
    }
}

/// The least that an ephemeral disk can have.
const LEAST_DISK: Memory = Memory::gib(10);
/// Where Google says so.
const DISK_URL: &str = "https://docs.cloud.google.com/run/docs/configuring/jobs/ephemeral-disk";

/// Whether a path begins with `/` and leads nowhere else.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with('/') && is_sound(path)
}

pub(super) fn is_relative(path: &str) -> bool {
    !path.is_empty() && !path.starts_with('/') && is_sound(path)
}

fn is_sound(path: &str) -> bool {
    path.split('/').all(|step| step != "..") && !path.contains(char::is_control)
}

/// A label of RFC 1123, as the live service demands of volumes.
fn is_label(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=63).contains(&name.len())
        && name.bytes().all(|b| plain(b) || b == b'-')
        && name.bytes().next().is_some_and(plain)
        && name.bytes().last().is_some_and(plain)
}

/// <https://docs.cloud.google.com/storage/docs/buckets#naming>
fn is_bucket(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (3..=222).contains(&name.len())
        && name.split('.').all(|part| (1..=63).contains(&part.len()))
        && name.bytes().all(|b| plain(b) || matches!(b, b'-' | b'_' | b'.'))
        && name.bytes().next().is_some_and(plain)
        && name.bytes().last().is_some_and(plain)
}

fn is_option(option: &str) -> bool {
    !option.is_empty()
        && !option.starts_with('-')
        && !option.contains(|c: char| c.is_whitespace() || c.is_control())
}
