//! Sources of access tokens: one implementation for each kind of credentials.

use std::pin::Pin;

use super::exchange::{IssuedToken, MAX_LIFETIME};
use crate::credentials_error::CredentialsError;
use crate::redaction::Secret;
use crate::transport::Transport;

/// A source of access tokens.
pub(super) trait TokenSource: Send {
    /// Fetches a new token.
    fn fetch_token<'a>(&'a mut self, transport: &'a Transport) -> TokenFuture<'a>;

    /// The email address of the account that the tokens are for, where the credentials have it.
    fn account(&self) -> Option<&str> {
        None
    }

    /// Whether another token can be fetched.
    fn renews(&self) -> bool {
        true
    }
}

pub(super) type TokenFuture<'a> =
    Pin<Box<dyn Future<Output = Result<IssuedToken, CredentialsError>> + Send + 'a>>;

/// Opened credentials.
pub(super) struct OpenCredentials {
    pub(super) source: Box<dyn TokenSource>,
    /// Where they come from, for messages.
    pub(super) origin: String,
    /// The quota project of the credentials.
    pub(super) quota_project: Option<String>,
    /// A token that was fetched to find out whether the source works.
    pub(super) prefetched: Option<IssuedToken>,
}

impl OpenCredentials {
    pub(super) fn new(source: Box<dyn TokenSource>, origin: impl Into<String>) -> OpenCredentials {
        OpenCredentials {
            source,
            origin: origin.into(),
            quota_project: None,
            prefetched: None,
        }
    }

    /// Fetches a new token.
    pub(super) async fn fetch_token(
        &mut self,
        transport: &Transport,
    ) -> Result<IssuedToken, CredentialsError> {
        match self.prefetched.take() {
            Some(issued) => Ok(issued),
            None => self.source.fetch_token(transport).await,
        }
    }
}

/// A token as it is.
pub(super) struct FixedToken(pub(super) Secret);

impl TokenSource for FixedToken {
    fn fetch_token<'a>(&'a mut self, _: &'a Transport) -> TokenFuture<'a> {
        Box::pin(async { Ok(IssuedToken::new(self.0.clone(), MAX_LIFETIME)) })
    }

    fn renews(&self) -> bool {
        false
    }
}
