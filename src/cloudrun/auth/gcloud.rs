//! Tokens of whoever is signed in with the gcloud program.

use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;

use super::exchange::{Cached, Exchange, Grant, USUAL_LIFETIME};
use super::program::run;
use super::{CredentialsError, TokenSource};
use crate::cloudrun::Secret;

struct GCloud;

/// Runs gcloud once.
pub(super) async fn open() -> Result<Arc<dyn TokenSource>, CredentialsError> {
    let gcloud = Cached::new(GCloud, None);
    gcloud.token().await?;
    Ok(Arc::new(gcloud))
}

#[async_trait]
impl Exchange for GCloud {
    async fn exchange(&self) -> Result<Grant, CredentialsError> {
        let mut command = Command::new(if cfg!(windows) { "gcloud.cmd" } else { "gcloud" });
        command.args(["auth", "print-access-token", "--quiet"]);
        let printed = run(command, LIMIT).await.and_then(|output| output.ok());
        let printed =
            printed.map_err(|error| CredentialsError::new(format!("the program gcloud {error}")))?;
        match printed.reveal().trim() {
            token if token.is_empty() || token.contains(char::is_whitespace) => Err(CredentialsError::new(
                "the program gcloud printed something else than an access token",
            )),
            token => Ok(Grant {
                token: Secret::new(token),
                // It does not say how much of it is over. One that is refused is asked for again.
                lifetime: USUAL_LIFETIME,
                refresh_token: None,
            }),
        }
    }
}

/// It is slow, and may have to ask Google.
const LIMIT: Duration = Duration::from_secs(50);
