//! Rules for volumes and where they are mounted.

use serde_json::Value;

use super::environment::is_secret;
use super::task::CONTAINERS;
use super::{is_dns_label, list, refuse, text};
use crate::problem::Problem;

pub(super) fn check(task: &Value) -> Result<(), Problem> {
    let volumes = list(task, "volumes");
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
        check_secret(&volume["secret"])?;
    }
    let names: Vec<&str> = volumes.iter().map(|volume| text(volume, "name")).collect();
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
    let sound = |mode: &Value| mode.as_i64().is_none_or(|mode| (0..=0o777).contains(&mode));
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
        if !sound(&item["mode"]) {
            return Err(refuse(
                &format!("{path}.items.mode"),
                "if present, must be a supported unix chmod bitmask between 0 and 0777.",
            ));
        }
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
