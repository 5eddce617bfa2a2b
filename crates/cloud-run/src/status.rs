//! The API's error document.

use serde_json::Value as Json;
use std::fmt;
use std::time::Duration;

use crate::error_details;
use crate::text::truncate;

/// The error document, `google.rpc.Status`: <https://cloud.google.com/apis/design/errors>.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// The HTTP status; none for a failed operation.
    pub http: Option<u16>,
    /// The name of the `google.rpc.Code`, such as `PERMISSION_DENIED`.
    pub status: String,
    /// The message, word for word, truncated when it is very long. It may hold control characters.
    pub message: String,
    /// The details, of any type.
    pub details: Vec<Json>,
    /// How long to wait before the next request, if the response specifies it.
    pub retry_after: Option<Duration>,
}

/// A message of the API, bounded.
pub(super) fn bounded_message(text: &str) -> String {
    truncate(text, MAX_MESSAGE).into_owned()
}

impl Status {
    /// Whether a quota of GPUs, CPUs or memory is exceeded. Unlike a limit of requests per minute, it is permanent until the
    /// quota is raised.
    /// Names: <https://cloud.google.com/run/quotas>.
    pub fn is_resource_quota(&self) -> bool {
        let text = format!("{} {}", self.message, Json::from(self.details.clone()));
        RESOURCE_QUOTAS.iter().any(|name| text.contains(name))
    }

    /// Whether a perimeter of VPC Service Controls denied the request. No role changes that.
    /// <https://cloud.google.com/vpc-service-controls/docs/troubleshooting>
    pub fn is_perimeter(&self) -> bool {
        let text = format!("{} {}", self.message, Json::from(self.details.clone())).to_lowercase();
        PERIMETER.iter().any(|part| text.contains(part))
    }

    /// The ID by which an administrator finds the denied request.
    pub fn perimeter_id(&self) -> Option<&str> {
        let is_id = |id: &&str| (1..=MAX_ID).contains(&id.len()) && id.chars().all(is_of_id);
        let in_details = self.details.iter().find_map(|detail| {
            let violations = detail["violations"].as_array().into_iter().flatten();
            let mut ids = violations
                .filter(|violation| violation["type"] == "VPC_SERVICE_CONTROLS")
                .filter_map(|violation| violation["description"].as_str());
            let of_error_info = detail["metadata"]["uid"].as_str().filter(is_id);
            of_error_info.or_else(|| ids.find(is_id))
        });
        let in_message = || {
            let (_, rest) = self.message.split_once("vpcServiceControlsUniqueIdentifier")?;
            rest.split(|c| !is_of_id(c)).find(is_id)
        };
        in_details.or_else(in_message)
    }
}

fn is_of_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

impl fmt::Display for Status {
    /// `403 PERMISSION_DENIED: "message"`, then the details that the message does not have, indented.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(http) = self.http {
            write!(f, "{http} ")?;
        }
        let status = if self.status.is_empty() {
            "UNKNOWN"
        } else {
            &self.status
        };
        if self.message.is_empty() {
            write!(f, "{status} without a message")?;
        } else {
            write!(f, "{status}: \"{}\"", self.message)?;
        }
        if let Some(pause) = self.retry_after.filter(|pause| !pause.is_zero()) {
            write!(f, "\n  Retry after {} seconds.", pause.as_secs().max(1))?;
        }
        let lines = self.details.iter().flat_map(error_details::lines);
        let mut lines = lines.filter(|line| !self.message.contains(line));
        for line in lines.by_ref().take(MAX_LINES) {
            write!(f, "\n  {}", truncate(&line, MAX_LINE))?;
        }
        match lines.count() {
            0 => Ok(()),
            more => write!(f, "\n  … ({more} lines more)"),
        }
    }
}

/// Maximum lengths in bytes, and the maximum number of lines of details.
const MAX_MESSAGE: usize = 4 << 10;
const MAX_LINE: usize = 1 << 10;
const MAX_LINES: usize = 20;
/// IDs of denied requests are shorter.
const MAX_ID: usize = 128;
/// Parts of the errors of a perimeter, in lower case.
const PERIMETER: [&str; 5] = [
    "security_policy_violated",
    "vpcservicecontrolsuniqueidentifier",
    "vpc_service_controls",
    "vpc service controls",
    "request is prohibited by organization's policy",
];

/// Parts of the names and messages of Cloud Run's resource quotas.
const RESOURCE_QUOTAS: [&str; 3] = [
    "AllocPerProjectRegion",
    "AllocNoZonalRedundancyPerProjectRegion",
    "total allowable count of GPUs",
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status(message: &str, details: Json) -> Status {
        Status {
            status: "PERMISSION_DENIED".to_owned(),
            message: message.to_owned(),
            details: details.as_array().cloned().unwrap_or_default(),
            ..Status::default()
        }
    }

    #[test]
    fn perimeter_is_recognized_in_message_and_details() {
        let info = json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SECURITY_POLICY_VIOLATED",
            "domain": "googleapis.com", "metadata": {"service": "run.googleapis.com", "uid": "9OXo-1_x"}
        }]);
        let violation = json!([
            {"@type": "type.googleapis.com/google.rpc.Help"},
            {"@type": "type.googleapis.com/google.rpc.PreconditionFailure", "violations": [
                {"type": "TOS", "description": "no"}, {"type": "VPC_SERVICE_CONTROLS", "description": "9OXo-1_x"}]}
        ]);
        for (message, details, id) in [
            ("No.", info, Some("9OXo-1_x")),
            ("No.", violation, Some("9OXo-1_x")),
            (
                "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: 9OXo-1_x.",
                json!([]),
                Some("9OXo-1_x"),
            ),
            ("Request is prohibited by organization's policy.", json!([]), None),
            (
                "Blocked by VPC Service Controls",
                json!([{"metadata": {"uid": "a b"}}]),
                None,
            ),
        ] {
            let status = status(message, details);
            assert!(status.is_perimeter(), "{status}");
            assert_eq!(status.perimeter_id(), id, "{status}");
        }
        let other = status(
            "Permission 'run.jobs.get' denied",
            json!([{"metadata": {"uid": "u"}}]),
        );
        assert!(!other.is_perimeter());
    }

    #[test]
    fn excess_details_are_counted() {
        let link = json!({"@type": "google.rpc.Help", "links": [{"description": "d".repeat(5000), "url": "\u{1b}]0;"}]});
        let shown = status("m", Json::from(vec![link; 50])).to_string();
        assert!(
            shown.len() < 30_000 && shown.ends_with("… (30 lines more)"),
            "{shown}"
        );
    }
}
