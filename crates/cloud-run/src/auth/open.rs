//! Opens credentials: reads files and finds application-default credentials.

use std::path::Path;

use super::credentials::Credentials;
use super::document::{self, open_file};
use super::impersonation::Impersonated;
use super::input::{self, TOKEN_RULE};
use super::token_source::{FixedToken, OpenCredentials};
use super::{application_default, file};
use crate::credentials_error::CredentialsError;
use crate::redaction::{Redaction, Secret};
use crate::transport::Transport;

pub(super) async fn open(
    credentials: &Credentials,
    transport: &Transport,
) -> Result<OpenCredentials, CredentialsError> {
    let origin = credentials.to_string();
    match credentials {
        Credentials::AccessToken(token) => {
            Ok(OpenCredentials::new(Box::new(FixedToken(token.clone())), origin))
        }
        Credentials::AccessTokenFile(path) => {
            let token = token_in(path, &transport.redaction)
                .await
                .map_err(|error| error.within(&origin))?;
            Ok(OpenCredentials::new(Box::new(FixedToken(token)), origin))
        }
        Credentials::Document(json) => document::open(json, &origin, &transport.redaction),
        Credentials::File(path) => open_file(path, &origin, &transport.redaction).await,
        Credentials::ApplicationDefault => application_default::open(transport).await,
        Credentials::Impersonated(source, account) => {
            let source = Box::pin(open(source, transport)).await?;
            Ok(Impersonated::open(source, account.clone(), None))
        }
    }
}

/// The token in a file, with or without a line break at its end.
async fn token_in(path: &Path, redaction: &Redaction) -> Result<Secret, CredentialsError> {
    let text = file::read(path, redaction).await?;
    input::token(text.expose_secret().trim(), redaction)
        .map_err(|found| found.error(&format!("must contain {TOKEN_RULE} and nothing else")))
}
