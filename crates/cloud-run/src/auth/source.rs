//! The sources of tokens, one for each kind of credentials.

use std::path::Path;
use std::pin::Pin;

use super::authorized_user::SignIn;
use super::exchange::{Grant, MAX_LIFETIME};
use super::federation::Federation;
use super::impersonation::Impersonated;
use super::service_account::ServiceAccount;
use super::{Credentials, CredentialsError, TOKEN_RULE, application_default, document, file, token};
use crate::redaction::{Redaction, Secret};
use crate::transport::Transport;

/// Credentials that were read.
pub(super) struct Opened {
    pub(super) source: Source,
    /// What they were read from, for messages.
    pub(super) origin: String,
    /// The project whose quota pays for requests, where the credentials name one.
    pub(super) quota_project: Option<String>,
    /// A token that was requested to find out whether the source works.
    pub(super) granted: Option<Grant>,
}

/// What an access token is made of or exchanged for.
pub(super) enum Source {
    Fixed(Secret),
    ServiceAccount(ServiceAccount),
    SignIn(SignIn),
    Federation(Federation),
    Impersonated(Box<Impersonated>),
    MetadataServer,
    GCloud,
}

impl Opened {
    pub(super) fn new(source: Source, origin: impl Into<String>) -> Opened {
        Opened {
            source,
            origin: origin.into(),
            quota_project: None,
            granted: None,
        }
    }

    /// Gets a new token.
    pub(super) async fn grant(&mut self, transport: &Transport) -> Result<Grant, CredentialsError> {
        match self.granted.take() {
            Some(grant) => Ok(grant),
            None => self.source.grant(transport).await,
        }
    }
}

impl Source {
    /// Gets a new token. The future is boxed since an impersonated account has a source in turn.
    fn grant<'a>(
        &'a mut self,
        transport: &'a Transport,
    ) -> Pin<Box<dyn Future<Output = Result<Grant, CredentialsError>> + Send + 'a>> {
        Box::pin(async move {
            match self {
                Source::Fixed(token) => Ok(Grant::new(token.clone(), MAX_LIFETIME)),
                Source::ServiceAccount(key) => key.grant(&transport.redaction),
                Source::SignIn(sign_in) => sign_in.grant(transport).await,
                Source::Federation(federation) => federation.grant(transport).await,
                Source::Impersonated(impersonated) => impersonated.grant(transport).await,
                Source::MetadataServer => application_default::metadata_server(transport).await,
                Source::GCloud => application_default::gcloud(transport).await,
            }
        })
    }

    /// Whether another token can be had.
    pub(super) fn renews(&self) -> bool {
        !matches!(self, Source::Fixed(_))
    }
}

/// Opens credentials: reads files, and looks at what the machine has.
pub(super) async fn open(
    credentials: &Credentials,
    transport: &Transport,
) -> Result<Opened, CredentialsError> {
    let origin = credentials.to_string();
    match credentials {
        Credentials::AccessToken(given) => Ok(Opened::new(Source::Fixed(given.clone()), origin)),
        Credentials::AccessTokenFile(path) => {
            let token = token_in(path, &transport.redaction)
                .await
                .map_err(|error| error.within(&origin))?;
            Ok(Opened::new(Source::Fixed(token), origin))
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

/// Opens the credential document in a file.
pub(super) async fn open_file(
    path: &Path,
    origin: &str,
    redaction: &Redaction,
) -> Result<Opened, CredentialsError> {
    let json = file::read(path, redaction).await;
    document::open(&json.map_err(|error| error.within(origin))?, origin, redaction)
}

/// The token in a file, with or without a line break at its end.
async fn token_in(path: &Path, redaction: &Redaction) -> Result<Secret, CredentialsError> {
    let text = file::read(path, redaction).await?;
    token(text.expose_secret().trim(), redaction)
        .map_err(|found| found.error(&format!("must hold {TOKEN_RULE} and nothing else")))
}

#[cfg(test)]
mod tests;
