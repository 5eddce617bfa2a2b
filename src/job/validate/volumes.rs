//! Rules about volumes.

use std::collections::BTreeSet;

use super::required::require;
use super::volume_sources::{empty_dir, gcs, nfs, secret};
use crate::job::model::{Job, Volume};
use crate::validators::null_element;
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::value::{Field, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let mut names = BTreeSet::new();
    for (index, volume) in job.volumes.known().into_iter().flatten().enumerate() {
        let at = Path::attribute("volumes").index(index);
        match volume {
            Field::Unknown => {}
            Field::Null => diagnostics.push(null_element(at, "volumes")),
            Field::Known(volume) => self::volume(volume, job, &at, &mut names, diagnostics),
        }
    }
}

fn volume<'a>(
    volume: &'a Volume,
    job: &Job,
    at: &Path,
    names: &mut BTreeSet<&'a str>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    require(at, ".name", &volume.name, diagnostics);
    if let Some(name) = volume.name.known() {
        if !is_label(name) {
            diagnostics.push(Diagnostic::attribute_error(at.clone(),
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
            diagnostics.push(Diagnostic::attribute_error(at.clone(),
                "Two volumes of one name",
                format!(
                    "Each volume has a name of its own. {} is called {}, and so is one before it. Rename one of them.",
                    at,
                    quoted(name)
                ),
            ));
        }
    }
    sources(volume, at, diagnostics);
    if let Some(given) = volume.gcs.known() {
        gcs(given, at, diagnostics);
    }
    if let Some(given) = volume.nfs.known() {
        nfs(given, job, at, diagnostics);
    }
    if let Some(given) = volume.secret.known() {
        secret(given, at, diagnostics);
    }
    if let Some(given) = volume.empty_dir.known() {
        empty_dir(given, job, at, diagnostics);
    }
}

fn sources(volume: &Volume, at: &Path, diagnostics: &mut Vec<Diagnostic>) {
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
        diagnostics.push(Diagnostic::attribute_error(
            at.clone(),
            "Volume with several sources",
            detail,
        ));
    } else if all.iter().all(|(_, null, _)| *null) {
        let detail = format!(
            "{rule} {} has none. Give it one, for example gcs = {{ bucket = \"my-bucket\" }}.",
            at
        );
        diagnostics.push(Diagnostic::attribute_error(
            at.clone(),
            "Volume without a source",
            detail,
        ));
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
