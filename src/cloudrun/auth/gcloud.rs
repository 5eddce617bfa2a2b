//! Tokens of whoever is signed in with the gcloud program, by way of gcp_auth.

use async_trait::async_trait;
use gcp_auth::{GCloudAuthorizedUser, TokenProvider as _};
use std::sync::Arc;

use super::{CredentialsError, TokenSource};
use crate::cloudrun::Secret;

/// gcp_auth keeps each token as long as gcloud does.
struct GCloud(Arc<GCloudAuthorizedUser>);

/// Runs gcloud once.
pub(super) async fn open() -> Result<Arc<dyn TokenSource>, CredentialsError> {
    let user = aside(GCloudAuthorizedUser::new()).await?;
    Ok(Arc::new(GCloud(Arc::new(user))))
}

#[async_trait]
impl TokenSource for GCloud {
    async fn token(&self) -> Result<Secret, CredentialsError> {
        let user = self.0.clone();
        let token = aside(async move { user.token(&[]).await }).await?;
        Ok(Secret::new(token.as_str()))
    }
}

/// Does the work on a thread of its own: gcp_auth waits for the program without leaving its thread to others.
async fn aside<T: Send + 'static>(
    work: impl Future<Output = Result<T, gcp_auth::Error>> + Send + 'static,
) -> Result<T, CredentialsError> {
    let told = |error: &dyn std::error::Error| CredentialsError::new(format!("gcloud: {error}"));
    let runtime = tokio::runtime::Handle::current();
    match tokio::task::spawn_blocking(move || runtime.block_on(work)).await {
        Ok(done) => done.map_err(|error| told(&error)),
        Err(error) => Err(told(&error)),
    }
}
