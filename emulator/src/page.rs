//! Pagination of lists.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::request::Request;

pub(crate) struct Page {
    entries: Vec<Value>,
    next: Option<String>,
}

impl Page {
    /// The page that a request selects from all entries, which must be sorted.
    ///
    /// A page token identifies the last entry of the previous page, so that a job created in between shifts no page.
    pub(crate) fn select(mut entries: Vec<Value>, request: &Request) -> Result<Self, ApiError> {
        let size = match request.parameter("pageSize").map(str::parse::<i64>) {
            None | Some(Ok(0)) => DEFAULT_SIZE,
            Some(Ok(size @ 1..)) => usize::try_from(size).unwrap_or(MAX_SIZE).min(MAX_SIZE),
            Some(_) => {
                return Err(ApiError::invalid_argument(
                    "page_size: must be a number that is not negative.",
                ));
            }
        };
        if let Some(token) = request.parameter("pageToken").filter(|token| !token.is_empty()) {
            let invalid = || ApiError::invalid_argument("page_token: The provided page token is invalid.");
            let last = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
            let is_last = |entry: &Value| page_key(entry).into_bytes() == last;
            let position = entries.iter().position(is_last).ok_or_else(invalid)?;
            entries.drain(..=position);
        }
        let page = Self { entries, next: None };
        Ok(page.limit(size))
    }

    /// Limits the page to `size` entries; the rest is on the next page.
    pub(crate) fn limit(mut self, size: usize) -> Self {
        if self.entries.len() > size {
            self.entries.truncate(size);
            self.next = self
                .entries
                .last()
                .map(|last| URL_SAFE_NO_PAD.encode(page_key(last)));
        }
        self
    }

    /// Removes members from each entry.
    pub(crate) fn without_members(mut self, members: &[String]) -> Self {
        for entry in self.entries.iter_mut().filter_map(Value::as_object_mut) {
            entry.retain(|name, _| !members.contains(name));
        }
        self
    }

    /// The response's body; an empty list is omitted.
    pub(crate) fn into_json(self, member: &str) -> Value {
        let mut body = Map::new();
        if !self.entries.is_empty() {
            body.insert(member.to_owned(), Value::Array(self.entries));
        }
        if let Some(next) = self.next {
            body.insert("nextPageToken".to_owned(), json!(next));
        }
        Value::Object(body)
    }
}

/// Identifies an entry, even beside a deleted one of the same name.
fn page_key(entry: &Value) -> String {
    let part = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    format!("{} {}", part("name"), part("uid"))
}

/// Guessed: the service's default is not recorded.
const DEFAULT_SIZE: usize = 100;
const MAX_SIZE: usize = 1000;
