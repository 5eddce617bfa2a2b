//! Rules about environment variables with literal values and from Secret Manager.

use std::collections::BTreeMap;

use crate::job::model::{Job, SecretEnv, StringMap};
use crate::validators::{example, null_element, omit_for_default};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::{Field, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    check_variables(&job.env, &Path::attribute("env"), diagnostics);
    let names = job
        .env
        .known()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str());
    let mut paths: BTreeMap<&str, Path> = names
        .map(|name| (name, Path::attribute("env").key(name)))
        .collect();
    for (index, secret) in job.secrets.known().into_iter().flatten().enumerate() {
        let at = Path::attribute("secrets").index(index);
        match secret {
            Field::Unknown => {}
            Field::Null => diagnostics.push(null_element(at)),
            Field::Known(secret) => check_secret(secret, &at, &mut paths, diagnostics),
        }
    }
    check_count(job, diagnostics);
}

/// Checks environment variables with literal values, which no message shows.
pub(crate) fn check_variables(given: &Field<StringMap>, at: &Path, diagnostics: &mut Vec<Diagnostic>) {
    for (name, value) in given.known().into_iter().flatten() {
        let path = at.clone().key(name);
        check_name(name, "have a name", &path, diagnostics);
        match value {
            Field::Null => diagnostics.push(null_element(path)),
            Field::Known(value) if value.len() > MAX_VALUE_LENGTH => {
                let error = InvalidValue {
                    path,
                    must: format!("be at most {MAX_VALUE_LENGTH} bytes on Cloud Run"),
                    got: format!("{} bytes", value.len()),
                    fix: "Move it to a file in the image or in a volume.".into(),
                };
                diagnostics.push(error.error("Environment variable too long"));
            }
            _ => {}
        }
    }
}

fn check_count(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let literals = job.env.known().map_or(0, BTreeMap::len);
    let secrets = job.secrets.known().map_or(0, Vec::len);
    let count = literals + secrets;
    if count > MAX_VARIABLES {
        let larger = if secrets > literals { "secrets" } else { "env" };
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute(larger),
            "Too many environment variables",
            format!(
                "env and secrets together must have at most {MAX_VARIABLES} elements on Cloud Run, got {count}. Remove {} \
                 of them.",
                count - MAX_VARIABLES
            ),
        ));
    }
}

fn check_secret<'a>(
    secret: &'a SecretEnv,
    at: &Path,
    paths: &mut BTreeMap<&'a str, Path>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if let Some(name) = secret.env_var.known() {
        let path = at.clone().key("env_var");
        check_name(name, "be a name", &path, diagnostics);
        if let Some(other) = paths.get(name.as_str()) {
            let error = InvalidValue {
                path,
                must: "be unique in env and secrets".into(),
                got: format!("{} as in {other}", quoted(name)),
                fix: "Remove one of them.".into(),
            };
            diagnostics.push(error.error("Duplicate environment variable"));
        } else {
            paths.insert(name, path);
        }
    }
    check_secret_name(
        &secret.secret_name,
        at.clone().key("secret_name"),
        "",
        diagnostics,
    );
    check_version(&secret.version, at.clone().key("version"), diagnostics);
}

/// The name of a variable, which `path` has or is.
fn check_name(name: &str, has_or_is: &str, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
    let (summary, must, fix) = if is_reserved(name) {
        (
            "Reserved environment variable",
            format!(
                "not {has_or_is} that Cloud Run reserves (PORT and names that start with CLOUD_RUN_ or X_GOOGLE_)"
            ),
            format!("Use another name. See {VARIABLES_URL}."),
        )
    } else if !is_name(name) {
        (
            "Invalid environment variable",
            format!("{has_or_is} of 1 to {MAX_NAME_LENGTH} characters without \"=\" or NUL"),
            example("API_KEY"),
        )
    } else {
        return;
    };
    let error = InvalidValue {
        path: path.clone(),
        must,
        got: quoted(name),
        fix,
    };
    diagnostics.push(error.error(summary));
}

fn is_name(name: &str) -> bool {
    (1..=MAX_NAME_LENGTH).contains(&name.chars().count()) && !name.contains(['=', '\0'])
}

/// Whether Cloud Run rejects or overwrites a variable.
fn is_reserved(name: &str) -> bool {
    name == "PORT" || name.starts_with("CLOUD_RUN_") || name.starts_with("X_GOOGLE_")
}

/// Checks the name of a secret, short or full. The version is in an attribute of its own.
pub(super) fn check_secret_name(
    given: &Field<String>,
    path: Path,
    version_is_in: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(given) = given.known().filter(|given| !is_secret_name(given)) else {
        return;
    };
    let fix = match given.split_once("/versions/") {
        Some((name, version)) if is_secret_name(name) && is_version(version) => {
            format!(
                "Use {} with version = {}{version_is_in}.",
                quoted(name),
                quoted(version)
            )
        }
        _ => format!("{} See {SECRETS_URL}.", example("my-key")),
    };
    let error = InvalidValue {
        path,
        must: format!(
            "be a secret name of 1 to {MAX_SECRET_LENGTH} letters, digits, _ or -, or have the form \
             \"projects/PROJECT/secrets/SECRET\""
        ),
        got: quoted(given),
        fix,
    };
    diagnostics.push(error.error("Invalid secret name"));
}

/// Checks the version of a secret.
pub(super) fn check_version(given: &Field<String>, path: Path, diagnostics: &mut Vec<Diagnostic>) {
    let Some(given) = given.known().filter(|given| !is_version(given)) else {
        return;
    };
    let error = InvalidValue {
        path,
        must: format!(
            "be \"latest\", a number without leading zeros, or an alias of up to {MAX_ALIAS_LENGTH} letters, digits, _ or - \
             that starts with a letter"
        ),
        got: quoted(given),
        fix: omit_for_default("latest"),
    };
    diagnostics.push(error.error("Invalid secret version"));
}

/// Whether text is the name of a secret, short or full.
fn is_secret_name(text: &str) -> bool {
    let name = match text.split('/').collect::<Vec<_>>().as_slice() {
        [name] => *name,
        ["projects", project, "secrets", name] if !project.is_empty() => *name,
        _ => return false,
    };
    (1..=MAX_SECRET_LENGTH).contains(&name.len()) && name.bytes().all(is_plain)
}

/// Whether text is a version of a secret: a number, an alias or `latest`, which has the form of an alias.
fn is_version(text: &str) -> bool {
    let is_number = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    let is_alias = text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(is_plain);
    (1..=MAX_ALIAS_LENGTH).contains(&text.len()) && (is_number || is_alias)
}

fn is_plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

/// The page with the names that Cloud Run rejects or overwrites.
const VARIABLES_URL: &str = "https://cloud.google.com/run/docs/configuring/jobs/environment-variables";
/// The documentation of `Secret`, with the most characters of its name and of an alias.
const SECRETS_URL: &str =
    "https://docs.cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets";
const MAX_SECRET_LENGTH: usize = 255;
const MAX_ALIAS_LENGTH: usize = 63;
/// The most bytes of a value, by the documentation of `EnvVar`.
const MAX_VALUE_LENGTH: usize = 32_768;
/// The most characters of a name, by the same page.
const MAX_NAME_LENGTH: usize = 32_768;
/// The most variables of all containers, by an error of the live service.
const MAX_VARIABLES: usize = 1000;
