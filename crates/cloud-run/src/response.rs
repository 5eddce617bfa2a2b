//! What comes back for a request: a job, an operation, a refusal, or something that is not Google's.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::time::Duration;

use crate::decode_error::{MEMBER, unexpected_type};
use crate::error::Error;
use crate::model::Job;
use crate::text::cut;

/// An answer of 2xx, not read yet.
#[derive(Clone, Debug)]
pub struct Response {
    http: u16,
    body: Vec<u8>,
}

/// An answer that can be told from some other JSON, such as what a proxy says.
pub trait ApiMessage: DeserializeOwned {
    /// The members of which it has one at least, whatever they hold.
    const KEY_MEMBERS: &[&str] = &["name"];

    /// Whether it says what it is about, as every answer of Google's does.
    fn is_recognized(&self) -> bool;
}

impl Response {
    /// Takes what an HTTP request brought.
    ///
    /// # Errors
    /// When it is a refusal.
    pub fn new(http: u16, body: Vec<u8>, retry_after: Option<Duration>) -> Result<Response, Error> {
        if (200..300).contains(&http) {
            Ok(Response { http, body })
        } else {
            Err(Error::refused(http, &body, retry_after))
        }
    }

    /// That the answer is none of Google's.
    fn unexpected_response(&self) -> Error {
        Error::unexpected_response(self.http, &self.body)
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// When it is not one of Google's, or a member of it is of another type than documented.
    pub fn read<T: ApiMessage>(&self) -> Result<T, Error> {
        // An array would be read as the members of a type in their order.
        if !self.body.trim_ascii_start().starts_with(b"{") {
            return Err(self.unexpected_response());
        }
        match serde_json::from_slice(&self.body) {
            Ok(answer) if T::is_recognized(&answer) => Ok(answer),
            Ok(_) => Err(self.unexpected_response()),
            Err(_) => Err(self
                .unreadable::<T>()
                .unwrap_or_else(|| self.unexpected_response())),
        }
    }

    /// Which member is in the way, where the answer is one of Google's but for that.
    fn unreadable<T: ApiMessage>(&self) -> Option<Error> {
        let document: Json = serde_json::from_slice(&self.body).ok()?;
        T::KEY_MEMBERS.iter().find_map(|member| document.get(member))?;
        let fault = serde_path_to_error::deserialize::<_, T>(document).err()?;
        let (path, reason) = (fault.path(), fault.inner().to_string());
        // A job says itself where in it the member is.
        let reason = match reason.strip_prefix(MEMBER) {
            Some(_) if path.iter().next().is_none() => reason,
            Some(inside) => format!("{MEMBER}{path}.{inside}"),
            None => unexpected_type(path, reason),
        };
        Some(Error::Undecodable(cut(&reason, MAX_REASON).into_owned()))
    }
}

/// The most bytes of a reason: it may quote what the member holds.
const MAX_REASON: usize = 400;

impl ApiMessage for Job {
    fn is_recognized(&self) -> bool {
        self.name.as_ref().is_some_and(|name| !name.is_empty())
    }
}
