//! Rules about volumes.

use std::collections::BTreeMap;

use super::required::require;
use super::volume_sources::{empty_dir, gcs, nfs, secret};
use crate::job::model::{Job, Volume};
use crate::validators::{example, null_element};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::{Field, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let mut indices = BTreeMap::new();
    for (index, volume) in job.volumes.known().into_iter().flatten().enumerate() {
        let at = Path::attribute("volumes").index(index);
        match volume {
            Field::Unknown => {}
            Field::Null => diagnostics.push(null_element(at)),
            Field::Known(volume) => {
                check_name(volume, &at, &mut indices, diagnostics);
                check_source(volume, job, &at, diagnostics);
            }
        }
    }
}

fn check_name<'a>(
    volume: &'a Volume,
    at: &Path,
    paths: &mut BTreeMap<&'a str, Path>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let path = at.clone().key("name");
    require(path.clone(), &volume.name, diagnostics);
    let Some(name) = volume.name.known() else { return };
    if !is_label(name) {
        let error = InvalidValue {
            path: path.clone(),
            must: "be 1 to 63 lowercase letters, digits or hyphens, and start and end with a letter or digit"
                .into(),
            got: quoted(name),
            fix: example("data"),
        };
        diagnostics.push(error.error("Invalid volume name"));
    }
    if let Some(other) = paths.get(name.as_str()) {
        let error = InvalidValue {
            path,
            must: "be unique".into(),
            got: format!("{} as in {other}", quoted(name)),
            fix: "Rename one of them.".into(),
        };
        diagnostics.push(error.error("Duplicate volume name"));
    } else {
        paths.insert(name, at.clone());
    }
}

fn check_source(volume: &Volume, job: &Job, at: &Path, diagnostics: &mut Vec<Diagnostic>) {
    check_number_of_sources(volume, at, diagnostics);
    if let Some(given) = volume.gcs.known() {
        gcs(given, &at.clone().key("gcs"), diagnostics);
    }
    if let Some(given) = volume.nfs.known() {
        nfs(given, job, &at.clone().key("nfs"), diagnostics);
    }
    if let Some(given) = volume.secret.known() {
        secret(given, &at.clone().key("secret"), diagnostics);
    }
    if let Some(given) = volume.empty_dir.known() {
        empty_dir(given, job, &at.clone().key("empty_dir"), diagnostics);
    }
}

fn check_number_of_sources(volume: &Volume, at: &Path, diagnostics: &mut Vec<Diagnostic>) {
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
    let error = |got: String, fix: &str| InvalidValue {
        path: at.clone(),
        must: "have exactly one of gcs, nfs, secret and empty_dir".into(),
        got,
        fix: fix.into(),
    };
    if given.len() > 1 {
        let error = error(given.join(" and "), "Declare a volume for each.");
        diagnostics.push(error.error("Conflicting volume sources"));
    } else if all.iter().all(|(_, null, _)| *null) {
        let error = error("none".into(), "For example: gcs = { bucket = \"my-bucket\" }.");
        diagnostics.push(error.error("Missing volume source"));
    }
}

/// A label of RFC 1123, as the live service requires.
fn is_label(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=63).contains(&name.len())
        && name.bytes().all(|b| plain(b) || b == b'-')
        && name.bytes().next().is_some_and(plain)
        && name.bytes().last().is_some_and(plain)
}
