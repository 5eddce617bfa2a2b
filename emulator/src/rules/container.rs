//! Rules for a container, except its environment, mounts and resources.

use serde_json::Value;

use super::definition::{CONTAINERS, invalid, string};
use crate::error::ApiError;

pub(super) fn check(container: &Value) -> Result<(), ApiError> {
    let image = string(container, "image");
    if image.is_empty() {
        return Err(invalid(
            &format!("{CONTAINERS}.image"),
            "must provide an image name to deploy.",
        ));
    }
    if !is_image(image) {
        return Err(invalid(
            &format!("{CONTAINERS}.image"),
            format!("'{image}' must be a container image path."),
        ));
    }
    for (member, name) in [("livenessProbe", "liveness"), ("readinessProbe", "readiness")] {
        if container[member].is_object() {
            let path = format!("{CONTAINERS}.{name}_probe");
            return Err(invalid(&path, format!("Job does not support {name} probe.")));
        }
    }
    check_startup_probe(&container["startupProbe"])
}

/// `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`
fn is_image(image: &str) -> bool {
    let is_plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let is_part = |part: &str| !part.is_empty() && is_plain(part);
    let (path, digest) = match image.split_once('@') {
        Some((path, digest)) => (path, Some(digest)),
        None => (image, None),
    };
    let has_port = |host: &str| {
        host.split_once(':')
            .is_some_and(|(name, port)| is_part(name) && port.parse::<u16>().is_ok())
    };
    let path = match path.split_once('/') {
        Some((host, path)) if has_port(host) => path,
        _ => path,
    };
    let (path, tag) = match path.split_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (path, None),
    };
    let is_tag_valid =
        tag.is_none_or(|tag| (1..=128).contains(&tag.len()) && !tag.starts_with(['.', '-']) && is_plain(tag));
    let is_digest_valid = digest.is_none_or(|digest| {
        digest.strip_prefix("sha256:").is_some_and(|hex| {
            hex.len() == 64
                && hex
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        })
    });
    is_digest_valid && is_tag_valid && path.split('/').all(is_part)
}

/// The bounds are those of the field's documentation.
fn check_startup_probe(probe: &Value) -> Result<(), ApiError> {
    for (member, name, min, max) in [
        ("initialDelaySeconds", "initial_delay_seconds", 0, 240),
        ("periodSeconds", "period_seconds", 1, 240),
        ("timeoutSeconds", "timeout_seconds", 1, 3600),
        ("failureThreshold", "failure_threshold", 1, i64::from(i32::MAX)),
    ] {
        if probe[member]
            .as_i64()
            .is_some_and(|value| !(min..=max).contains(&value))
        {
            let path = format!("{CONTAINERS}.startup_probe.{name}");
            return Err(invalid(
                &path,
                format!("must be a number between {min} and {max}."),
            ));
        }
    }
    Ok(())
}
