//! Service account keys: what is wrong with one, found before anything is done with it.

use reqwest::Url;
use serde::Deserialize;

use super::CredentialsError;
use crate::cloudrun::endpoint::is_this_machine;

/// The members that are needed: <https://google.aip.dev/auth/4112>.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Key {
    #[serde(rename = "type")]
    kind: String,
    client_email: String,
    private_key: String,
    token_uri: String,
}

/// Finds what is wrong with a key; never quotes it.
pub(super) fn check(json: &str, origin: &str) -> Result<(), CredentialsError> {
    let key: Key = serde_json::from_str(json).map_err(|error| {
        CredentialsError(format!(
            "{origin} is not a service account key: line {}, column {}",
            error.line(),
            error.column()
        ))
    })?;
    if key.kind != "service_account" {
        return Err(other_kind(&key.kind, origin));
    }
    let members = [
        ("client_email", &key.client_email),
        ("private_key", &key.private_key),
        ("token_uri", &key.token_uri),
    ];
    if let Some((name, _)) = members.iter().find(|(_, value)| value.is_empty()) {
        return Err(CredentialsError(format!(
            "{origin} is a service account key without {name}"
        )));
    }
    if !key
        .private_key
        .trim_start()
        .starts_with("-----BEGIN PRIVATE KEY-----")
    {
        return Err(CredentialsError(format!(
            "{origin} is a service account key whose private_key is not in the form PKCS #8, which begins with BEGIN \
             PRIVATE KEY. Download the key once more, or convert it with openssl pkcs8 -topk8 -nocrypt"
        )));
    }
    let url = Url::parse(&key.token_uri);
    if !url.is_ok_and(|url| url.scheme() == "https" || url.scheme() == "http" && is_this_machine(&url)) {
        return Err(CredentialsError(format!(
            "{origin} is a service account key whose token_uri is not an https address. Google's is \
             https://oauth2.googleapis.com/token"
        )));
    }
    Ok(())
}

fn other_kind(kind: &str, origin: &str) -> CredentialsError {
    let found = if kind.is_empty() {
        "holds JSON without a type".to_owned()
    } else {
        format!(
            "holds credentials of the type {:?}",
            kind.chars().take(60).collect::<String>()
        )
    };
    CredentialsError(format!(
        "{origin} {found}; this provider takes keys of the type \"service_account\" there. For others run gcloud auth \
         application-default login, or give an access token: access_token, or GOOGLE_OAUTH_ACCESS_TOKEN"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::super::Credentials;

    /// A key with these members besides its type, and what is said about it.
    fn check(members: &str, expected: &str) {
        let key = format!(r#"{{"type": "service_account", {members}}}"#);
        let told = Credentials::from_json_or_path(&key).unwrap_err().to_string();
        assert!(
            told.contains(expected) && !told.contains("hush"),
            "{members}: {told}"
        );
    }

    #[test]
    fn a_key_that_cannot_work_says_why_without_quoting_it() {
        let pem = r#""private_key": "-----BEGIN PRIVATE KEY-----\nhush""#;
        let email = r#""client_email": "e""#;
        check(
            &format!(r#"{pem}, "token_uri": "https://t""#),
            "without client_email",
        );
        check(
            &format!(r#"{email}, "token_uri": "https://t""#),
            "without private_key",
        );
        check(&format!("{email}, {pem}"), "without token_uri");
        for uri in [
            "t",
            "http://oauth2.googleapis.com/token",
            "ftp://127.0.0.1/",
            "http://",
        ] {
            check(
                &format!(r#"{email}, {pem}, "token_uri": "{uri}""#),
                "token_uri is not an https",
            );
        }
        let old = r#""private_key": "-----BEGIN RSA PRIVATE KEY-----\nhush""#;
        check(
            &format!(r#"{email}, {old}, "token_uri": "https://t""#),
            "openssl pkcs8",
        );
    }

    #[test]
    fn what_is_no_key_says_what_it_is() {
        for (text, expected) in [
            ("", "these are empty"),
            ("{", "not a service account key: line 1"),
            ("{}", "without a type"),
            (
                r#"{"type": "authorized_user", "refresh_token": "hush"}"#,
                "authorized_user",
            ),
            (
                r#"{"type": "external_account", "audience": "hush"}"#,
                "external_account",
            ),
        ] {
            let told = Credentials::from_json_or_path(text).unwrap_err().to_string();
            assert!(
                told.contains(expected) && !told.contains("hush"),
                "{text}: {told}"
            );
        }
    }
}
