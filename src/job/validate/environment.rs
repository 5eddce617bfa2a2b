//! Rules about environment variables with literal values and from Secret Manager.

use std::collections::BTreeMap;

use crate::job::model::{Job, SecretEnv};
use crate::validators::null_element;
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::value::{Field, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let mut paths: BTreeMap<&str, String> = BTreeMap::new();
    if let Some(env) = job.env.known() {
        for (name, value) in env {
            let path = Path::attribute("env").key(name);
            check_name(name, &path, diagnostics);
            match value {
                Field::Null => diagnostics.push(null_element(path.clone(), "env")),
                Field::Known(value) if value.len() > MAX_VALUE_LENGTH => diagnostics.push(Diagnostic::attribute_error(
                    path.clone(),
                    "Environment variable too long",
                    format!(
                        "The value of an environment variable has at most {MAX_VALUE_LENGTH} bytes. {path} has {}. Put it \
                         into a file of the image, or into Secret Manager and read it there.",
                        value.len()
                    ),
                )),
                _ => {}
            }
            paths.insert(name, path.to_string());
        }
    }
    let Some(secrets) = job.secrets.known() else {
        return;
    };
    for (index, secret) in secrets.iter().enumerate() {
        let path = Path::attribute("secrets").index(index);
        match secret {
            Field::Unknown => {}
            Field::Null => diagnostics.push(null_element(path, "secrets")),
            Field::Known(secret) => {
                check_secret(secret, &path, diagnostics);
                let Some(name) = secret.env_var.known() else {
                    continue;
                };
                if let Some(other) = paths.get(name.as_str()) {
                    diagnostics.push(Diagnostic::attribute_error(
                        path.clone(),
                        "Environment variable set twice",
                        format!(
                            "Each environment variable has one source. {} is set by {path} and by {other}. Remove one of \
                             them, or use another name.",
                            quoted(name)
                        ),
                    ));
                }
                paths.entry(name).or_insert_with(|| path.to_string());
            }
        }
    }
    let literals = job.env.known().map_or(0, BTreeMap::len);
    let count = secrets.len() + literals;
    if count > MAX_VARIABLES {
        let larger = if secrets.len() > literals {
            "secrets"
        } else {
            "env"
        };
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute(larger),
            "Too many environment variables",
            format!("A job has at most {MAX_VARIABLES} environment variables. env and secrets have {count}. Remove some."),
        ));
    }
}

fn check_secret(secret: &SecretEnv, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(name) = secret.env_var.known() {
        check_name(name, path, diagnostics);
    }
    if let Some(name) = secret.secret_name.known()
        && let Some(reason) = secret_name_error(name)
    {
        diagnostics.push(Diagnostic::attribute_error(
            path.clone(),
            "Invalid secret name",
            format!(
                "secret_name is the name of a secret, such as \"my-key\", or \"projects/P/secrets/my-key\" without a \
                 version. In {path} it is {}: {reason}. The version has an attribute of its own.",
                quoted(name)
            ),
        ));
    }
    if let Some(version) = secret.version.known()
        && !is_version(version)
    {
        diagnostics.push(invalid_version(path, version));
    }
}

/// The error of a secret version.
pub(super) fn invalid_version(path: &Path, version: &str) -> Diagnostic {
    Diagnostic::attribute_error(
        path.clone(),
        "Invalid secret version",
        format!(
            "version must be \"latest\", a number from \"1\" without leading zeros, or an alias that starts with a letter and \
             has at most 63 letters, digits, _ and -, got {} in {path}. Omit it to get the latest.",
            quoted(version)
        ),
    )
}

fn check_name(name: &str, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
    let reason = if name.is_empty() {
        "it is empty"
    } else if name.contains(['=', '\0']) {
        "it has a = or a NUL in it"
    } else if name.chars().count() > MAX_NAME_LENGTH {
        "it is longer than 32768 characters"
    } else if let Some(reserved) = RESERVED.iter().find(|reserved| reserved.matches(name)) {
        diagnostics.push(Diagnostic::attribute_error(
            path.clone(),
            "Reserved environment variable",
            format!(
                "Cloud Run sets {} itself. The name in {path} is {}. Use another name.",
                reserved.description(),
                quoted(name)
            ),
        ));
        return;
    } else {
        return;
    };
    diagnostics.push(Diagnostic::attribute_error(
        path.clone(),
        "Invalid environment variable",
        format!(
            "The name of an environment variable has at least one character and no =. {} does not comply: {reason}. Use \
             for example \"API_KEY\".",
            quoted(name)
        ),
    ));
}

/// Why text is not the name of a secret, short or full.
pub(super) fn secret_name_error(text: &str) -> Option<String> {
    let name = match text.split('/').collect::<Vec<_>>().as_slice() {
        [name] => *name,
        ["projects", project, "secrets", name] if !project.is_empty() => *name,
        _ => return Some("it has neither of the two forms".to_owned()),
    };
    if name.is_empty() || !name.bytes().all(is_plain) {
        return Some("the name must be letters, digits, _ and -".to_owned());
    }
    (name.len() > MAX_SECRET_LENGTH).then(|| {
        format!(
            "the name has {} characters, and the limit is {MAX_SECRET_LENGTH}",
            name.len()
        )
    })
}

/// Whether text is a version of a secret: a number, an alias or `latest`, which has the form of an alias.
pub(super) fn is_version(text: &str) -> bool {
    let is_number = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    let is_alias = text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(is_plain);
    (1..=MAX_ALIAS_LENGTH).contains(&text.len()) && (is_number || is_alias)
}

fn is_plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

/// Variables that Cloud Run reserves.
enum Reserved {
    Name(&'static str),
    Prefix(&'static str),
}

impl Reserved {
    fn matches(&self, name: &str) -> bool {
        match self {
            Reserved::Name(reserved) => name == *reserved,
            Reserved::Prefix(prefix) => name.starts_with(prefix),
        }
    }

    fn description(&self) -> String {
        match self {
            Reserved::Name(name) => format!("the variable {name}"),
            Reserved::Prefix(prefix) => format!("variables that begin with {prefix}"),
        }
    }
}

/// Names that Cloud Run refuses or overwrites:
/// <https://cloud.google.com/run/docs/configuring/jobs/environment-variables>.
const RESERVED: [Reserved; 3] = [
    Reserved::Name("PORT"),
    Reserved::Prefix("CLOUD_RUN_"),
    Reserved::Prefix("X_GOOGLE_"),
];
/// The most characters of a secret's name and of an alias, by the documentation of `Secret`:
/// <https://docs.cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets>.
const MAX_SECRET_LENGTH: usize = 255;
const MAX_ALIAS_LENGTH: usize = 63;
/// The most bytes of a value, by the documentation of `EnvVar`.
const MAX_VALUE_LENGTH: usize = 32_768;
/// The most characters of a name, by the same page.
const MAX_NAME_LENGTH: usize = 32_768;
/// The most variables of all containers, by an error of the live service.
const MAX_VARIABLES: usize = 1000;
