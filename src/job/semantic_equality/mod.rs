//! Different spellings of the same thing: the one already in the state stays, so that nothing is planned
//! for a change that is none.

use super::file_mode;
use crate::quantity::{Cpu, Memory};
use crate::{duration, quantity};
use terraform_plugin::value::Value;

/// Where a job lives, as far as that is known; short names mean something in that place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place<'a> {
    /// The project's id, or nothing.
    pub(super) project: &'a str,
    /// The region, or nothing.
    pub(super) location: &'a str,
}

impl<'a> Place<'a> {
    /// The place that a planned or stored job names.
    pub(super) fn of(job: &'a Value) -> Place<'a> {
        Place {
            project: job.get("project").as_str().unwrap_or_default(),
            location: job.get("location").as_str().unwrap_or_default(),
        }
    }

    /// The full name of a VPC connector.
    pub(super) fn connector(&self, name: &str) -> String {
        full(name, || {
            format!(
                "projects/{}/locations/{}/connectors/{name}",
                self.project, self.location
            )
        })
    }

    /// The full name of a VPC network.
    pub(super) fn network(&self, name: &str) -> String {
        let name = without_host(name);
        full(name, || {
            format!("projects/{}/global/networks/{name}", self.project)
        })
    }

    /// The full name of a subnetwork.
    pub(super) fn subnetwork(&self, name: &str) -> String {
        let name = without_host(name);
        full(name, || {
            format!(
                "projects/{}/regions/{}/subnetworks/{name}",
                self.project, self.location
            )
        })
    }

    /// The full name of a secret.
    pub(super) fn secret(&self, name: &str) -> String {
        full(name, || format!("projects/{}/secrets/{name}", self.project))
    }
}

/// A name with a slash is full already.
fn full(name: &str, complete: impl FnOnce() -> String) -> String {
    if name.contains('/') {
        name.to_owned()
    } else {
        complete()
    }
}

/// The full name in what Compute Engine calls a self link, or the name as it is.
pub(super) fn without_host(name: &str) -> &str {
    name.strip_prefix("https://")
        .and_then(|link| link.find("/projects/").map(|at| &link[at + 1..]))
        .unwrap_or(name)
}

/// The plain name in a bucket's full one, `projects/P/buckets/B`, which the service takes and tells as well; names of
/// buckets belong to no project.
pub(super) fn plain_bucket(name: &str) -> &str {
    match name.split('/').collect::<Vec<_>>().as_slice() {
        ["projects", project, "buckets", bucket] if !project.is_empty() => bucket,
        _ => name,
    }
}

/// Writes the prior spelling over the planned one wherever both mean the same. A project's id and its number differ
/// here: which id has which number is not known, and tasks would keep what the configuration no longer names.
///
/// Short names are read in the place of the prior job: it is always known, while a new one may not be yet, and
/// a plan must say the same before and after. A job that moves is planned once more without a prior one.
pub(super) fn keep(planned: &mut Value, prior: &Value) {
    keep_everywhere(planned, prior, false);
}

/// Writes the spelling of `hint`, the stored or planned job, over that of an answer wherever both mean the same.
///
/// Google may return a project's number for its id. That is the same project if the answer is to a write of ours, whose
/// planned generation is unknown, or if nobody has written since the generation that is stored. Otherwise another
/// project may have taken its place, and the state shows what Google returned.
pub(super) fn keep_in_answer(answer: &mut Value, hint: &Value) {
    let stored = hint.get("generation");
    let is_ours = stored.is_unknown() || !stored.is_null() && stored == answer.get("generation");
    keep_everywhere(answer, hint, is_ours);
}

/// `by_number`: whether two projects are the same if one has an id and the other a number.
fn keep_everywhere(new: &mut Value, old: &Value, by_number: bool) {
    let place = Place::of(old);
    for (path, meaning) in SPELLINGS {
        keep_at(new, old, path, &|new, old| {
            meaning.is_same(place, by_number, new, old)
        });
    }
}

/// Keeps the old text below one path where it is the same, in every element of each list on the way.
fn keep_at(new: &mut Value, old: &Value, path: &[&str], is_same: &dyn Fn(&str, &str) -> bool) {
    match (&mut *new, path) {
        (Value::List(fresh), _) => {
            if let Value::List(old) = old {
                for (fresh, old) in fresh.iter_mut().zip(old) {
                    keep_at(fresh, old, path, is_same);
                }
            }
        }
        (Value::Map(members), [name, rest @ ..]) => {
            if let Some(fresh) = members.get_mut(*name) {
                keep_at(fresh, old.get(name), rest, is_same);
            }
        }
        (Value::String(fresh), []) => {
            if let Some(stored) = old.as_str()
                && stored != fresh
                && is_same(fresh, stored)
            {
                *new = old.clone();
            }
        }
        _ => {}
    }
}

/// What a text means.
enum Meaning {
    /// Something by itself: whether two of them are the same.
    Itself(fn(&str, &str) -> bool),
    /// A name, which may be short for a full one in the job's place.
    Name(fn(Place<'_>, &str) -> String),
}

impl Meaning {
    fn is_same(&self, place: Place<'_>, by_number: bool, one: &str, other: &str) -> bool {
        match self {
            Meaning::Itself(is_same) => is_same(one, other),
            Meaning::Name(full) => {
                let (one, other) = (full(place, one), full(place, other));
                one == other || by_number && differ_by_number(&one, &other)
            }
        }
    }
}

/// Attributes with more than one spelling, and what makes two of them the same.
const SPELLINGS: &[(&[&str], Meaning)] = &[
    (
        &["resources", "cpu"],
        Meaning::Itself(|one, other| same(Cpu::parse(one), Cpu::parse(other))),
    ),
    (&["resources", "memory"], Meaning::Itself(same_memory)),
    (&["job", "task_timeout"], Meaning::Itself(same_duration)),
    (&["timeouts", "create"], Meaning::Itself(same_duration)),
    (&["timeouts", "update"], Meaning::Itself(same_duration)),
    (&["timeouts", "delete"], Meaning::Itself(same_duration)),
    (
        &["vpc_access", "connector"],
        Meaning::Name(|place, name| place.connector(name)),
    ),
    (
        &["vpc_access", "network"],
        Meaning::Name(|place, name| place.network(name)),
    ),
    (
        &["vpc_access", "subnetwork"],
        Meaning::Name(|place, name| place.subnetwork(name)),
    ),
    (&["secrets", "secret_name"], SECRET),
    (
        &["volumes", "gcs", "bucket"],
        Meaning::Itself(|one, other| plain_bucket(one) == plain_bucket(other)),
    ),
    (&["volumes", "secret", "secret"], SECRET),
    (&["volumes", "secret", "default_mode"], Meaning::Itself(same_mode)),
    (
        &["volumes", "secret", "items", "mode"],
        Meaning::Itself(same_mode),
    ),
    (
        &["volumes", "empty_dir", "size_limit"],
        Meaning::Itself(same_memory),
    ),
    (&["encryption_key"], FULL_NAME),
    (&["binary_authorization", "policy"], FULL_NAME),
];
const SECRET: Meaning = Meaning::Name(|place, name| place.secret(name));
/// A name that has no short form.
const FULL_NAME: Meaning = Meaning::Name(|_, name| name.to_owned());

/// Whether Google gets the same for both: an empty list or map is as good as none.
pub(super) fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        _ if one == other => true,
        (Value::Map(a), Value::Map(b)) => a
            .keys()
            .chain(b.keys())
            .all(|key| alike(one.get(key), other.get(key))),
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Value::Null, Value::List(some)) | (Value::List(some), Value::Null) => some.is_empty(),
        (Value::Null, Value::Map(some)) | (Value::Map(some), Value::Null) => some.is_empty(),
        _ => false,
    }
}

/// The same of one attribute of a prior and a planned job, in whatever spelling and order.
pub(super) fn alike_in(attribute: &str, prior: &Value, planned: &Value) -> bool {
    let part = |job: &Value| {
        let mut part = Value::from(
            [attribute, "project", "location"].map(|attribute| (attribute, job.get(attribute).clone())),
        );
        for (path, key) in UNORDERED {
            sort_at(&mut part, path, key);
        }
        part
    };
    let (one, mut other) = (part(prior), part(planned));
    keep(&mut other, &one);
    alike(one.get(attribute), other.get(attribute))
}

/// Sorts the list at one path, in every element of each list on the way. What is there twice means no more than once.
fn sort_at(value: &mut Value, path: &[&str], key: &str) {
    match (value, path) {
        (Value::List(items), []) => {
            items.sort_by(|a, b| {
                let text = |item: &Value| item.as_str().or(item.get(key).as_str()).map(str::to_owned);
                text(a).cmp(&text(b))
            });
            items.dedup();
        }
        (Value::List(items), path) => items.iter_mut().for_each(|item| sort_at(item, path, key)),
        (Value::Map(members), [name, rest @ ..]) => {
            if let Some(member) = members.get_mut(*name) {
                sort_at(member, rest, key);
            }
        }
        _ => {}
    }
}

/// Lists whose order means nothing to a job, and what tells their elements apart.
const UNORDERED: &[(&[&str], &str)] = &[
    (&["secrets"], "env_var"),
    (&["volumes"], "name"),
    (&["volumes", "secret", "items"], "path"),
    (&["container", "volume_mounts"], "mount_path"),
    (&["vpc_access", "tags"], ""),
];

/// Whether two full names are the same but for their projects, one of which is an id and the other a number.
fn differ_by_number(one: &str, other: &str) -> bool {
    let parts = |name| str::split_once(str::strip_prefix(name, "projects/")?, '/');
    let is_number = |project: &str| !project.is_empty() && project.bytes().all(|b| b.is_ascii_digit());
    match (parts(one), parts(other)) {
        (Some((one, rest)), Some((other, others_rest))) => {
            rest == others_rest && is_number(one) != is_number(other)
        }
        _ => false,
    }
}

fn same<T: PartialEq>(one: Result<T, quantity::Malformed>, other: Result<T, quantity::Malformed>) -> bool {
    matches!((one, other), (Ok(one), Ok(other)) if one == other)
}

fn same_memory(one: &str, other: &str) -> bool {
    same(Memory::parse(one), Memory::parse(other))
}

fn same_mode(one: &str, other: &str) -> bool {
    matches!((file_mode::parse(one), file_mode::parse(other)), (Some(one), Some(other)) if one == other)
}

fn same_duration(one: &str, other: &str) -> bool {
    matches!((duration::parse(one), duration::parse(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests;
