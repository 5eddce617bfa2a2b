//! Tokens of whoever is signed in with the gcloud program, by way of gcp_auth.

use async_trait::async_trait;
use gcp_auth::{GCloudAuthorizedUser, TokenProvider as _};
use std::sync::Arc;

use super::{CredentialsError, TokenSource};
use crate::cloudrun::Secret;

/// gcp_auth keeps each token as long as gcloud does.
struct GCloud(GCloudAuthorizedUser);

/// Runs gcloud once.
pub(super) async fn open() -> Result<Arc<dyn TokenSource>, CredentialsError> {
    // It waits for the program without leaving its thread to others.
    let opened = tokio::task::spawn_blocking(|| {
        tokio::runtime::Handle::current().block_on(GCloudAuthorizedUser::new())
    });
    match opened.await {
        Ok(Ok(user)) => Ok(Arc::new(GCloud(user))),
        Ok(Err(error)) => Err(CredentialsError::new(error.to_string())),
        Err(error) => Err(CredentialsError::new(error.to_string())),
    }
}

#[async_trait]
impl TokenSource for GCloud {
    async fn token(&self) -> Result<Secret, CredentialsError> {
        let token = self.0.token(&[]).await;
        let token = token.map_err(|error| CredentialsError::new(format!("gcloud: {error}")))?;
        Ok(Secret::new(token.as_str()))
    }
}
