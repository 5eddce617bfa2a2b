//! Different spellings of the same thing: the one already in the state stays, so that nothing is planned
//! for a change that is none.

use super::mode;
use crate::quantity::{Cpu, Memory};
use crate::value::Value;
use crate::{duration, quantity};

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
        if name.contains('/') {
            return name.to_owned();
        }
        format!(
            "projects/{}/locations/{}/connectors/{name}",
            self.project, self.location
        )
    }

    /// The full name of a VPC network.
    pub(super) fn network(&self, name: &str) -> String {
        let name = without_host(name);
        if name.contains('/') {
            return name.to_owned();
        }
        format!("projects/{}/global/networks/{name}", self.project)
    }

    /// The full name of a subnetwork.
    pub(super) fn subnetwork(&self, name: &str) -> String {
        let name = without_host(name);
        if name.contains('/') {
            return name.to_owned();
        }
        format!(
            "projects/{}/regions/{}/subnetworks/{name}",
            self.project, self.location
        )
    }

    /// The full name of a secret.
    pub(super) fn secret(&self, name: &str) -> String {
        if name.contains('/') {
            name.to_owned()
        } else {
            format!("projects/{}/secrets/{name}", self.project)
        }
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

/// Writes the old spelling over the new one wherever both mean the same.
///
/// Short names are read in the place of the old job: it is always known, while a new one may not be yet, and
/// a plan must say the same before and after. A job that moves is planned once more without an old one.
pub(super) fn keep(new: &mut Value, old: &Value) {
    let place = Place::of(old);
    for (path, same) in SPELLINGS {
        keep_at(new, old, path, place, *same);
    }
}

/// The same below one path, in every element of each list on the way.
fn keep_at(new: &mut Value, old: &Value, path: &[&str], place: Place<'_>, same: Same) {
    match (&mut *new, path) {
        (Value::List(fresh), _) => {
            if let Value::List(old) = old {
                for (fresh, old) in fresh.iter_mut().zip(old) {
                    keep_at(fresh, old, path, place, same);
                }
            }
        }
        (Value::Map(members), [name, rest @ ..]) => {
            if let Some(fresh) = members.get_mut(*name) {
                keep_at(fresh, old.get(name), rest, place, same);
            }
        }
        (Value::String(fresh), []) => {
            if let Some(stored) = old.as_str()
                && stored != fresh
                && same(place, fresh, stored)
            {
                *new = old.clone();
            }
        }
        _ => {}
    }
}

type Same = fn(Place<'_>, &str, &str) -> bool;

/// Attributes with more than one spelling, and what makes two of them the same.
const SPELLINGS: &[(&[&str], Same)] = &[
    (&["resources", "cpu"], |_, one, other| {
        same(Cpu::parse(one), Cpu::parse(other))
    }),
    (&["resources", "memory"], same_memory),
    (&["job", "task_timeout"], same_duration),
    (&["timeouts", "create"], same_duration),
    (&["timeouts", "update"], same_duration),
    (&["timeouts", "delete"], same_duration),
    (&["vpc_access", "connector"], |place, one, other| {
        same_name(&place.connector(one), &place.connector(other))
    }),
    (&["vpc_access", "network"], |place, one, other| {
        same_name(&place.network(one), &place.network(other))
    }),
    (&["vpc_access", "subnetwork"], |place, one, other| {
        same_name(&place.subnetwork(one), &place.subnetwork(other))
    }),
    (&["secrets", "secret_name"], same_secret),
    (&["volumes", "gcs", "bucket"], |_, one, other| {
        plain_bucket(one) == plain_bucket(other)
    }),
    (&["volumes", "secret", "secret"], same_secret),
    (&["volumes", "secret", "default_mode"], same_mode),
    (&["volumes", "secret", "items", "mode"], same_mode),
    (&["volumes", "empty_dir", "size_limit"], same_memory),
];

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

/// The same of one attribute: in which order secrets become variables means nothing to a job.
pub(super) fn alike_in(attribute: &str, one: &Value, other: &Value) -> bool {
    let sorted = |secrets: &Value| match secrets {
        Value::List(secrets) => {
            let mut secrets = secrets.clone();
            secrets.sort_by(|a, b| a.get("env_var").as_str().cmp(&b.get("env_var").as_str()));
            Value::List(secrets)
        }
        other => other.clone(),
    };
    alike(one, other) || (attribute == "secrets" && alike(&sorted(one), &sorted(other)))
}

/// Whether two full names are the same, where a project may be told by its id or by its number.
fn same_name(one: &str, other: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (one, other): (Vec<_>, Vec<_>) = (one.split('/').collect(), other.split('/').collect());
    let same_part =
        |(at, (a, b)): (usize, (&&str, &&str))| a == b || (at == 1 && is_number(a) != is_number(b));
    one.len() == other.len() && one.iter().zip(&other).enumerate().all(same_part)
}

fn same<T: PartialEq>(one: Result<T, quantity::Malformed>, other: Result<T, quantity::Malformed>) -> bool {
    matches!((one, other), (Ok(one), Ok(other)) if one == other)
}

fn same_memory(_: Place<'_>, one: &str, other: &str) -> bool {
    same(Memory::parse(one), Memory::parse(other))
}

fn same_mode(_: Place<'_>, one: &str, other: &str) -> bool {
    matches!((mode::parse(one), mode::parse(other)), (Some(one), Some(other)) if one == other)
}

fn same_secret(place: Place<'_>, one: &str, other: &str) -> bool {
    same_name(&place.secret(one), &place.secret(other))
}

fn same_duration(_: Place<'_>, one: &str, other: &str) -> bool {
    matches!((duration::parse(one), duration::parse(other)), (Ok(one), Ok(other)) if one == other)
}
