//! Details of the API's errors, as lines of text.
//!
//! The kinds: <https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto>. An unknown one
//! is shown as JSON; only the stack traces of `DebugInfo` are left out.

use serde_json::Value as Json;
use std::time::Duration;

/// The lines of one detail.
pub(super) fn lines(detail: &Json) -> Vec<String> {
    let kind = detail["@type"].as_str().and_then(|kind| kind.rsplit('.').next());
    let lines = match kind {
        Some("ErrorInfo") => error_info(detail),
        Some("BadRequest") => each(&detail["fieldViolations"], |violation| {
            let description = violation["description"].as_str()?;
            Some(match violation["field"].as_str() {
                Some(field) => format!("{field}: {description}"),
                None => description.to_owned(),
            })
        }),
        Some("QuotaFailure") => each(&detail["violations"], |violation| {
            Some(format!(
                "{}: {}",
                violation["subject"].as_str()?,
                violation["description"].as_str()?
            ))
        }),
        Some("PreconditionFailure") => each(&detail["violations"], |violation| {
            let subject = violation["subject"].as_str().unwrap_or_default();
            Some(format!(
                "{} {subject}: {}",
                violation["type"].as_str()?,
                violation["description"].as_str()?
            ))
        }),
        Some("Help") => each(&detail["links"], |link| {
            Some(format!(
                "{}: {}",
                link["description"].as_str()?,
                link["url"].as_str()?
            ))
        }),
        Some("LocalizedMessage") => detail["message"].as_str().map(|message| vec![message.to_owned()]),
        Some("RequestInfo") => detail["requestId"]
            .as_str()
            .map(|id| vec![format!("request: {id}")]),
        // Shown as `Status::retry_after`.
        Some("RetryInfo") => retry_delay(detail).map(|_| Vec::new()),
        Some("DebugInfo") => detail["detail"].as_str().map(|words| vec![words.to_owned()]),
        _ => None,
    };
    lines.unwrap_or_else(|| vec![detail.to_string()])
}

/// The delay of a `RetryInfo`, such as `"30s"` or `"0.5s"`.
pub(super) fn retry_delay(detail: &Json) -> Option<Duration> {
    let seconds = detail["retryDelay"].as_str()?.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// `reason: SERVICE_DISABLED (googleapis.com)`, then the metadata.
fn error_info(detail: &Json) -> Option<Vec<String>> {
    let reason = detail["reason"].as_str()?;
    let domain = detail["domain"].as_str().map(|domain| format!(" ({domain})"));
    let mut lines = vec![format!("reason: {reason}{}", domain.unwrap_or_default())];
    for (name, value) in detail["metadata"].as_object().into_iter().flatten() {
        lines.push(format!("{name}: {}", value.as_str()?));
    }
    Some(lines)
}

/// A line for each item of a list; `None` if there is none, or one of an unknown form.
fn each(list: &Json, line: impl Fn(&Json) -> Option<String>) -> Option<Vec<String>> {
    let list = list.as_array().filter(|list| !list.is_empty())?;
    list.iter().map(line).collect()
}

#[cfg(test)]
mod tests;
