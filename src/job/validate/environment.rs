//! Rules about environment variables, in clear text and out of Secret Manager.

use std::collections::{BTreeMap, BTreeSet};

use crate::job::model::{Job, SecretEnv};
use crate::validators::null_element;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::diagnostic::quoted;
use terraform_plugin::value::{Field, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<&str, String> = BTreeMap::new();
    if let Some(env) = job.env.known() {
        for (name, value) in env {
            let path = Path::attribute("env").key(name);
            variable(name, &path, diagnostics);
            match value {
                Field::Null => diagnostics.push(null_element(path.clone(), "env")),
                Field::Known(value) if value.len() > VALUE_LENGTH => diagnostics.push(Diagnostic::attribute_error(
                    path.clone(),
                    "Environment variable too long",
                    format!(
                        "The value of an environment variable has at most {VALUE_LENGTH} bytes. {path} has {}. Put it \
                         into a file of the image, or into Secret Manager and read it there.",
                        value.len()
                    ),
                )),
                _ => {}
            }
            taken.insert(name, path.to_string());
        }
    }
    let Some(secrets) = job.secrets.known() else {
        return;
    };
    let mut told = BTreeSet::new();
    for (index, secret) in secrets.iter().enumerate() {
        let path = Path::attribute("secrets").index(index);
        match secret {
            Field::Unknown => {}
            Field::Null => diagnostics.push(null_element(path, "secrets")),
            Field::Known(secret) => {
                one_secret(secret, &path, diagnostics);
                let Some(name) = secret.env_var.known() else {
                    continue;
                };
                if let Some(other) = taken.get(name.as_str())
                    && told.insert((name, index))
                {
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
                taken.entry(name).or_insert_with(|| path.to_string());
            }
        }
    }
    let in_clear = job.env.known().map_or(0, BTreeMap::len);
    let count = secrets.len() + in_clear;
    if count > VARIABLES {
        let most = if secrets.len() > in_clear {
            "secrets"
        } else {
            "env"
        };
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute(most),
            "Too many environment variables",
            format!("A job has at most {VARIABLES} environment variables. env and secrets have {count}. Remove some."),
        ));
    }
}

fn one_secret(secret: &SecretEnv, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(name) = secret.env_var.known() {
        variable(name, path, diagnostics);
    }
    if let Some(name) = secret.secret_name.known()
        && let Some(fault) = secret_name_error(name)
    {
        diagnostics.push(Diagnostic::attribute_error(
            path.clone(),
            "Invalid secret name",
            format!(
                "secret_name is the name of a secret, such as \"my-key\", or \"projects/P/secrets/my-key\" without a \
                 version. In {path} it is {}: {fault}. The version has an attribute of its own.",
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

/// A version of a secret that is none, wherever it is asked for.
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

fn variable(name: &str, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
    let fault = if name.is_empty() {
        "it is empty"
    } else if name.contains(['=', '\0']) {
        "it has a = or a NUL in it"
    } else if name.chars().count() > NAME_LENGTH {
        "it is longer than 32768 characters"
    } else if let Some(reserved) = RESERVED.iter().find(|reserved| reserved.matches(name)) {
        diagnostics.push(Diagnostic::attribute_error(
            path.clone(),
            "Reserved environment variable",
            format!(
                "Cloud Run sets {} itself. The name in {path} is {}. Use another name.",
                reserved.in_words(),
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
            "The name of an environment variable has at least one character and no =. {} does not comply: {fault}. Use \
             for example \"API_KEY\".",
            quoted(name)
        ),
    ));
}

/// What is wrong with the name of a secret, short or full.
pub(super) fn secret_name_error(text: &str) -> Option<String> {
    let name = match text.split('/').collect::<Vec<_>>().as_slice() {
        [name] => *name,
        ["projects", project, "secrets", name] if !project.is_empty() => *name,
        _ => return Some("it has neither of the two forms".to_owned()),
    };
    if name.is_empty() || !name.bytes().all(is_plain) {
        return Some("the name must be letters, digits, _ and -".to_owned());
    }
    (name.len() > SECRET_LENGTH).then(|| {
        format!(
            "the name has {} characters, and the limit is {SECRET_LENGTH}",
            name.len()
        )
    })
}

/// `latest` is an alias by its form.
pub(super) fn is_version(text: &str) -> bool {
    let is_number = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    let is_alias = text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(is_plain);
    (1..=ALIAS_LENGTH).contains(&text.len()) && (is_number || is_alias)
}

fn is_plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

/// A name, or the beginning of names, that Cloud Run keeps for itself.
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

    fn in_words(&self) -> String {
        match self {
            Reserved::Name(name) => format!("the variable {name}"),
            Reserved::Prefix(prefix) => format!("variables that begin with {prefix}"),
        }
    }
}

/// Names that the service refuses or overwrites:
/// <https://cloud.google.com/run/docs/configuring/jobs/environment-variables>.
const RESERVED: [Reserved; 3] = [
    Reserved::Name("PORT"),
    Reserved::Prefix("CLOUD_RUN_"),
    Reserved::Prefix("X_GOOGLE_"),
];
/// The most characters of a secret's name and of a version's alias, from Secret Manager's documentation of `Secret`:
/// <https://docs.cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets>.
const SECRET_LENGTH: usize = 255;
const ALIAS_LENGTH: usize = 63;
/// The most bytes of a value, from the Admin API's documentation of `EnvVar`.
const VALUE_LENGTH: usize = 32_768;
/// The most characters of a name, from the same place.
const NAME_LENGTH: usize = 32_768;
/// The most variables of all containers, from the live service's own refusal.
const VARIABLES: usize = 1000;
