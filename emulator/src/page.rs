//! Lists in pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::request::Request;

/// One page of a list.
pub(crate) struct Page {
    entries: Vec<Value>,
    next: Option<String>,
}

impl Page {
    /// Cuts the page that a request asks for out of all entries, which have their final order.
    ///
    /// A token names the last entry told, so that what is added or removed meanwhile shifts nothing.
    pub(crate) fn of(mut entries: Vec<Value>, request: &Request) -> Result<Self, ApiError> {
        let size = match request.parameter("pageSize").map(str::parse::<i64>) {
            None | Some(Ok(0)) => DEFAULT_SIZE,
            Some(Ok(size @ 1..)) => usize::try_from(size).unwrap_or(LARGEST_SIZE).min(LARGEST_SIZE),
            Some(_) => {
                return Err(ApiError::invalid_argument(
                    "page_size: must be a number that is not negative.",
                ));
            }
        };
        if let Some(token) = request.parameter("pageToken").filter(|token| !token.is_empty()) {
            let refused = || ApiError::invalid_argument("page_token: The provided page token is invalid.");
            let last = URL_SAFE_NO_PAD.decode(token).map_err(|_| refused())?;
            let mark = |entry: &Value| mark(entry).into_bytes() == last;
            let at = entries.iter().position(mark).ok_or_else(refused)?;
            entries.drain(..=at);
        }
        let page = Self { entries, next: None };
        Ok(page.of_at_most(size))
    }

    /// The beginning of the page; what is cut off is on the next one.
    pub(crate) fn of_at_most(mut self, size: usize) -> Self {
        if self.entries.len() > size {
            self.entries.truncate(size);
            self.next = self.entries.last().map(|last| URL_SAFE_NO_PAD.encode(mark(last)));
        }
        self
    }

    /// The page without some members of each entry.
    pub(crate) fn without(mut self, members: &[String]) -> Self {
        for entry in self.entries.iter_mut().filter_map(Value::as_object_mut) {
            entry.retain(|name, _| !members.contains(name));
        }
        self
    }

    /// The answer's document; an empty list is left out, like every default.
    pub(crate) fn into_json(self, member: &str) -> Value {
        let mut document = Map::new();
        if !self.entries.is_empty() {
            document.insert(member.to_owned(), Value::Array(self.entries));
        }
        if let Some(next) = self.next {
            document.insert("nextPageToken".to_owned(), json!(next));
        }
        Value::Object(document)
    }
}

/// What tells an entry from all others, even from a deleted one of the same name.
fn mark(entry: &Value) -> String {
    let part = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    format!("{} {}", part("name"), part("uid"))
}

/// The service's own default is not recorded.
const DEFAULT_SIZE: usize = 100;
const LARGEST_SIZE: usize = 1000;
