//! How to reach the API.

use std::time::Duration;

use crate::endpoint::Endpoint;
use crate::redaction::Redaction;
use crate::retry::MIN_BACKOFF;

/// How to reach the API.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The root of the API.
    pub endpoint: Endpoint,
    /// How the application keeps secrets out of logs and messages.
    pub redaction: Redaction,
    /// The `User-Agent`.
    pub user_agent: String,
    /// The key of the annotation with the ID of the call that created a job, such as `example.com/creation-id`.
    pub creation_annotation: String,
    /// The timeout of one request.
    pub request_timeout: Duration,
    /// The shortest pause before a request is sent again.
    pub min_backoff: Duration,
    /// The project whose quota is used for requests.
    pub quota_project: QuotaProject,
}

/// Google's endpoint, no redaction, and two minutes for a request.
impl Default for Settings {
    fn default() -> Settings {
        Settings {
            endpoint: Endpoint::default(),
            redaction: Redaction::default(),
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
            creation_annotation: "cloud-run/creation-id".to_owned(),
            request_timeout: Duration::from_secs(120),
            min_backoff: MIN_BACKOFF,
            quota_project: QuotaProject::default(),
        }
    }
}

/// The project whose quota is used for requests: <https://cloud.google.com/docs/quotas/set-quota-project>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum QuotaProject {
    /// The one that the credentials name, otherwise Google's choice.
    #[default]
    FromCredentials,
    /// The project of the job.
    FromJob,
    /// This project.
    Named(String),
}
