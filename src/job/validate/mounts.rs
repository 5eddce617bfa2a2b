//! Rules about volume mounts.

use std::collections::BTreeMap;

use super::file_path::{ABSOLUTE, RELATIVE, is_absolute, is_relative};
use super::required::require;
use crate::job::model::{Job, Volume, VolumeMount};
use crate::validators::{choices, example, null_element};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::{Field, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let Some(container) = job.container.known() else {
        return;
    };
    let mounts = container.volume_mounts.known().map_or(&[][..], Vec::as_slice);
    let mut indices = BTreeMap::new();
    for (index, mount) in mounts.iter().enumerate() {
        match mount {
            Field::Unknown => {}
            Field::Null => diagnostics.push(null_element(path(index))),
            Field::Known(mount) => check_mount(mount, index, &mut indices, diagnostics),
        }
    }
    let volumes = match &job.volumes {
        Field::Null => &[][..],
        Field::Unknown => return,
        Field::Known(volumes) => volumes.as_slice(),
    };
    check_names(mounts, volumes, diagnostics);
    if !container.volume_mounts.is_unknown() {
        warn_unmounted(mounts, volumes, diagnostics);
    }
}

fn path(index: usize) -> Path {
    Path::attribute("container").key("volume_mounts").index(index)
}

fn check_mount<'a>(
    mount: &'a VolumeMount,
    index: usize,
    indices: &mut BTreeMap<&'a str, usize>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let at = |name| path(index).key(name);
    require(at("name"), &mount.name, diagnostics);
    require(at("mount_path"), &mount.mount_path, diagnostics);
    if let Some(directory) = mount.mount_path.known() {
        if let Some(must) = broken_rule(directory) {
            let error = InvalidValue {
                path: at("mount_path"),
                must: must.into(),
                got: quoted(directory),
                fix: example("/data"),
            };
            diagnostics.push(error.error("Invalid mount path"));
        }
        if let Some(other) = indices.insert(directory.trim_end_matches('/'), index) {
            let error = InvalidValue {
                path: at("mount_path"),
                must: "be unique".into(),
                got: format!("{} as in {}", quoted(directory), path(other)),
                fix: "Use another directory for one of them.".into(),
            };
            diagnostics.push(error.error("Duplicate mount path"));
        }
    }
    if let Some(directory) = mount.sub_path.known().filter(|path| !is_relative(path)) {
        let error = InvalidValue {
            path: at("sub_path"),
            must: RELATIVE.into(),
            got: quoted(directory),
            fix: "Omit it to mount the whole volume.".into(),
        };
        diagnostics.push(error.error("Invalid sub-path"));
    }
}

fn check_names(mounts: &[Field<VolumeMount>], volumes: &[Field<Volume>], diagnostics: &mut Vec<Diagnostic>) {
    // An unknown name may be the missing one.
    let all_known = volumes
        .iter()
        .all(|volume| !volume.is_unknown() && volume.known().is_none_or(|volume| !volume.name.is_unknown()));
    if !all_known {
        return;
    }
    let names = names(volumes);
    for (index, mount) in mounts.iter().enumerate() {
        let Some(name) = mount.known().and_then(|mount| mount.name.known()) else {
            continue;
        };
        if !names.contains(&name.as_str()) {
            let fix = match names.as_slice() {
                [] => "Declare the volume.".to_owned(),
                [.., last] if names.len() > MAX_NAMES => {
                    format!("Declare the volume, or use another, such as {}.", quoted(last))
                }
                _ => format!("Declare the volume, or use {}.", choices(&names)),
            };
            let error = InvalidValue {
                path: path(index).key("name"),
                must: "be the name of an element of volumes".into(),
                got: quoted(name),
                fix,
            };
            diagnostics.push(error.error("Undeclared volume"));
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
            let name = quoted(name);
            let warning = InvalidValue {
                path: Path::attribute("volumes").index(index),
                must: "be mounted by container.volume_mounts to have an effect".into(),
                got: format!("no mount of {name}"),
                fix: format!("For example: volume_mounts = [{{ name = {name}, mount_path = \"/data\" }}]."),
            };
            diagnostics.push(warning.warning("Unmounted volume"));
        }
    }
}

fn names(volumes: &[Field<Volume>]) -> Vec<&str> {
    let names = volumes.iter().filter_map(|volume| volume.known()?.name.known());
    names.map(String::as_str).collect()
}

/// What a mount path must be that this one is not.
fn broken_rule(path: &str) -> Option<&'static str> {
    let is_in = |directory: &&str| {
        path.strip_prefix(*directory)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if !is_absolute(path) {
        Some(ABSOLUTE)
    } else if path.trim_end_matches('/').is_empty() {
        Some("not be the root directory")
    } else if path.contains(':') {
        Some("not contain a colon")
    } else if ["/dev", "/proc", "/sys"].iter().any(is_in) {
        Some("not be in /dev, /proc or /sys, which Cloud Run reserves")
    } else {
        None
    }
}

/// The most names of volumes in a message.
const MAX_NAMES: usize = 8;
