//! Semantic equality: different notations of one value. A value that is semantically equal to the prior one is replaced by
//! it, so that no change is planned.

use super::attributes::SENT;
use super::file_mode;
use super::resource_name::{Scope, bucket_id};
use crate::duration;
use crate::quantity::{Cpu, Memory, ParseError};
use terraform_plugin::value::Value;

/// Replaces planned values by semantically equal prior ones. The ID and the number of a project are not equal here: which
/// belong together is unknown, and tasks would keep what the configuration no longer names.
///
/// Short names are resolved in the scope of the prior job, which is always known: the planned one may be unknown at first,
/// and two plans of one change must agree. A job whose scope changes is planned again without a prior state.
pub(super) fn preserve_prior(planned: &mut Value, prior: &Value) {
    preserve(planned, prior, false);
}

/// Replaces values of a response by semantically equal ones of `hint`, the stored or planned job.
///
/// The API may return the number of a project for its ID. It is the same project in the response to a write of the provider,
/// whose planned generation is unknown, and while the job has the stored generation. Otherwise it may be another project,
/// and the state shows what the API returned.
pub(super) fn preserve_prior_in_response(response: &mut Value, hint: &Value) {
    let stored = hint.get("generation");
    let is_ours = stored.is_unknown() || !stored.is_null() && stored == response.get("generation");
    preserve(response, hint, is_ours);
}

/// `by_number`: whether the ID of a project equals the number of one.
fn preserve(new: &mut Value, prior: &Value, by_number: bool) {
    let scope = Scope::of(prior);
    for (path, equality) in EQUALITIES {
        preserve_at(new, prior, path, &|new, prior| {
            equality.holds(scope, by_number, new, prior)
        });
    }
}

/// Preserves an equal prior string at one path, in every element of each list on the way.
fn preserve_at(new: &mut Value, prior: &Value, path: &[&str], is_equal: &dyn Fn(&str, &str) -> bool) {
    match (&mut *new, path) {
        (Value::List(items), _) => {
            if let Value::List(prior) = prior {
                for (item, prior) in items.iter_mut().zip(prior) {
                    preserve_at(item, prior, path, is_equal);
                }
            }
        }
        (Value::Map(members), [name, rest @ ..]) => {
            if let Some(member) = members.get_mut(*name) {
                preserve_at(member, prior.get(name), rest, is_equal);
            }
        }
        (Value::String(text), []) => {
            if let Some(prior_text) = prior.as_str()
                && prior_text != text
                && is_equal(text, prior_text)
            {
                *new = prior.clone();
            }
        }
        _ => {}
    }
}

/// When two strings are semantically equal.
enum Equality {
    /// By the strings alone.
    Of(fn(&str, &str) -> bool),
    /// When their full names are equal.
    OfNames(fn(Scope<'_>, &str) -> String),
}

impl Equality {
    fn holds(&self, scope: Scope<'_>, by_number: bool, a: &str, b: &str) -> bool {
        match self {
            Equality::Of(is_equal) => is_equal(a, b),
            Equality::OfNames(full) => {
                let (a, b) = (full(scope, a), full(scope, b));
                a == b || by_number && differ_by_project_number(&a, &b)
            }
        }
    }
}

/// The attributes with more than one notation.
const EQUALITIES: &[(&[&str], Equality)] = &[
    (
        &["resources", "cpu"],
        Equality::Of(|a, b| both_parse_equal(Cpu::parse(a), Cpu::parse(b))),
    ),
    (&["resources", "memory"], MEMORY),
    (&["job", "task_timeout"], DURATION),
    (&["timeouts", "create"], DURATION),
    (&["timeouts", "update"], DURATION),
    (&["timeouts", "delete"], DURATION),
    (
        &["vpc_access", "connector"],
        Equality::OfNames(|scope, name| scope.connector(name)),
    ),
    (
        &["vpc_access", "network"],
        Equality::OfNames(|scope, name| scope.network(name)),
    ),
    (
        &["vpc_access", "subnetwork"],
        Equality::OfNames(|scope, name| scope.subnetwork(name)),
    ),
    (&["secrets", "secret_name"], SECRET),
    (
        &["volumes", "gcs", "bucket"],
        Equality::Of(|a, b| bucket_id(a) == bucket_id(b)),
    ),
    (&["volumes", "secret", "secret"], SECRET),
    (&["volumes", "secret", "default_mode"], FILE_MODE),
    (&["volumes", "secret", "items", "mode"], FILE_MODE),
    (&["volumes", "empty_dir", "size_limit"], MEMORY),
    (&["encryption_key"], FULL_NAME),
    (&["binary_authorization", "policy"], FULL_NAME),
];
const MEMORY: Equality = Equality::Of(|a, b| both_parse_equal(Memory::parse(a), Memory::parse(b)));
const DURATION: Equality =
    Equality::Of(|a, b| matches!((duration::parse(a), duration::parse(b)), (Ok(a), Ok(b)) if a == b));
const FILE_MODE: Equality =
    Equality::Of(|a, b| matches!((file_mode::parse(a), file_mode::parse(b)), (Some(a), Some(b)) if a == b));
const SECRET: Equality = Equality::OfNames(|scope, name| scope.secret(name));
/// A name without a short form.
const FULL_NAME: Equality = Equality::OfNames(|_, name| name.to_owned());

fn both_parse_equal<T: PartialEq>(a: Result<T, ParseError>, b: Result<T, ParseError>) -> bool {
    matches!((a, b), (Ok(a), Ok(b)) if a == b)
}

/// Whether two full names differ only in their projects, one of which is an ID and the other a number.
fn differ_by_project_number(a: &str, b: &str) -> bool {
    let parts = |name| str::split_once(str::strip_prefix(name, "projects/")?, '/');
    let is_number = |project: &str| !project.is_empty() && project.bytes().all(|b| b.is_ascii_digit());
    match (parts(a), parts(b)) {
        (Some((a, a_rest)), Some((b, b_rest))) => a_rest == b_rest && is_number(a) != is_number(b),
        _ => false,
    }
}

/// Whether the API gets the same for two jobs.
pub(super) fn same_definition(a: &Value, b: &Value) -> bool {
    SENT.iter()
        .all(|attribute| attribute_semantically_equal(attribute, a, b))
}

/// Whether the API gets the same for one attribute of a prior and a planned job.
pub(super) fn attribute_semantically_equal(attribute: &str, prior: &Value, planned: &Value) -> bool {
    let part = |job: &Value| {
        let mut part = Value::from(
            [attribute, "project", "location"].map(|attribute| (attribute, job.get(attribute).clone())),
        );
        for (path, key) in UNORDERED {
            sort_at(&mut part, path, key);
        }
        part
    };
    let (prior, mut planned) = (part(prior), part(planned));
    preserve_prior(&mut planned, &prior);
    semantically_equal(prior.get(attribute), planned.get(attribute))
}

/// Whether two values are equal; an empty list or map, and false, equal null.
pub(super) fn semantically_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        _ if a == b => true,
        (Value::Map(x), Value::Map(y)) => x
            .keys()
            .chain(y.keys())
            .all(|key| semantically_equal(a.get(key), b.get(key))),
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| semantically_equal(a, b))
        }
        (Value::Null, Value::List(items)) | (Value::List(items), Value::Null) => items.is_empty(),
        (Value::Null, Value::Map(members)) | (Value::Map(members), Value::Null) => members.is_empty(),
        (Value::Null, Value::Bool(value)) | (Value::Bool(value), Value::Null) => !value,
        _ => false,
    }
}

/// Sorts the list at one path, in every element of each list on the way, and drops duplicates.
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

/// Lists whose order has no meaning, and the keys of their elements.
const UNORDERED: &[(&[&str], &str)] = &[
    (&["secrets"], "env_var"),
    (&["volumes"], "name"),
    (&["volumes", "secret", "items"], "path"),
    (&["container", "volume_mounts"], "mount_path"),
    (&["vpc_access", "tags"], ""),
];

#[cfg(test)]
mod tests;
