//! The service's own error document.

use serde_json::Value as Json;
use std::fmt;
use std::time::Duration;

use super::detail;

/// Google's refusal: <https://cloud.google.com/apis/design/errors>.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// The HTTP status; none for a failed operation.
    pub http: Option<u16>,
    /// The name of the `google.rpc.Code`, such as `PERMISSION_DENIED`.
    pub status: String,
    /// The message, word for word.
    pub message: String,
    /// The details, whatever they are.
    pub details: Vec<Json>,
    /// How long to wait before asking again, when the answer says so.
    pub retry_after: Option<Duration>,
}

impl Status {
    /// Whether the request asks for more GPUs, CPUs or memory than the project may have. Unlike a limit of
    /// requests per minute, this one stays until somebody raises it.
    /// Names: <https://cloud.google.com/run/quotas>.
    pub fn is_resource_quota(&self) -> bool {
        let words = format!("{} {}", self.message, Json::from(self.details.clone()));
        RESOURCE_QUOTAS.iter().any(|name| words.contains(name))
    }
}

impl fmt::Display for Status {
    /// `HTTP 403 PERMISSION_DENIED: message`, then what the details add to it, indented.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(http) = self.http {
            write!(f, "HTTP {http} ")?;
        }
        let status = if self.status.is_empty() {
            "UNKNOWN"
        } else {
            &self.status
        };
        write!(f, "{status}: {}", self.message)?;
        if let Some(pause) = self.retry_after.filter(|pause| !pause.is_zero()) {
            write!(
                f,
                "\n  It asks to wait {} seconds before the next try.",
                pause.as_secs().max(1)
            )?;
        }
        let lines = self.details.iter().flat_map(detail::lines);
        for line in lines.filter(|line| !self.message.contains(line)) {
            write!(f, "\n  {line}")?;
        }
        Ok(())
    }
}

/// Parts of the names and texts of Cloud Run's quotas of resources.
const RESOURCE_QUOTAS: [&str; 3] = [
    "AllocPerProjectRegion",
    "AllocNoZonalRedundancyPerProjectRegion",
    "total allowable count of GPUs",
];
