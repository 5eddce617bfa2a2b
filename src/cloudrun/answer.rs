//! What comes back for a request: a job, an operation, a refusal, or something that is not Google's.

use serde::de::DeserializeOwned;
use std::time::Duration;

use super::model::Job;
use super::{Error, Operation};

/// An answer of 2xx, not read yet.
#[derive(Clone, Debug)]
pub struct Reply {
    http: u16,
    body: Vec<u8>,
}

/// An answer that can be told from some other JSON, such as what a proxy says.
pub trait Answer: DeserializeOwned {
    /// Whether it says what it is about, as every answer of Google's does.
    fn has_name(&self) -> bool;
}

impl Reply {
    /// Takes what an HTTP request brought.
    ///
    /// # Errors
    /// When it is a refusal.
    pub fn new(http: u16, body: Vec<u8>, retry_after: Option<Duration>) -> Result<Reply, Error> {
        if (200..300).contains(&http) {
            Ok(Reply { http, body })
        } else {
            Err(Error::refused(http, &body, retry_after))
        }
    }

    /// The answer as it came.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// That the answer is none of Google's.
    pub(super) fn garbled(&self) -> Error {
        Error::garbled(self.http, &self.body)
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// When it is not one of Google's.
    pub fn read<T: Answer>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body)
            .ok()
            .filter(T::has_name)
            .ok_or_else(|| self.garbled())
    }
}

impl Answer for Job {
    fn has_name(&self) -> bool {
        self.name.as_ref().is_some_and(|name| !name.is_empty())
    }
}

impl Answer for Operation {
    fn has_name(&self) -> bool {
        !self.name.is_empty()
    }
}
