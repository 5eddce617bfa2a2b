//! Users who have signed in: a refresh token is exchanged for access tokens.

use reqwest::{Method, Url};
use serde::Deserialize;

use super::exchange::{IssuedToken, basic, request, send};
use super::token_source::{TokenFuture, TokenSource};
use super::url::private_url;
use crate::credentials_error::CredentialsError;
use crate::redaction::{Redaction, Secret};
use crate::transport::Transport;

/// The members of the document.
#[derive(Deserialize)]
pub(super) struct Document {
    client_id: String,
    client_secret: String,
    refresh_token: String,
    token_uri: Option<String>,
    token_url: Option<String>,
}

/// A user of Google (<https://google.aip.dev/auth/4113>) or of a workforce pool.
pub(super) struct AuthorizedUser {
    token_url: Url,
    is_workforce: bool,
    client_id: String,
    client_secret: Secret,
    refresh_token: Secret,
}

impl AuthorizedUser {
    pub(super) fn with_google(
        document: Document,
        redaction: &Redaction,
    ) -> Result<AuthorizedUser, CredentialsError> {
        let token_url = private_url("token_uri", document.token_uri.as_deref().unwrap_or(GOOGLE))?;
        Ok(AuthorizedUser::new(document, token_url, false, redaction))
    }

    pub(super) fn with_workforce_pool(
        document: Document,
        redaction: &Redaction,
    ) -> Result<AuthorizedUser, CredentialsError> {
        let token_url = private_url("token_url", document.token_url.as_deref().unwrap_or_default())?;
        Ok(AuthorizedUser::new(document, token_url, true, redaction))
    }

    fn new(document: Document, token_url: Url, is_workforce: bool, redaction: &Redaction) -> AuthorizedUser {
        AuthorizedUser {
            token_url,
            is_workforce,
            client_id: document.client_id,
            client_secret: redaction.secret(document.client_secret),
            refresh_token: redaction.secret(document.refresh_token),
        }
    }

    async fn exchange(&mut self, transport: &Transport) -> Result<IssuedToken, CredentialsError> {
        let mut form = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", self.refresh_token.expose_secret()),
        ];
        let mut request = request(transport, Method::POST, &self.token_url)?;
        if self.is_workforce {
            let client = basic(
                &self.client_id,
                self.client_secret.expose_secret(),
                &transport.redaction,
            );
            request = request.header("Authorization", client.expose_secret());
        } else {
            form.extend([
                ("client_id", &*self.client_id),
                ("client_secret", self.client_secret.expose_secret()),
            ]);
        }
        let issued = IssuedToken::read(&send(request.form(&form)).await?, &transport.redaction)?;
        // Each may be valid once only.
        if let Some(next) = &issued.refresh_token {
            self.refresh_token = next.clone();
        }
        Ok(issued)
    }
}

impl TokenSource for AuthorizedUser {
    fn fetch_token<'a>(&'a mut self, transport: &'a Transport) -> TokenFuture<'a> {
        Box::pin(self.exchange(transport))
    }
}

const GOOGLE: &str = "https://oauth2.googleapis.com/token";
