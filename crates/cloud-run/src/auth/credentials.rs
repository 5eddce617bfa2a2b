//! Which credentials to use.

use std::fmt;
use std::path::PathBuf;

use super::document;
use super::impersonation::Impersonation;
use super::input::{self, TOKEN_RULE};
use crate::credentials_error::CredentialsError;
use crate::redaction::{Redaction, Secret};

/// Which credentials to use.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A token as it is; it is not renewed.
    AccessToken(Secret),
    /// A token in a file; it is not renewed.
    AccessTokenFile(PathBuf),
    /// A credential document, as JSON.
    Document(Secret),
    /// A credential document in a file.
    File(PathBuf),
    /// `GOOGLE_APPLICATION_CREDENTIALS`, gcloud's application-default credentials, the metadata server, or the gcloud
    /// program.
    ApplicationDefault,
    /// A service account, impersonated with other credentials.
    Impersonated(Box<Credentials>, Impersonation),
}

impl Credentials {
    /// A credential document as JSON, or the path of a file with one, which is read on first use.
    ///
    /// # Errors
    /// If the text is neither, or not a valid credential document.
    pub fn from_json_or_path(text: &str, redaction: &Redaction) -> Result<Credentials, CredentialsError> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.starts_with('{') {
            let json = redaction.secret(text);
            document::open(&json, "credentials", redaction)?;
            return Ok(Credentials::Document(json));
        }
        input::path(text, redaction)
            .map(Credentials::File)
            .ok_or_else(|| {
                input::describe(text)
                    .error("credentials must be a credential document in JSON or the path of a file with one")
            })
    }

    /// Whether they end with one access token, which is not renewed; Google's are valid for an hour by default.
    pub fn is_static_token(&self) -> bool {
        match self {
            Credentials::AccessToken(_) | Credentials::AccessTokenFile(_) => true,
            Credentials::Impersonated(source, _) => source.is_static_token(),
            Credentials::Document(_) | Credentials::File(_) | Credentials::ApplicationDefault => false,
        }
    }

    /// An access token, or the path of a file with one, which is read on first use.
    ///
    /// # Errors
    /// If the token is invalid in an HTTP header.
    pub fn from_token_or_path(text: &str, redaction: &Redaction) -> Result<Credentials, CredentialsError> {
        let text = text.trim();
        if let Some(path) = input::path(text, redaction) {
            return Ok(Credentials::AccessTokenFile(path));
        }
        let token = input::token(text, redaction).map_err(|found| {
            found.error(&format!(
                "access_token must be an OAuth 2.0 token ({TOKEN_RULE}) or the path of a file with one"
            ))
        })?;
        Ok(Credentials::AccessToken(token))
    }
}

/// Describes the credentials without any part of them.
impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credentials::AccessToken(_) => write!(f, "the configured access token"),
            Credentials::AccessTokenFile(path) => {
                write!(f, "the file {} with the access token", path.display())
            }
            Credentials::Document(_) => write!(f, "the JSON in credentials"),
            Credentials::File(path) => write!(f, "the file {}", path.display()),
            Credentials::ApplicationDefault => write!(f, "application-default credentials"),
            Credentials::Impersonated(source, account) => write!(f, "{source}, impersonating {account}"),
        }
    }
}
