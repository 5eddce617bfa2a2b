//! `/_emulator/`: the way for tests to look behind the API.

use serde_json::Value;

use crate::answer::Answer;
use crate::api::Emulator;
use crate::problem::Problem;
use crate::request::Request;

impl Emulator {
    /// Answers a request below `/_emulator/`, which needs no token and is not logged.
    pub(crate) fn control(&self, request: &Request) -> Answer {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/_emulator/requests") => Answer::ok(self.log().entries()),
            ("DELETE", "/_emulator/requests") => {
                self.log().clear();
                Answer::ok(Value::Object(serde_json::Map::new()))
            }
            ("GET", "/_emulator/jobs") => Answer::ok(
                self.store()
                    .jobs
                    .values()
                    .map(crate::store::Job::document)
                    .collect(),
            ),
            (method, path) => Problem::new(
                404,
                "NOT_FOUND",
                format!("The emulator has no control {method} {path}."),
            )
            .into(),
        }
    }
}
