//! Rules about volume mounts.

use std::collections::BTreeMap;

use super::file_path::{is_absolute, is_relative};
use super::required::require;
use crate::job::model::{Job, Volume, VolumeMount};
use crate::validators::null_element;
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::value::{Field, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let Some(container) = job.container.known() else {
        return;
    };
    let mounts = container.volume_mounts.known().map_or(&[][..], Vec::as_slice);
    let at = Path::attribute("container").key("volume_mounts");
    let mut indices = BTreeMap::new();
    for (index, mount) in mounts.iter().enumerate() {
        match mount {
            Field::Unknown => {}
            Field::Null => diagnostics.push(null_element(at.clone(), "container.volume_mounts")),
            Field::Known(mount) => check_mount(mount, index, &at, &mut indices, diagnostics),
        }
    }
    let volumes = match &job.volumes {
        Field::Null => &[][..],
        Field::Unknown => return,
        Field::Known(volumes) => volumes.as_slice(),
    };
    check_names(mounts, volumes, &at, diagnostics);
    if !container.volume_mounts.is_unknown() {
        warn_unmounted(mounts, volumes, diagnostics);
    }
}

fn check_mount<'a>(
    mount: &'a VolumeMount,
    index: usize,
    at: &Path,
    indices: &mut BTreeMap<&'a str, usize>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (member, value) in [("name", &mount.name), ("mount_path", &mount.mount_path)] {
        require(at, &format!("[{index}].{member}"), value, diagnostics);
    }
    if let Some(path) = mount.mount_path.known() {
        if let Some(reason) = mount_path_error(path) {
            diagnostics.push(Diagnostic::attribute_error(at.clone(),
                "Invalid mount path",
                format!(
                    "mount_path is a directory of the container, such as \"/data\". Element {index} of {} has {}: {reason}. \
                     Use another directory.",
                    at,
                    quoted(path)
                ),
            ));
        }
        if let Some(other) = indices.insert(path.trim_end_matches('/'), index) {
            diagnostics.push(Diagnostic::attribute_error(at.clone(),
                "Two volumes at one place",
                format!(
                    "Each directory shows one volume. Elements {other} and {index} of {} both have mount_path = {}. Give \
                     one of them another directory.",
                    at,
                    quoted(path)
                ),
            ));
        }
    }
    if let Some(path) = mount.sub_path.known().filter(|path| !is_relative(path)) {
        diagnostics.push(Diagnostic::attribute_error(at.clone(),
            "Invalid sub-path",
            format!(
                "sub_path is a directory of the volume, such as \"models\": it does not begin with / and has no .. in it. \
                 Element {index} of {} has {}. Write it so, or leave it out.",
                at,
                quoted(path)
            ),
        ));
    }
}

fn check_names(
    mounts: &[Field<VolumeMount>],
    volumes: &[Field<Volume>],
    at: &Path,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let names = names(volumes);
    // An unknown name may be the missing one.
    let all_known = volumes
        .iter()
        .all(|volume| !volume.is_unknown() && volume.known().is_none_or(|volume| !volume.name.is_unknown()));
    for (index, mount) in mounts.iter().enumerate() {
        let Some(name) = mount.known().and_then(|mount| mount.name.known()) else {
            continue;
        };
        if all_known && !names.contains(&name.as_str()) {
            let fix = if names.is_empty() {
                "There is none yet: declare it in volumes".to_owned()
            } else {
                let declared: Vec<String> = names.iter().map(|name| quoted(name)).collect();
                format!(
                    "Declared are {}. Use one of them, or declare another",
                    declared.join(", ")
                )
            };
            diagnostics.push(Diagnostic::attribute_error(
                at.clone(),
                "Mount of an unknown volume",
                format!(
                    "A mount names one of volumes. Element {index} of {} names {}. {fix}.",
                    at,
                    quoted(name)
                ),
            ));
        }
    }
}

fn warn_unmounted(
    mounts: &[Field<VolumeMount>],
    volumes: &[Field<Volume>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let any_unknown = mounts
        .iter()
        .any(|mount| mount.is_unknown() || mount.known().is_some_and(|mount| mount.name.is_unknown()));
    if any_unknown {
        return;
    }
    let used: Vec<&String> = mounts
        .iter()
        .filter_map(|mount| mount.known()?.name.known())
        .collect();
    for (index, volume) in volumes.iter().enumerate() {
        let Some(name) = volume.known().and_then(|volume| volume.name.known()) else {
            continue;
        };
        if !used.contains(&name) {
            diagnostics.push(Diagnostic::attribute_warning(
                Path::attribute("volumes").index(index),
                "Volume that is seen nowhere",
                format!(
                    "container.volume_mounts says where volumes are seen. The volume {} is in none of them, so it has no \
                     effect. Mount it, for example {{ name = {}, mount_path = \"/data\" }}, or take it out.",
                    quoted(name),
                    quoted(name)
                ),
            ));
        }
    }
}

fn names(volumes: &[Field<Volume>]) -> Vec<&str> {
    let names = volumes.iter().filter_map(|volume| volume.known()?.name.known());
    names.map(String::as_str).collect()
}

/// Why text is not a mount path.
fn mount_path_error(path: &str) -> Option<String> {
    if !is_absolute(path) {
        return Some("it does not begin with /, or has .. in it".to_owned());
    }
    if path.trim_end_matches('/').is_empty() {
        return Some("it is the root, where the image is".to_owned());
    }
    if path.contains(':') {
        return Some("it has a colon in it".to_owned());
    }
    let reserved = RESERVED.iter().find(|reserved| {
        path.strip_prefix(**reserved)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })?;
    Some(format!("{reserved} is Cloud Run's own"))
}

/// Directories that the live service reserves.
const RESERVED: [&str; 3] = ["/dev", "/proc", "/sys"];
