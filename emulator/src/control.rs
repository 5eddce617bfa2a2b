//! `/_emulator/`: the way for tests to look behind the API.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::api::Emulator;
use crate::error::ApiError;
use crate::request::Request;
use crate::response::Response;
use crate::store::Job;

impl Emulator {
    /// Answers a request below `/_emulator/`, which needs no token and is not logged.
    pub(crate) fn control(&self, request: &Request) -> Result<Response, ApiError> {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/_emulator/requests") => return Ok(Response::ok(self.log().entries())),
            ("DELETE", "/_emulator/requests") => self.log().clear(),
            ("GET", "/_emulator/faults") => return Ok(Response::ok(self.faults().to_json())),
            ("POST", "/_emulator/faults") => {
                self.faults()
                    .arm(read(request)?)
                    .map_err(ApiError::invalid_argument)?;
                return Ok(Response::ok(self.faults().to_json()));
            }
            ("POST", "/_emulator/chance") => {
                let chance: Chance = read(request)?;
                let rate = chance
                    .rate
                    .parse()
                    .map_err(|reason: String| ApiError::invalid_argument(reason))?;
                self.faults().leave_to_chance(rate, chance.seed);
                return Ok(Response::ok(self.faults().to_json()));
            }
            ("DELETE", "/_emulator/faults") => self.faults().disarm(),
            ("GET", "/_emulator/jobs") => {
                return Ok(Response::ok(
                    self.store().jobs.values().map(Job::to_json).collect(),
                ));
            }
            ("POST", "/_emulator/reset") => {
                self.store().reset();
                self.faults().disarm();
                self.usage().forget();
                self.log().clear();
            }
            (method, path) => {
                let message = format!("The emulator has no control {method} {path}.");
                return Err(ApiError::new(404, "NOT_FOUND", message));
            }
        }
        Ok(Response::ok(json!({})))
    }
}

#[derive(Deserialize)]
struct Chance {
    rate: String,
    #[serde(default)]
    seed: u64,
}

fn read<T: DeserializeOwned>(request: &Request) -> Result<T, ApiError> {
    serde_json::from_slice(&request.body).map_err(|error| ApiError::invalid_argument(error.to_string()))
}
