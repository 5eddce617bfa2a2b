//! The credentials that configuration and environment select.

use super::environment::{self, Environment};
use super::{ClientUnavailable, Config, invalid, known, redaction, service_endpoint};
use crate::hints;
use crate::validators::{is_service_account, service_account_in};
use cloud_run::{Credentials, Impersonation};
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::redact::Redactor;
use terraform_plugin::value::{Field, Path};

/// Errors of the credentials in a configuration.
pub(super) fn validate(config: &Config, redactor: &Redactor, diagnostics: &mut Vec<Diagnostic>) {
    // An unknown one may turn out to be null: `terraform validate` knows no variable.
    if config.access_token.known().is_some() && config.credentials.known().is_some() {
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("credentials"),
            "Two kinds of credentials",
            "A provider uses either access_token or credentials. Both are set. Remove one of them.",
        ));
    }
    if let Some(text) = config.access_token.known() {
        if text.trim().is_empty() {
            diagnostics.push(Diagnostic::attribute_error(
                Path::attribute("access_token"),
                "Empty access token",
                "access_token is an OAuth 2.0 token, or the path of a file with one. It is empty. Leave it out to use \
                 other credentials.",
            ));
        } else if let Err(reason) = Credentials::from_token_or_path(text, &redaction(redactor)) {
            diagnostics.push(Diagnostic::attribute_error(
                Path::attribute("access_token"),
                "Invalid access token",
                format!("{reason}{}.", hints::after_credentials(&reason)),
            ));
        }
    }
    if let Some(Err(reason)) = config
        .credentials
        .known()
        .map(|text| Credentials::from_json_or_path(text, &redaction(redactor)))
    {
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("credentials"),
            "Unusable credentials",
            format!("{reason}{}.", hints::after_credentials(&reason)),
        ));
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
        let account = match delegate {
            Field::Unknown => continue,
            Field::Known(account) if is_service_account(account) => continue,
            Field::Known(account) => account,
            Field::Null => "null",
        };
        diagnostics.push(invalid_account(Path::attribute(DELEGATES).index(index), account));
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
            Err(invalid(
                DELEGATES,
                "Missing impersonate_service_account",
                "Delegates lead to the service account that impersonate_service_account names. It names none, nor does \
                 GOOGLE_IMPERSONATE_SERVICE_ACCOUNT. Set it, or leave the delegates out.",
            ))
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
    let access_token = |origin: &str, text: &str| {
        Credentials::from_token_or_path(text, &redaction(redactor)).map_err(|reason| {
            let detail = format!(
                "The access token given by {origin} cannot be used: {reason}{}.",
                hints::after_credentials(&reason)
            );
            invalid("access_token", "Invalid access token", &detail)
        })
    };
    let document = |origin: &str, text: &str| {
        Credentials::from_json_or_path(text, &redaction(redactor)).map_err(|reason| {
            let detail = format!(
                "The credentials given by {origin} cannot be used: {reason}{}.",
                hints::after_credentials(&reason)
            );
            invalid("credentials", "Unusable credentials", &detail)
        })
    };
    if let Some(token) = known(&config.access_token, "access_token")? {
        return access_token("access_token", &token);
    }
    if let Some(text) = known(&config.credentials, "credentials")? {
        return document("credentials", &text);
    }
    if let Some((name, token)) = environment.first_with_name(environment::ACCESS_TOKEN) {
        return access_token(name, &token);
    }
    match environment.first_with_name(environment::CREDENTIALS) {
        Some((name, text)) => document(name, &text),
        None => Ok(Credentials::ApplicationDefault),
    }
}

/// Text without an `@` may be a key: only a short one is shown.
fn invalid_account(path: Path, found: &str) -> Diagnostic {
    let fix = match service_account_in(found) {
        Some(address) => format!("Use {}", quoted(address)),
        None => "gcloud iam service-accounts list shows the addresses".to_owned(),
    };
    let found = if found.contains('@') || found.len() <= MAX_SHOWN {
        quoted(found)
    } else {
        format!("a text of {} characters without @", found.chars().count())
    };
    Diagnostic::attribute_error(
        path,
        "Not a service account",
        format!(
            "A service account must be given by its e-mail address, such as \
             \"deployer@my-project.iam.gserviceaccount.com\", got {found}. {fix}."
        ),
    )
}

/// Tokens and keys are longer.
const MAX_SHOWN: usize = 30;
const ACCOUNT: &str = "impersonate_service_account";
const DELEGATES: &str = "impersonate_service_account_delegates";
