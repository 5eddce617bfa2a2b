//! Rules about the sources of volumes.

use std::collections::BTreeMap;

use super::choice;
use super::environment::{check_secret_name, check_version};
use super::file_path::{ABSOLUTE, RELATIVE, is_absolute, is_relative};
use super::network;
use super::required::require;
use crate::gpu::{self, DISK_VOLUME};
use crate::job::file_mode;
use crate::job::model::{EmptyDir, Gcs, Job, Nfs, SecretVolume};
use crate::job::resource_name::bucket_id;
use crate::job::schema::MEDIUMS;
use crate::quantity::Memory;
use crate::validators::{example, null_element};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::{Field, Path};

pub(super) fn gcs(gcs: &Gcs, at: &Path, diagnostics: &mut Vec<Diagnostic>) {
    let path = at.clone().key("bucket");
    require(path.clone(), &gcs.bucket, diagnostics);
    let is_bucket_name = |bucket: &str| is_bucket(bucket_id(bucket));
    if let Some(bucket) = gcs.bucket.known().filter(|bucket| !is_bucket_name(bucket)) {
        let in_url = bucket
            .strip_prefix("gs://")
            .map(|rest| rest.split('/').next().unwrap_or(rest));
        let error = InvalidValue {
            path,
            must: "be a bucket name of 3 to 222 lowercase letters, digits, -, _ or . that starts and ends with a letter or \
                   digit"
                .into(),
            got: quoted(bucket),
            fix: match in_url.filter(|name| is_bucket(name)) {
                Some(name) => format!("Use {}, and sub_path in container.volume_mounts for a directory.", quoted(name)),
                None => format!("{} See {BUCKETS_URL}.", example("my-bucket")),
            },
        };
        diagnostics.push(error.error("Invalid bucket name"));
    }
    for (index, option) in gcs.mount_options.known().into_iter().flatten().enumerate() {
        let path = at.clone().key("mount_options").index(index);
        match option {
            Field::Unknown => {}
            Field::Null => diagnostics.push(null_element(path)),
            Field::Known(option) if is_mount_option(option) => {}
            Field::Known(option) => {
                let error = InvalidValue {
                    path,
                    must: "be a Cloud Storage FUSE option without leading hyphens or white space".into(),
                    got: quoted(option),
                    fix: example("implicit-dirs"),
                };
                diagnostics.push(error.error("Invalid mount option"));
            }
        }
    }
}

pub(super) fn nfs(nfs: &Nfs, job: &Job, at: &Path, diagnostics: &mut Vec<Diagnostic>) {
    let member = |name| at.clone().key(name);
    require(member("server"), &nfs.server, diagnostics);
    require(member("path"), &nfs.path, diagnostics);
    let is_host = |text: &str| {
        !text.is_empty()
            && !text.contains(['/', '"'])
            && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    if let Some(server) = nfs.server.known().filter(|server| !is_host(server)) {
        let error = InvalidValue {
            path: member("server"),
            must: "be a host name or IP address".into(),
            got: quoted(server),
            fix: example("10.0.0.2"),
        };
        diagnostics.push(error.error("Invalid NFS server"));
    }
    if let Some(path) = nfs.path.known().filter(|path| !is_absolute(path)) {
        let error = InvalidValue {
            path: member("path"),
            must: ABSOLUTE.into(),
            got: quoted(path),
            fix: example("/share"),
        };
        diagnostics.push(error.error("Invalid NFS path"));
    }
    if network::is_unreachable(&job.vpc_access) {
        let detail = format!(
            "{at} requires vpc_access to reach a server in a VPC network. Without it, Cloud Run cannot mount the volume unless \
             the server has a public address. For example: vpc_access = {{ network = \"default\" }}."
        );
        diagnostics.push(Diagnostic::attribute_warning(
            at.clone(),
            "Missing VPC access",
            detail,
        ));
    }
}

pub(super) fn secret(secret: &SecretVolume, at: &Path, diagnostics: &mut Vec<Diagnostic>) {
    let name = at.clone().key("secret");
    require(name.clone(), &secret.secret, diagnostics);
    check_secret_name(&secret.secret, name, " in items", diagnostics);
    let default = format!(
        "the default, \"{}\"",
        file_mode::format(file_mode::SECRET_DEFAULT)
    );
    check_file_mode(
        &secret.default_mode,
        at.clone().key("default_mode"),
        &default,
        diagnostics,
    );
    let mut paths = BTreeMap::new();
    for (index, item) in secret.items.known().into_iter().flatten().enumerate() {
        let at = at.clone().key("items").index(index);
        let Some(item) = item.known() else {
            if item.is_null() {
                diagnostics.push(null_element(at));
            }
            continue;
        };
        let path = at.clone().key("path");
        require(path.clone(), &item.path, diagnostics);
        if let Some(file) = item.path.known() {
            if !is_relative(file) {
                let error = InvalidValue {
                    path: path.clone(),
                    must: RELATIVE.into(),
                    got: quoted(file),
                    fix: example("license.key"),
                };
                diagnostics.push(error.error("Invalid secret file path"));
            }
            if let Some(other) = paths.insert(file, at.clone()) {
                let error = InvalidValue {
                    path,
                    must: "be unique".into(),
                    got: format!("{} as in {other}", quoted(file)),
                    fix: "Rename one of them.".into(),
                };
                diagnostics.push(error.error("Duplicate secret file path"));
            }
        }
        check_version(&item.version, at.clone().key("version"), diagnostics);
        check_file_mode(&item.mode, at.key("mode"), "default_mode", diagnostics);
    }
}

fn check_file_mode(given: &Field<String>, path: Path, default: &str, diagnostics: &mut Vec<Diagnostic>) {
    let Some(text) = given.known() else { return };
    if file_mode::parse(text).is_some_and(file_mode::is_supported) {
        return;
    }
    let error = InvalidValue {
        path,
        must: "be an octal file mode in quotes from \"0400\" to \"0777\", without the digits 2 and 3 (write without read)"
            .into(),
        got: quoted(text),
        fix: match file_mode::from_decimal(text) {
            Some(mode) => format!("Use \"{mode}\" for the decimal {text} of the google provider."),
            None => format!("Omit it to use {default}."),
        },
    };
    diagnostics.push(error.error("Invalid file mode"));
}

pub(super) fn empty_dir(dir: &EmptyDir, job: &Job, at: &Path, diagnostics: &mut Vec<Diagnostic>) {
    choice::check(
        at.clone().key("medium"),
        &dir.medium,
        &MEDIUMS,
        "Unsupported volume medium",
        diagnostics,
    );
    let path = at.clone().key("size_limit");
    if let Some(size) = size_limit(&dir.size_limit, &path, diagnostics) {
        check_size(size, dir, job, path, diagnostics);
    }
}

fn size_limit(given: &Field<String>, path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Option<Memory> {
    let text = given.known()?;
    let reason = match Memory::parse(text) {
        Ok(size) if size > Memory::gib(0) => return Some(size),
        Ok(_) => String::new(),
        Err(reason) => format!(": {reason}"),
    };
    let error = InvalidValue {
        path: path.clone(),
        must: "be a whole number greater than 0 with a unit such as Gi or Mi".into(),
        got: format!("{}{reason}", quoted(text)),
        fix: example("16Gi"),
    };
    diagnostics.push(error.error("Malformed size"));
    None
}

/// Warns about sizes that Cloud Run rejects, or that are larger than the memory of the task.
fn check_size(size: Memory, dir: &EmptyDir, job: &Job, path: Path, diagnostics: &mut Vec<Diagnostic>) {
    let medium = match &dir.medium {
        Field::Null => MEDIUMS[0].0,
        Field::Unknown => return,
        Field::Known(medium) => medium,
    };
    let [in_memory, on_disk] = MEDIUMS.map(|(name, _)| name);
    let min_disk = Memory::gib(DISK_VOLUME.min_gib);
    if medium == on_disk && size < min_disk {
        let warning = InvalidValue {
            path,
            must: format!(
                "be at least {min_disk} on Cloud Run with medium = {}",
                quoted(on_disk)
            ),
            got: quoted(dir.size_limit.known().map_or("", String::as_str)),
            fix: format!(
                "Cloud Run may reject the job. If it does, set size_limit = \"{min_disk}\". Source: {}.",
                DISK_VOLUME.source
            ),
        };
        diagnostics.push(warning.warning("Disk volume too small"));
    } else if medium == in_memory
        && let Some(memory) = task_memory(job).filter(|memory| size > *memory)
    {
        let warning = InvalidValue {
            path,
            must: format!(
                "be at most resources.memory (\"{memory}\") with medium = {}",
                quoted(in_memory)
            ),
            got: format!("\"{size}\""),
            fix: format!(
                "Files in the volume use the memory of the task: it runs out of memory before the volume is full. Set medium = {}.",
                quoted(on_disk)
            ),
        };
        diagnostics.push(warning.warning("Memory volumes too large"));
    }
}

/// The memory of a task, if known.
fn task_memory(job: &Job) -> Option<Memory> {
    match job.resources.clone().and_then(|resources| resources.memory) {
        Field::Known(memory) => Memory::parse(&memory).ok(),
        Field::Null => Some(Memory::gib(gpu::default().memory_gib[0])),
        Field::Unknown => None,
    }
}

/// The page with the names of buckets.
const BUCKETS_URL: &str = "https://docs.cloud.google.com/storage/docs/buckets#naming";

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
