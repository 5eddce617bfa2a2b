//! How to reach the API, and on whose account.

use std::time::Duration;

use super::{Credentials, Endpoint};
use crate::redact::Redactor;

/// How to reach the API.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it is.
    pub endpoint: Endpoint,
    /// Who is asking.
    pub credentials: Credentials,
    /// Gets to know every secret that is read or granted.
    pub redactor: Redactor,
    /// The `User-Agent`.
    pub user_agent: String,
    /// How long one request may take.
    pub request_timeout: Duration,
    /// The shortest pause before a request is sent again.
    pub shortest_pause: Duration,
    /// The project whose quota pays for the requests.
    pub quota_project: QuotaProject,
}

/// Whose quota pays for requests: <https://cloud.google.com/docs/quotas/set-quota-project>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum QuotaProject {
    /// Google decides, or the credentials name one.
    #[default]
    OfTheCredentials,
    /// That of the job which the request is about.
    OfTheJob,
    /// This one.
    Named(String),
}
