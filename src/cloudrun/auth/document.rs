//! Credential documents, the JSON files of <https://google.aip.dev/auth>: what is wrong with one, found before
//! anything is done with it.

use reqwest::Url;
use serde_json::Value as Json;
use std::net::IpAddr;

use super::{CredentialsError, input, private_key};
use crate::cloudrun::Secret;
use crate::cloudrun::endpoint::is_private;
use crate::cloudrun::header::{invalid_in_header, invalid_in_header_word};

/// The kinds of documents: <https://cloud.google.com/docs/authentication/application-default-credentials>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A service account's key: <https://google.aip.dev/auth/4112>.
    ServiceAccount,
    /// A person who has signed in with gcloud: <https://google.aip.dev/auth/4113>.
    AuthorizedUser,
    /// Workload identity federation: <https://google.aip.dev/auth/4117>.
    ExternalAccount,
    /// A person of a workforce pool who has signed in with gcloud.
    ExternalAccountAuthorizedUser,
    /// A service account, on the word of other credentials.
    ImpersonatedServiceAccount,
}

/// What is demanded of a kind of documents.
struct Form {
    kind: Kind,
    /// What stands in the member `type`.
    name: &'static str,
    /// Members that are texts.
    texts: &'static [&'static str],
    /// A member that is an object.
    object: Option<&'static str>,
}

/// Members that nobody may see, wherever in a document.
const SECRETS: [&str; 3] = ["private_key", "client_secret", "refresh_token"];
/// Members that are addresses to which something secret is sent.
const ADDRESSES: [&str; 4] = ["token_uri", "token_url", "token_info_url", IMPERSONATION_URL];
pub(super) const IMPERSONATION_URL: &str = "service_account_impersonation_url";
const SOURCE: &str = "credential_source";
pub(super) const SOURCE_CREDENTIALS: &str = "source_credentials";

const FORMS: [Form; 5] = [
    Form {
        kind: Kind::ServiceAccount,
        name: "service_account",
        texts: &["client_email", "private_key", "private_key_id", "project_id"],
        object: None,
    },
    Form {
        kind: Kind::AuthorizedUser,
        name: "authorized_user",
        texts: &["client_id", "client_secret", "refresh_token"],
        object: None,
    },
    Form {
        kind: Kind::ExternalAccount,
        name: "external_account",
        texts: &["audience", "subject_token_type", "token_url"],
        object: Some(SOURCE),
    },
    Form {
        kind: Kind::ExternalAccountAuthorizedUser,
        name: "external_account_authorized_user",
        texts: &["client_id", "client_secret", "refresh_token", "token_url"],
        object: None,
    },
    Form {
        kind: Kind::ImpersonatedServiceAccount,
        name: "impersonated_service_account",
        texts: &[IMPERSONATION_URL],
        object: Some(SOURCE_CREDENTIALS),
    },
];

/// Reads a document, mends its key, and finds what is wrong with it; never quotes it. Its secret members are kept out
/// of logs from here on.
///
/// # Errors
/// The document, its member, and what to do.
pub(super) fn parse(text: &Secret, origin: &str) -> Result<(Kind, Json), CredentialsError> {
    let mut json: Json = serde_json::from_str(text.reveal()).map_err(|error| {
        CredentialsError::new(format!(
            "{origin} must be a credential document in JSON, got {}",
            unreadable(text.reveal().trim(), &error)
        ))
    })?;
    conceal(&json);
    let kind = check(&mut json, origin)?;
    Ok((kind, json))
}

/// What has happened to a text that is not JSON.
fn unreadable(text: &str, error: &serde_json::Error) -> String {
    let escaped =
        "JSON that was escaped once more, with backslashes before its quotes. Give it as it was downloaded";
    let (line, column) = (error.line(), error.column());
    if !text.starts_with('{') {
        input::describe(text)
    } else if text.starts_with("{\\") {
        escaped.to_owned()
    } else if error.is_eof() {
        format!("JSON that is cut at line {line}, column {column}. Give it whole")
    } else if !text.contains('"') {
        "JSON without double quotes, which were lost on the way. Quote it where a shell reads it".to_owned()
    } else if text.contains("PRIVATE KEY-----\n") || text.contains("PRIVATE KEY-----\r") {
        "JSON with line breaks in private_key, where it must have \\n: they were replaced on the way. Give it as it was \
         downloaded"
            .to_owned()
    } else {
        format!("text that cannot be read as JSON, from line {line}, column {column} on")
    }
}

fn check(json: &mut Json, origin: &str) -> Result<Kind, CredentialsError> {
    let name = json["type"].as_str().unwrap_or_default().to_owned();
    let form = FORMS.iter().find(|form| form.name == name);
    let form = form.ok_or_else(|| unknown(&name, origin))?;
    let fault = |text: String| {
        CredentialsError::new(format!(
            "{origin} holds credentials of the type {name:?}, and {text}"
        ))
    };
    let is_there = |member: &&&str| json[**member].as_str().is_some_and(|text| !text.is_empty());
    if let Some(missing) = form.texts.iter().find(|member| !is_there(member)) {
        return Err(fault(format!("{missing} is missing in it")));
    }
    if let Some(missing) = form.object.filter(|member| !json[*member].is_object()) {
        return Err(fault(format!("{missing} is missing in it")));
    }
    for member in ADDRESSES {
        if let Some(text) = json[member].as_str()
            && !is_safe(text)
        {
            return Err(fault(format!(
                "its {member} is no https address. Download or make the file once more"
            )));
        }
    }
    if let Some(universe) = json["universe_domain"].as_str()
        && universe != UNIVERSE
    {
        return Err(fault(format!(
            "its universe_domain is {:?}. This provider works in {UNIVERSE} only",
            start(universe)
        )));
    }
    if let Some(project) = json["quota_project_id"].as_str()
        && let Some(found) = invalid_in_header_word(project)
    {
        return Err(fault(format!(
            "its quota_project_id must be the id of a project, got {found}"
        )));
    }
    match form.kind {
        Kind::ServiceAccount => {
            let key = json["private_key"].as_str().unwrap_or_default();
            let key = private_key::normalize(key).map_err(|text| fault(text.to_owned()))?;
            // Its lines are not those of the text that was concealed.
            json["private_key"] = Secret::new(key).reveal().into();
        }
        Kind::ExternalAccount => check_source(&json[SOURCE]).map_err(fault)?,
        Kind::ImpersonatedServiceAccount => {
            let inner = check(
                &mut json[SOURCE_CREDENTIALS],
                &format!("{SOURCE_CREDENTIALS} in {origin}"),
            )?;
            if inner == Kind::ImpersonatedServiceAccount {
                return Err(fault(format!(
                    "its {SOURCE_CREDENTIALS} are of that type too. Name the accounts in between in delegates"
                )));
            }
        }
        Kind::AuthorizedUser | Kind::ExternalAccountAuthorizedUser => {}
    }
    Ok(form.kind)
}

fn unknown(name: &str, origin: &str) -> CredentialsError {
    let found = if name.is_empty() {
        "holds JSON without a type".to_owned()
    } else {
        format!("holds credentials of the type {:?}", start(name))
    };
    let known: Vec<String> = FORMS.iter().map(|form| format!("{:?}", form.name)).collect();
    CredentialsError::new(format!(
        "{origin} {found}; this provider takes {}. For others give an access token: access_token, or \
         GOOGLE_OAUTH_ACCESS_TOKEN",
        known.join(", ")
    ))
}

/// What a message shows of a member.
fn start(text: &str) -> String {
    text.chars().take(LONGEST_SHOWN).collect()
}

/// Where the token of the other side comes from.
fn check_source(source: &Json) -> Result<(), String> {
    if let Some(text) = source["url"].as_str()
        && !is_safe(text)
        && !is_beside(text)
    {
        return Err(format!(
            "the url of its {SOURCE} is neither an https address nor a metadata server's"
        ));
    }
    let headers = source["headers"].as_object().into_iter().flatten();
    for (name, value) in headers {
        if let Some(found) = value.as_str().and_then(invalid_in_header) {
            return Err(format!(
                "the header {:?} of its {SOURCE} must have a value of visible ASCII characters, got {found}",
                start(name)
            ));
        }
    }
    let known = ["file", "url", "executable", "environment_id"];
    if known.iter().all(|member| source[member].is_null()) {
        return Err(format!("its {SOURCE} names no file, url or executable"));
    }
    Ok(())
}

pub(super) fn is_safe(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| is_private(&url))
}

/// Whether it is next to this machine, as metadata servers of clouds are: `169.254.169.254`.
pub(super) fn is_beside(text: &str) -> bool {
    let address = |url: &Url| {
        url.host_str()
            .and_then(|host| host.trim_matches(['[', ']']).parse().ok())
    };
    match Url::parse(text).ok().as_ref().and_then(address) {
        Some(IpAddr::V4(address)) => address.is_link_local(),
        Some(IpAddr::V6(address)) => address.is_unicast_link_local() || address.is_unique_local(),
        None => false,
    }
}

/// Has logs leave out what is secret in a document.
fn conceal(json: &Json) {
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                let is_secret = SECRETS.contains(&name.as_str());
                // The headers with which a subject token is asked for may hold one.
                let is_header = name == "headers";
                match value {
                    Json::String(text) if is_secret => drop(Secret::new(text.as_str())),
                    Json::Object(headers) if is_header => headers
                        .values()
                        .filter_map(Json::as_str)
                        .for_each(|text| drop(Secret::new(text))),
                    inner => conceal(inner),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(conceal),
        _ => {}
    }
}

const LONGEST_SHOWN: usize = 60;
/// Google's public cloud; others have APIs of their own.
const UNIVERSE: &str = "googleapis.com";

#[cfg(test)]
mod tests;
