//! The metadata server of Compute Engine, GKE and Cloud Run:
//! <https://cloud.google.com/compute/docs/metadata/overview>.

use async_trait::async_trait;
use reqwest::{Method, Url};
use std::sync::Arc;

use super::exchange::{Cached, Exchange, Grant, send, unanswered};
use super::google::SCOPE;
use super::{CredentialsError, TokenSource, failed};
use crate::cloudrun::transport::Transport;

struct MetadataServer {
    url: Url,
    transport: Arc<Transport>,
}

/// The machine's own, or the one that `GCE_METADATA_HOST` names.
pub(super) fn open(transport: &Arc<Transport>) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    let host = std::env::var(HOST_VARIABLE).ok().filter(|host| !host.is_empty());
    let host = host.as_deref().unwrap_or(HOST);
    let url = Url::parse_with_params(&format!("http://{host}{TOKEN}"), [("scopes", SCOPE)])
        .map_err(|_| CredentialsError::new(format!("{HOST_VARIABLE} must be a host, got {host:?}")))?;
    let server = MetadataServer {
        url,
        transport: transport.clone(),
    };
    Ok(Arc::new(Cached::new(server, None)))
}

impl MetadataServer {
    async fn ask(&self) -> Result<Grant, CredentialsError> {
        let request = self.transport.exchange(Method::GET, self.url.clone());
        let request = request.map_err(|error| unanswered(&error))?;
        Grant::read(&send(request.header("Metadata-Flavor", "Google")).await?)
    }
}

#[async_trait]
impl Exchange for MetadataServer {
    async fn exchange(&self) -> Result<Grant, CredentialsError> {
        self.ask()
            .await
            .map_err(|error| failed("the metadata server", error))
    }
}

const HOST_VARIABLE: &str = "GCE_METADATA_HOST";
const HOST: &str = "metadata.google.internal";
const TOKEN: &str = "/computeMetadata/v1/instance/service-accounts/default/token";
