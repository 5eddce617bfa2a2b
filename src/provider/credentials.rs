//! The credentials that configuration and environment select.

use super::environment::{self, Environment};
use super::{ClientUnavailable, Config, known, redaction, service_endpoint};
use crate::hints;
use crate::validators::{example, is_service_account, null_element, service_account_in};
use cloud_run::{Credentials, CredentialsError, Impersonation};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::redact::Redactor;
use terraform_plugin::value::{Field, Path};

/// Errors of the credentials in a configuration.
pub(super) fn validate(config: &Config, redactor: &Redactor, diagnostics: &mut Vec<Diagnostic>) {
    // An unknown one may turn out to be null: variables are unknown to `terraform validate`.
    if config.access_token.known().is_some() && config.credentials.known().is_some() {
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("credentials"),
            "Conflicting credentials",
            "access_token and credentials must not both be set. Remove one of them.",
        ));
    }
    if let Some(text) = config.access_token.known() {
        if text.trim().is_empty() {
            let error = InvalidValue {
                path: Path::attribute(ACCESS_TOKEN),
                must: "be an OAuth 2.0 access token or the path of a file with one".into(),
                got: "an empty string".into(),
                fix: "Omit it to use other credentials.".into(),
            };
            diagnostics.push(error.error("Invalid access token"));
        } else if let Err(error) = access_token(ACCESS_TOKEN, text, redactor) {
            diagnostics.push(error);
        }
    }
    if let Some(text) = config.credentials.known()
        && let Err(error) = document(CREDENTIALS, text, redactor)
    {
        diagnostics.push(error);
    }
    check_accounts(config, diagnostics);
}

/// Errors of the accounts to impersonate, as far as they are known.
fn check_accounts(config: &Config, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(account) = config.impersonate_service_account.known()
        && !is_service_account(account)
    {
        diagnostics.push(invalid_account(Path::attribute(ACCOUNT), account));
    }
    let delegates = config.impersonate_service_account_delegates.known();
    for (index, delegate) in delegates.into_iter().flatten().enumerate() {
        let path = Path::attribute(DELEGATES).index(index);
        match delegate {
            Field::Unknown => {}
            Field::Null => diagnostics.push(null_element(path)),
            Field::Known(account) if is_service_account(account) => {}
            Field::Known(account) => diagnostics.push(invalid_account(path, account)),
        }
    }
}

/// The first of: the arguments, the environment's token, the environment's document, application-default credentials. As in
/// the google provider, environment variables apply only when no argument is set. With impersonation, if configured.
pub(super) fn select(
    config: &Config,
    environment: &Environment<'_>,
    redactor: &Redactor,
) -> Result<Credentials, ClientUnavailable> {
    let source = source_credentials(config, environment, redactor)?;
    // These values were unknown during validation.
    let mut diagnostics = Vec::new();
    check_accounts(config, &mut diagnostics);
    if let Some(error) = diagnostics.into_iter().next() {
        return Err(ClientUnavailable::Invalid(error));
    }
    let account = known(&config.impersonate_service_account, ACCOUNT)?
        .or_else(|| environment.first(environment::IMPERSONATION));
    let delegates = known(&config.impersonate_service_account_delegates, DELEGATES)?.unwrap_or_default();
    let delegates = delegates.iter().map(|delegate| known(delegate, DELEGATES));
    let delegates: Vec<String> = delegates
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?;
    let Some(account) = account else {
        return if delegates.is_empty() {
            Ok(source)
        } else {
            Err(ClientUnavailable::Invalid(Diagnostic::attribute_error(
                Path::attribute(DELEGATES),
                "Missing impersonate_service_account",
                "impersonate_service_account_delegates requires impersonate_service_account, got no value for it. Set it to \
                 the service account to impersonate.",
            )))
        };
    };
    let endpoint = service_endpoint(environment::IAM_CREDENTIALS_ENDPOINT, environment)?;
    let impersonation =
        Impersonation::new(&account, delegates, endpoint.as_ref()).filter(|_| is_service_account(&account));
    match impersonation {
        Some(impersonation) => Ok(Credentials::Impersonated(Box::new(source), impersonation)),
        None => Err(ClientUnavailable::Invalid(invalid_account(
            Path::attribute(ACCOUNT),
            &account,
        ))),
    }
}

fn source_credentials(
    config: &Config,
    environment: &Environment<'_>,
    redactor: &Redactor,
) -> Result<Credentials, ClientUnavailable> {
    let credentials = if let Some(token) = known(&config.access_token, ACCESS_TOKEN)? {
        access_token(ACCESS_TOKEN, &token, redactor)
    } else if let Some(text) = known(&config.credentials, CREDENTIALS)? {
        document(CREDENTIALS, &text, redactor)
    } else if let Some((name, token)) = environment.first_with_name(environment::ACCESS_TOKEN) {
        access_token(name, &token, redactor)
    } else if let Some((name, text)) = environment.first_with_name(environment::CREDENTIALS) {
        document(name, &text, redactor)
    } else {
        Ok(Credentials::ApplicationDefault)
    };
    credentials.map_err(ClientUnavailable::Invalid)
}

/// The token in an argument or environment variable.
fn access_token(origin: &str, text: &str, redactor: &Redactor) -> Result<Credentials, Diagnostic> {
    let token = Credentials::from_token_or_path(text, &redaction(redactor));
    token.map_err(|reason| unusable("Invalid access token", ACCESS_TOKEN, origin, &reason))
}

/// The credential document in an argument or environment variable.
fn document(origin: &str, text: &str, redactor: &Redactor) -> Result<Credentials, Diagnostic> {
    let document = Credentials::from_json_or_path(text, &redaction(redactor));
    document.map_err(|reason| unusable("Invalid credentials", CREDENTIALS, origin, &reason))
}

/// The message of the client names the argument, even if the value is from an environment variable.
fn unusable(summary: &str, attribute: &str, origin: &str, reason: &CredentialsError) -> Diagnostic {
    let message = hints::credentials_message(reason);
    let detail = if origin == attribute {
        message
    } else {
        format!("The value of {origin} cannot be used: {message}")
    };
    Diagnostic::attribute_error(Path::attribute(attribute), summary, detail)
}

/// Text without an `@` may be a key: only a short one is shown.
fn invalid_account(path: Path, found: &str) -> Diagnostic {
    let fix = match service_account_in(found) {
        Some(address) => format!("Use {}.", quoted(address)),
        None => example(EXAMPLE_ACCOUNT),
    };
    let got = if found.contains('@') || found.len() <= MAX_SHOWN {
        quoted(found)
    } else {
        format!("a text of {} characters without @", found.chars().count())
    };
    let error = InvalidValue {
        path,
        must: "be the email address of a service account".into(),
        got,
        fix,
    };
    error.error("Invalid service account")
}

/// Tokens and keys are longer.
const MAX_SHOWN: usize = 30;
const EXAMPLE_ACCOUNT: &str = "deployer@my-project.iam.gserviceaccount.com";
const ACCESS_TOKEN: &str = "access_token";
const CREDENTIALS: &str = "credentials";
const ACCOUNT: &str = "impersonate_service_account";
const DELEGATES: &str = "impersonate_service_account_delegates";
