//! Rules for volumes and where they are mounted.
//!
//! That a volume has no second source is a matter of its type: the sources are a oneof.

use serde_json::Value;

use super::environment::{is_secret, is_version};
use super::task::CONTAINERS;
use super::{has_form, is_dns_label, list, quantity, refuse, text};
use crate::error::Problem;

pub(super) fn check(task: &Value) -> Result<(), Problem> {
    let volumes = list(task, "volumes");
    let mut names: Vec<&str> = Vec::new();
    for volume in volumes {
        let name = text(volume, "name");
        if !is_dns_label(name) {
            return Err(refuse(
                &format!("{VOLUMES}.name"),
                format!("'{name}' must conform to RFC 1123."),
            ));
        }
        if volume["cloudSqlInstance"].is_object() && name != "cloudsql" {
            return Err(refuse(
                &format!("{VOLUMES}.name"),
                "Cloud SQL volume must be named 'cloudsql'.",
            ));
        }
        if names.contains(&name) {
            return Err(refuse(
                VOLUMES,
                format!("duplicate volume names are not allowed: {name}."),
            ));
        }
        names.push(name);
        // Any other member is a source: by its type, or one kept unknown.
        if volume.as_object().is_none_or(|volume| volume.len() < 2) {
            return Err(refuse(
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

fn check_secret(secret: &Value) -> Result<(), Problem> {
    if !secret.is_object() {
        return Ok(());
    }
    let path = format!("{VOLUMES}.secret");
    if !is_secret(text(secret, "secret")) {
        let text = "may only be {secret} or projects/{project}/secrets/{secret}.";
        return Err(refuse(&format!("{path}.secret"), text));
    }
    // What is written needs to be readable too, and all of it by its owner. 0 stands for no mode.
    let is_supported = |mode: i64| {
        (0..=0o777).contains(&mode)
            && (mode == 0 || mode & 0o400 != 0)
            && [0o100, 0o10, 1]
                .iter()
                .all(|digit| ![2, 3].contains(&(mode / digit % 8)))
    };
    let sound = |mode: &Value| mode.as_i64().is_none_or(is_supported);
    if !sound(&secret["defaultMode"]) {
        return Err(refuse(
            &format!("{path}.default_mode"),
            "if present, must be a supported unix chmod bitmask between 0 and 0777.",
        ));
    }
    for item in list(secret, "items") {
        if text(item, "path").is_empty() {
            return Err(refuse(&format!("{path}.items.path"), "must not be empty."));
        }
        if !is_version(text(item, "version")) {
            let text = "should have only alphanumeric characters, dashes or underscores.";
            return Err(refuse(&format!("{path}.items.version"), text));
        }
        if !sound(&item["mode"]) {
            return Err(refuse(
                &format!("{path}.items.mode"),
                "if present, must be a supported unix chmod bitmask between 0 and 0777.",
            ));
        }
    }
    Ok(())
}

/// Buckets, servers and space. That a bucket may have its full name is recorded; none of the words are known.
fn check_sources(volume: &Value) -> Result<(), Problem> {
    let (gcs, nfs, space) = (&volume["gcs"], &volume["nfs"], &volume["emptyDir"]);
    let bucket = text(gcs, "bucket");
    let is_named = !bucket.is_empty() && (!bucket.contains('/') || has_form(bucket, "projects/*/buckets/*"));
    if gcs.is_object() && !is_named {
        let text = format!("'{bucket}' must be the name of a bucket.");
        return Err(refuse(&format!("{VOLUMES}.gcs.bucket"), text));
    }
    if nfs.is_object() && text(nfs, "server").is_empty() {
        return Err(refuse(&format!("{VOLUMES}.nfs.server"), "must not be empty."));
    }
    if nfs.is_object() && !text(nfs, "path").starts_with('/') {
        return Err(refuse(
            &format!("{VOLUMES}.nfs.path"),
            "must be an absolute path.",
        ));
    }
    let size = text(space, "sizeLimit");
    if !size.is_empty() && quantity::thousandths(size).is_none() {
        let text = format!("Could not parse Quantity '{size}'.");
        return Err(refuse(&format!("{VOLUMES}.empty_dir.size_limit"), text));
    }
    let is_small = quantity::thousandths(size).is_some_and(|size| size < LEAST_DISK);
    if text(space, "medium") == "DISK" && is_small {
        let text = format!("must be at least 10Gi for the medium DISK, and is '{size}'.");
        return Err(refuse(&format!("{VOLUMES}.empty_dir.size_limit"), text));
    }
    Ok(())
}

fn check_mounts(mounts: &[Value], volumes: &[&str]) -> Result<(), Problem> {
    let path = format!("{CONTAINERS}.volume_mounts");
    let closed = |place: &str| {
        ["/dev", "/proc", "/sys"].iter().any(|closed| {
            place == *closed
                || place
                    .strip_prefix(closed)
                    .is_some_and(|rest| rest.starts_with('/'))
        })
    };
    for mount in mounts {
        let place = text(mount, "mountPath");
        if !place.starts_with('/') {
            return Err(refuse(&format!("{path}.mount_path"), "must be an absolute path."));
        }
        if closed(place) {
            let text = format!(
                "The mount paths '{place}' are in one of disallowed mount points: /dev, /proc, /sys."
            );
            return Err(refuse(&path, text));
        }
        let name = text(mount, "name");
        if !volumes.contains(&name) {
            let text = format!("The volume mounts name '{name}', which were not found in volumes list.");
            return Err(refuse(&path, text));
        }
    }
    Ok(())
}

const VOLUMES: &str = "template.template.volumes";
const LEAST_DISK: i128 = 10 * quantity::GIB;
