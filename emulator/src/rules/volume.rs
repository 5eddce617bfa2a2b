//! Rules for volumes and mounts. The sources of a volume are a oneof: `types` rejects a second one.

use serde_json::Value;

use super::definition::{CONTAINERS, invalid, list, string};
use super::format::{is_dns_label, is_secret, is_secret_version, matches_pattern};
use super::quantity;
use crate::error::ApiError;

pub(super) fn check(task: &Value) -> Result<(), ApiError> {
    let volumes = list(task, "volumes");
    let mut names: Vec<&str> = Vec::new();
    for volume in volumes {
        let name = string(volume, "name");
        if !is_dns_label(name) {
            return Err(invalid(
                &format!("{VOLUMES}.name"),
                format!("'{name}' must conform to RFC 1123."),
            ));
        }
        if volume["cloudSqlInstance"].is_object() && name != "cloudsql" {
            return Err(invalid(
                &format!("{VOLUMES}.name"),
                "Cloud SQL volume must be named 'cloudsql'.",
            ));
        }
        if names.contains(&name) {
            return Err(invalid(
                VOLUMES,
                format!("duplicate volume names are not allowed: {name}."),
            ));
        }
        names.push(name);
        // Every member but the name is a source, known or unknown (--keep-unknown-fields).
        if volume.as_object().is_none_or(|volume| volume.len() < 2) {
            return Err(invalid(
                VOLUMES,
                format!("volume '{name}' must have exactly one source."),
            ));
        }
        check_secret(&volume["secret"])?;
        check_sources(volume)?;
    }
    for container in list(task, "containers") {
        check_mounts(list(container, "volumeMounts"), &names)?;
    }
    Ok(())
}

fn check_secret(secret: &Value) -> Result<(), ApiError> {
    if !secret.is_object() {
        return Ok(());
    }
    let path = format!("{VOLUMES}.secret");
    if !is_secret(string(secret, "secret")) {
        let text = "may only be {secret} or projects/{project}/secrets/{secret}.";
        return Err(invalid(&format!("{path}.secret"), text));
    }
    // Every digit that allows writing must allow reading too, and the owner must be able to read. 0 means unset.
    let is_supported = |mode: i64| {
        (0..=0o777).contains(&mode)
            && (mode == 0 || mode & 0o400 != 0)
            && [0o100, 0o10, 1]
                .iter()
                .all(|digit| ![2, 3].contains(&(mode / digit % 8)))
    };
    let is_valid = |mode: &Value| mode.as_i64().is_none_or(is_supported);
    if !is_valid(&secret["defaultMode"]) {
        return Err(invalid(
            &format!("{path}.default_mode"),
            "if present, must be a supported unix chmod bitmask between 0 and 0777.",
        ));
    }
    for item in list(secret, "items") {
        if string(item, "path").is_empty() {
            return Err(invalid(&format!("{path}.items.path"), "must not be empty."));
        }
        if !is_secret_version(string(item, "version")) {
            let text = "should have only alphanumeric characters, dashes or underscores.";
            return Err(invalid(&format!("{path}.items.version"), text));
        }
        if !is_valid(&item["mode"]) {
            return Err(invalid(
                &format!("{path}.items.mode"),
                "if present, must be a supported unix chmod bitmask between 0 and 0777.",
            ));
        }
    }
    Ok(())
}

/// Checks `gcs`, `nfs` and `emptyDir`. A bucket's full name is recorded; all messages are guessed.
fn check_sources(volume: &Value) -> Result<(), ApiError> {
    let (gcs, nfs, empty_dir) = (&volume["gcs"], &volume["nfs"], &volume["emptyDir"]);
    let bucket = string(gcs, "bucket");
    let is_bucket_name =
        !bucket.is_empty() && (!bucket.contains('/') || matches_pattern(bucket, "projects/*/buckets/*"));
    if gcs.is_object() && !is_bucket_name {
        let text = format!("'{bucket}' must be the name of a bucket.");
        return Err(invalid(&format!("{VOLUMES}.gcs.bucket"), text));
    }
    if nfs.is_object() && string(nfs, "server").is_empty() {
        return Err(invalid(&format!("{VOLUMES}.nfs.server"), "must not be empty."));
    }
    if nfs.is_object() && !string(nfs, "path").starts_with('/') {
        return Err(invalid(
            &format!("{VOLUMES}.nfs.path"),
            "must be an absolute path.",
        ));
    }
    let size = string(empty_dir, "sizeLimit");
    if !size.is_empty() && quantity::thousandths(size).is_none() {
        let text = format!("Could not parse Quantity '{size}'.");
        return Err(invalid(&format!("{VOLUMES}.empty_dir.size_limit"), text));
    }
    let is_too_small = quantity::thousandths(size).is_some_and(|size| size < MIN_DISK_SIZE);
    if string(empty_dir, "medium") == "DISK" && is_too_small {
        let text = format!("must be at least 10Gi for the medium DISK, and is '{size}'.");
        return Err(invalid(&format!("{VOLUMES}.empty_dir.size_limit"), text));
    }
    Ok(())
}

fn check_mounts(mounts: &[Value], volumes: &[&str]) -> Result<(), ApiError> {
    let path = format!("{CONTAINERS}.volume_mounts");
    let is_disallowed = |mount_path: &str| {
        ["/dev", "/proc", "/sys"].iter().any(|disallowed| {
            mount_path
                .strip_prefix(disallowed)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    for mount in mounts {
        let mount_path = string(mount, "mountPath");
        if !mount_path.starts_with('/') {
            return Err(invalid(
                &format!("{path}.mount_path"),
                "must be an absolute path.",
            ));
        }
        if is_disallowed(mount_path) {
            let text = format!(
                "The mount paths '{mount_path}' are in one of disallowed mount points: /dev, /proc, /sys."
            );
            return Err(invalid(&path, text));
        }
        let name = string(mount, "name");
        if !volumes.contains(&name) {
            let text = format!("The volume mounts name '{name}', which were not found in volumes list.");
            return Err(invalid(&path, text));
        }
    }
    Ok(())
}

const VOLUMES: &str = "template.template.volumes";
const MIN_DISK_SIZE: i128 = 10 * quantity::GIB;
