//! Rules about the sources of volumes.

use std::collections::BTreeSet;

use super::environment::{invalid_version, is_version, secret_name_error};
use super::file_path::{is_absolute, is_relative};
use super::network;
use super::required::require;
use crate::gpu;
use crate::job::file_mode;
use crate::job::model::{EmptyDir, Gcs, Job, Nfs, SecretVolume};
use crate::job::resource_name::bucket_id;
use crate::job::schema::MEDIUMS;
use crate::quantity::Memory;
use crate::validators::{choices, null_element};
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::value::{Field, Path};

pub(super) fn gcs(gcs: &Gcs, at: &Path, diagnostics: &mut Vec<Diagnostic>) {
    require(at, ".gcs.bucket", &gcs.bucket, diagnostics);
    let is_bucket_name = |bucket: &str| is_bucket(bucket_id(bucket));
    if let Some(bucket) = gcs.bucket.known().filter(|bucket| !is_bucket_name(bucket)) {
        let plain = bucket
            .strip_prefix("gs://")
            .map(|rest| rest.split('/').next().unwrap_or(rest));
        let fix = match plain.filter(|plain| is_bucket(plain)) {
            Some(plain) => format!(
                "Write {}; a directory of it is named by sub_path of the mount",
                quoted(plain)
            ),
            None => "Use for example \"my-bucket\"".to_owned(),
        };
        diagnostics.push(Diagnostic::attribute_error(at.clone(),
            "Invalid bucket name",
            format!(
                "gcs.bucket is the name of a bucket: 3 to 222 lower-case letters, digits, -, _ and dots, with a letter or \
                 digit first and last, and no gs://. That of {} is {}. {fix}.",
                at,
                quoted(bucket)
            ),
        ));
    }
    for option in gcs.mount_options.known().into_iter().flatten() {
        match option {
            Field::Unknown => {}
            Field::Null => diagnostics.push(null_element(at.clone(), "gcs.mount_options")),
            Field::Known(option) if is_mount_option(option) => {}
            Field::Known(option) => diagnostics.push(Diagnostic::attribute_error(at.clone(),
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

pub(super) fn nfs(nfs: &Nfs, job: &Job, at: &Path, diagnostics: &mut Vec<Diagnostic>) {
    require(at, ".nfs.server", &nfs.server, diagnostics);
    require(at, ".nfs.path", &nfs.path, diagnostics);
    let is_host = |text: &str| {
        !text.is_empty()
            && !text.contains(['/', '"'])
            && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    if let Some(server) = nfs.server.known().filter(|server| !is_host(server)) {
        diagnostics.push(Diagnostic::attribute_error(at.clone(),
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
        diagnostics.push(Diagnostic::attribute_error(at.clone(),
            "Invalid NFS path",
            format!(
                "nfs.path is a directory that the server exports, such as \"/share\": it begins with / and has no .. in \
                 it. That of {} is {}. Write it so.",
                at,
                quoted(path)
            ),
        ));
    }
    if network::is_unreachable(&job.vpc_access) {
        diagnostics.push(Diagnostic::attribute_warning(
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

pub(super) fn secret(secret: &SecretVolume, at: &Path, diagnostics: &mut Vec<Diagnostic>) {
    require(at, ".secret.secret", &secret.secret, diagnostics);
    if let Some(name) = secret.secret.known()
        && let Some(reason) = secret_name_error(name)
    {
        diagnostics.push(Diagnostic::attribute_error(
            at.clone(),
            "Invalid secret name",
            format!(
                "secret.secret is the name of a secret, such as \"my-key\", or \"projects/P/secrets/my-key\" without a \
                 version. In {at} it is {}: {reason}. The version belongs into items.",
                quoted(name)
            ),
        ));
    }
    check_file_mode("secret.default_mode", &secret.default_mode, at, diagnostics);
    let mut paths = BTreeSet::new();
    for item in secret.items.known().into_iter().flatten() {
        let Some(item) = item.known() else {
            if item.is_null() {
                diagnostics.push(null_element(at.clone(), "secret.items"));
            }
            continue;
        };
        require(at, ".secret.items.path", &item.path, diagnostics);
        if let Some(path) = item.path.known() {
            if !is_relative(path) {
                diagnostics.push(Diagnostic::attribute_error(at.clone(),
                    "Invalid path of a secret",
                    format!(
                        "Each path in secret.items is a file below the place of the volume, such as \"license.key\": it \
                         does not begin with / and has no .. in it. One of {} is {}. Write it so.",
                        at,
                        quoted(path)
                    ),
                ));
            }
            if !paths.insert(path) {
                diagnostics.push(Diagnostic::attribute_error(at.clone(),
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
            diagnostics.push(invalid_version(at, version));
        }
        check_file_mode("secret.items.mode", &item.mode, at, diagnostics);
    }
}

fn check_file_mode(name: &str, given: &Field<String>, at: &Path, diagnostics: &mut Vec<Diagnostic>) {
    let Some(text) = given.known() else { return };
    if file_mode::parse(text).is_some_and(file_mode::is_supported) {
        return;
    }
    let fix = file_mode::from_decimal(text)
        .map(|mode| format!("If {text} is the decimal number of the google provider, set \"{mode}\""))
        .unwrap_or_else(|| {
            format!(
                "Omit it to use \"{}\"",
                file_mode::format(file_mode::SECRET_DEFAULT)
            )
        });
    diagnostics.push(Diagnostic::attribute_error(
        at.clone(),
        "Invalid file mode",
        format!(
            "{name} must be the permissions of a file as octal digits in quotes, from \"0400\" to \"0777\", with read \
             permission for the owner and no write permission without read permission (no digit 2 or 3), got {} in {at}. {fix}.",
            quoted(text)
        ),
    ));
}

pub(super) fn empty_dir(dir: &EmptyDir, job: &Job, at: &Path, diagnostics: &mut Vec<Diagnostic>) {
    let names = MEDIUMS.map(|(name, _)| name);
    if let Some(medium) = dir
        .medium
        .known()
        .filter(|medium| !names.contains(&medium.as_str()))
    {
        diagnostics.push(Diagnostic::attribute_error(
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
        invalid => {
            let reason = invalid.map_or_else(|reason| reason.to_string(), |_| "it is nothing".to_owned());
            diagnostics.push(Diagnostic::attribute_error(at.clone(),
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
    if on_disk && size < MIN_DISK {
        diagnostics.push(Diagnostic::attribute_warning(
            at.clone(),
            "Disk volume too small",
            format!(
                "empty_dir.size_limit must be at least {MIN_DISK} with medium = \"{}\", got {} in {at}. Raise it, or omit \
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
        diagnostics.push(Diagnostic::attribute_warning(
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

/// The minimum size of an ephemeral disk.
const MIN_DISK: Memory = Memory::gib(10);
/// The page with the minimum.
const DISK_URL: &str = "https://docs.cloud.google.com/run/docs/configuring/jobs/ephemeral-disk";

/// <https://docs.cloud.google.com/storage/docs/buckets#naming>
fn is_bucket(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (3..=222).contains(&name.len())
        && name.split('.').all(|part| (1..=63).contains(&part.len()))
        && name.bytes().all(|b| plain(b) || matches!(b, b'-' | b'_' | b'.'))
        && name.bytes().next().is_some_and(plain)
        && name.bytes().last().is_some_and(plain)
}

fn is_mount_option(option: &str) -> bool {
    !option.is_empty()
        && !option.starts_with('-')
        && !option.contains(|c: char| c.is_whitespace() || c.is_control())
}
