//! People who have signed in: a refresh token is exchanged for access tokens.

use async_trait::async_trait;
use reqwest::{Method, Url};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tokio::sync::Mutex;

use super::document::Kind;
use super::exchange::{Exchange, Grant, send, unanswered};
use super::{CredentialsError, basic, failed, text};
use crate::cloudrun::Secret;
use crate::cloudrun::transport::Transport;

/// A person's sign-in, by Google itself (<https://google.aip.dev/auth/4113>) or by a workforce pool.
pub(super) struct SignIn {
    token_endpoint: Url,
    /// Whether the client names itself in a header, as the Security Token Service wants it, or in the body.
    is_workforce: bool,
    client_id: String,
    client_secret: Secret,
    refresh_token: Mutex<Secret>,
    origin: String,
    transport: Arc<Transport>,
}

impl SignIn {
    pub(super) fn new(
        kind: Kind,
        json: &Json,
        origin: &str,
        transport: &Arc<Transport>,
    ) -> Result<SignIn, CredentialsError> {
        let is_workforce = kind == Kind::ExternalAccountAuthorizedUser;
        let address = if is_workforce {
            text(json, "token_url")
        } else {
            json["token_uri"].as_str().unwrap_or(GOOGLE)
        };
        Ok(SignIn {
            token_endpoint: super::address(address, origin)?,
            is_workforce,
            client_id: text(json, "client_id").to_owned(),
            client_secret: Secret::new(text(json, "client_secret")),
            refresh_token: Mutex::new(Secret::new(text(json, "refresh_token"))),
            origin: origin.to_owned(),
            transport: transport.clone(),
        })
    }

    async fn refresh(&self) -> Result<Grant, CredentialsError> {
        let mut refresh_token = self.refresh_token.lock().await;
        let request = self.transport.exchange(Method::POST, self.token_endpoint.clone());
        let request = request.map_err(|error| unanswered(&error))?;
        let request = if self.is_workforce {
            request
                .header(
                    "Authorization",
                    basic(&self.client_id, &self.client_secret).reveal(),
                )
                .form(&[
                    ("grant_type", "refresh_token"),
                    ("refresh_token", refresh_token.reveal()),
                ])
        } else {
            request.json(&json!({
                "grant_type": "refresh_token", "client_id": self.client_id,
                "client_secret": self.client_secret.reveal(), "refresh_token": refresh_token.reveal(),
            }))
        };
        let grant = Grant::read(&send(request).await?)?;
        // Each may be good once only.
        if let Some(next) = &grant.refresh_token {
            *refresh_token = next.clone();
        }
        Ok(grant)
    }
}

#[async_trait]
impl Exchange for SignIn {
    async fn exchange(&self) -> Result<Grant, CredentialsError> {
        self.refresh().await.map_err(|error| failed(&self.origin, error))
    }
}

const GOOGLE: &str = "https://oauth2.googleapis.com/token";
