//! The provider's configuration: its schema, the environment variables, and the client that follows from both. Configuring
//! sends no request and reads no file.

mod credentials;
mod data;
mod environment;
mod schema;

use std::time::Duration;

use crate::duration;
use crate::labels::CREATION_ANNOTATION;
use crate::validators::{check_labels, choices, omit_for_default};
use cloud_run::{
    Credentials, Endpoint, EndpointError, MIN_BACKOFF, QuotaProject, Redaction, Settings,
    invalid_in_header_word,
};
pub use data::{ClientUnavailable, Defaults, ProviderData};
use environment::Environment;
pub use schema::{Config, SCHEMA};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::redact::Redactor;
use terraform_plugin::value::{Field, Path, Value};

/// Errors of a provider configuration. `redactor` learns its credentials.
pub fn validate(config: &Value, redactor: &Redactor) -> Vec<Diagnostic> {
    let config = Config::read(config);
    let mut diagnostics = Vec::new();
    check_labels(&config.default_labels, "default_labels", &mut diagnostics);
    credentials::validate(&config, redactor, &mut diagnostics);
    let billing_project = config.billing_project.known();
    diagnostics.extend(billing_project.and_then(|project| billing_project_error(project, "billing_project")));
    if let Some(text) = config.cloud_run_endpoint.known()
        && let Err(reason) = Endpoint::parse(text)
    {
        diagnostics.push(endpoint_error(ENDPOINT, ENDPOINT, &reason));
    }
    if let Some(text) = config.request_timeout.known()
        && let Err(error) = request_timeout(text)
    {
        diagnostics.push(error);
    }
    if let Some(text) = config.plan_checks.known()
        && !PLAN_CHECKS.contains(&text.as_str())
    {
        let error = InvalidValue {
            path: Path::attribute("plan_checks"),
            must: format!("be {}", choices(&PLAN_CHECKS)),
            got: quoted(text),
            fix: omit_for_default(PLAN_CHECKS[0]),
        };
        diagnostics.push(error.error("Invalid plan_checks"));
    }
    diagnostics
}

fn settings(
    config: &Config,
    environment: &Environment<'_>,
    version: &str,
    redactor: &Redactor,
) -> Result<(Settings, Credentials), ClientUnavailable> {
    let endpoint = known(&config.cloud_run_endpoint, ENDPOINT)?
        .map(|text| (ENDPOINT, text))
        .or_else(|| environment.first_with_name(environment::ENDPOINT));
    let endpoint = match endpoint {
        Some((origin, text)) => Endpoint::parse(&text)
            .map_err(|reason| ClientUnavailable::Invalid(endpoint_error(ENDPOINT, origin, &reason)))?,
        None => Endpoint::default(),
    };
    let request_timeout = match known(&config.request_timeout, "request_timeout")? {
        Some(text) => request_timeout(&text).map_err(ClientUnavailable::Invalid)?,
        None => DEFAULT_REQUEST_TIMEOUT,
    };
    let project_override = known(&config.user_project_override, "user_project_override")?.or_else(|| {
        environment
            .first(environment::USER_PROJECT_OVERRIDE)
            .map(|text| is_true(&text))
    });
    let billing_project = known(&config.billing_project, "billing_project")?
        .map(|project| ("billing_project", project))
        .or_else(|| environment.first_with_name(environment::BILLING_PROJECT));
    let overrides = project_override == Some(true);
    let charged = if overrides {
        billing_project
    } else {
        environment.first_with_name(environment::QUOTA_PROJECT)
    };
    let quota_project = match charged {
        Some((origin, project)) => match billing_project_error(&project, origin) {
            Some(error) => return Err(ClientUnavailable::Invalid(error)),
            None => QuotaProject::Named(project),
        },
        None if overrides => QuotaProject::FromJob,
        None => QuotaProject::FromCredentials,
    };
    let settings = Settings {
        endpoint,
        redaction: redaction(redactor),
        user_agent: user_agent(version, environment),
        creation_annotation: CREATION_ANNOTATION.to_owned(),
        request_timeout,
        min_backoff: MIN_BACKOFF,
        quota_project,
    };
    Ok((settings, credentials::select(config, environment, redactor)?))
}

/// The redactor as closures for the client.
fn redaction(redactor: &Redactor) -> Redaction {
    let (learning, redacting) = (redactor.clone(), redactor.clone());
    Redaction::new(
        move |secret| learning.add(secret),
        move |text| redacting.redact(text).into_owned(),
    )
}

/// The error of a project that cannot be in the header of requests.
fn billing_project_error(project: &str, origin: &str) -> Option<Diagnostic> {
    let found = invalid_in_header_word(project)?;
    Some(Diagnostic::attribute_error(
        Path::attribute("billing_project"),
        "Invalid billing project",
        format!(
            "{origin} must be the ID of a Google Cloud project, such as \"my-project-123\", got a text with {found}. Remove \
             the character; trimspace() removes a line break at the end."
        ),
    ))
}

/// The root of an endpoint of Google.
fn google_root(text: &str) -> Option<String> {
    let endpoint = Endpoint::parse(text).ok()?;
    endpoint.google_root().map(str::to_owned)
}

/// The endpoint of another service, from an environment variable.
fn service_endpoint(
    name: &str,
    environment: &Environment<'_>,
) -> Result<Option<Endpoint>, ClientUnavailable> {
    let endpoint = environment
        .first(&[name])
        .map(|text| Endpoint::for_service(&text));
    endpoint
        .transpose()
        .map_err(|reason| ClientUnavailable::Invalid(endpoint_error("", name, &reason)))
}

/// The error of an endpoint in an argument or environment variable.
fn endpoint_error(attribute: &str, origin: &str, reason: &EndpointError) -> Diagnostic {
    let path = match attribute {
        "" => Path::default(),
        attribute => Path::attribute(attribute),
    };
    let (must, got, fix) = match reason {
        EndpointError::Malformed(found, reason) => (
            "be a URL such as \"https://run.googleapis.com/v2/\"",
            format!("{}: {reason}", quoted(found)),
            "Omit it to use the default.",
        ),
        EndpointError::Insecure(found) => (
            "be an https URL, except on this machine (127.0.0.1, ::1, localhost)",
            quoted(found),
            "Use https: requests contain an access token.",
        ),
    };
    Diagnostic::attribute_error(
        path,
        "Invalid endpoint",
        format!("{origin} must {must}, got {got}. {fix}"),
    )
}

fn request_timeout(text: &str) -> Result<Duration, Diagnostic> {
    let error = || {
        let error = InvalidValue {
            path: Path::attribute("request_timeout"),
            must: "be a duration between 1s and 10m, such as \"30s\"".into(),
            got: quoted(text),
            fix: omit_for_default(&duration::to_human(DEFAULT_REQUEST_TIMEOUT)),
        };
        error.error("Invalid request timeout")
    };
    let timeout = duration::parse(text).ok();
    let allowed = Duration::from_secs(1)..=Duration::from_secs(600);
    timeout
        .filter(|timeout| allowed.contains(timeout))
        .ok_or_else(error)
}

/// `Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-facets-gpu/0.1.0`, with additions from environment
/// variables.
fn user_agent(terraform_version: &str, environment: &Environment<'_>) -> String {
    let version = if terraform_version.is_empty() {
        "unknown"
    } else {
        terraform_version
    };
    let mut agent = format!(
        "Terraform/{version} (+https://www.terraform.io) {}/{}",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION")
    );
    for name in environment::USER_AGENT {
        if let Some(addition) = environment.first(&[name]) {
            agent.push(' ');
            agent.push_str(addition.trim());
        }
    }
    agent.retain(|c| c.is_ascii_graphic() || c == ' ');
    agent
}

fn known<T: Clone>(field: &Field<T>, attribute: &'static str) -> Result<Option<T>, ClientUnavailable> {
    match field {
        Field::Null => Ok(None),
        Field::Unknown => Err(ClientUnavailable::Unknown(attribute)),
        Field::Known(value) => Ok(Some(value.clone())),
    }
}

fn is_true(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "1" | "t" | "true")
}

const ENDPOINT: &str = "cloud_run_endpoint";
const LIVE: &str = "live";
/// Whether the API checks plans.
const PLAN_CHECKS: [&str; 2] = ["local", LIVE];
/// The default of the google provider.
const DEFAULT_REQUEST_TIMEOUT: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests;
