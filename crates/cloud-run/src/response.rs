//! Responses: a job, an operation or a page; an error of the API; or something that is not from the API.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::time::Duration;

use crate::decode_error::{MEMBER, unexpected_type};
use crate::error::Error;
use crate::model::Job;
use crate::text::truncate;

/// A 2xx response, not decoded yet.
#[derive(Clone, Debug)]
pub struct Response {
    http: u16,
    body: Vec<u8>,
}

/// A message of the API that can be distinguished from other JSON, such as that of a proxy.
pub trait ApiMessage: DeserializeOwned {
    /// It has at least one of these members, of whatever type.
    const KEY_MEMBERS: &[&str] = &["name"];

    /// Whether a decoded message is one of the API.
    fn is_recognized(&self) -> bool;
}

impl Response {
    /// A response by its status, body and `Retry-After`.
    ///
    /// # Errors
    /// The API's error, unless the status is 2xx.
    pub fn new(http: u16, body: Vec<u8>, retry_after: Option<Duration>) -> Result<Response, Error> {
        if (200..300).contains(&http) {
            Ok(Response { http, body })
        } else {
            Err(Error::refused(http, &body, retry_after))
        }
    }

    fn unexpected_response(&self) -> Error {
        Error::unexpected_response(self.http, &self.body)
    }

    /// Decodes the message.
    ///
    /// # Errors
    /// If it is not one of the API, or a member has another type than documented.
    pub fn read<T: ApiMessage>(&self) -> Result<T, Error> {
        // An array would be decoded as the members of a struct, in order.
        if !self.body.trim_ascii_start().starts_with(b"{") {
            return Err(self.unexpected_response());
        }
        match serde_json::from_slice(&self.body) {
            Ok(message) if T::is_recognized(&message) => Ok(message),
            Ok(_) => Err(self.unexpected_response()),
            Err(_) => Err(self
                .undecodable::<T>()
                .unwrap_or_else(|| self.unexpected_response())),
        }
    }

    /// The error that names the member, if the message is one of the API apart from that.
    fn undecodable<T: ApiMessage>(&self) -> Option<Error> {
        let document: Json = serde_json::from_slice(&self.body).ok()?;
        T::KEY_MEMBERS.iter().find_map(|member| document.get(member))?;
        let fault = serde_path_to_error::deserialize::<_, T>(document).err()?;
        let (path, reason) = (fault.path(), fault.inner().to_string());
        // The error of a job has the path already.
        let reason = match reason.strip_prefix(MEMBER) {
            Some(_) if path.iter().next().is_none() => reason,
            Some(inside) => format!("{MEMBER}{path}.{inside}"),
            None => unexpected_type(path, reason),
        };
        Some(Error::Undecodable(truncate(&reason, MAX_REASON).into_owned()))
    }
}

/// The maximum length in bytes: a reason may quote the value.
const MAX_REASON: usize = 400;

impl ApiMessage for Job {
    fn is_recognized(&self) -> bool {
        self.name.as_ref().is_some_and(|name| !name.is_empty())
    }
}
