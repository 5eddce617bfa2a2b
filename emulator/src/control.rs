//! The control endpoint `/_emulator/`, with which tests inspect and configure the emulator.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::clock::{format_timestamp, parse_duration};
use crate::emulator::Emulator;
use crate::error::ApiError;
use crate::request::Request;
use crate::response::Response;
use crate::store::{ExecutionScript, Job};

impl Emulator {
    /// Handles a request below `/_emulator/`, which needs no token and is not logged.
    pub(crate) fn control(&self, request: &Request) -> Result<Response, ApiError> {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/_emulator/requests") => return Ok(Response::ok(self.log().entries())),
            ("DELETE", "/_emulator/requests") => self.log().clear(),
            ("GET", "/_emulator/faults") => return Ok(Response::ok(self.faults().to_json())),
            ("POST", "/_emulator/faults") => {
                self.faults()
                    .arm(parse(request)?)
                    .map_err(ApiError::invalid_argument)?;
                return Ok(Response::ok(self.faults().to_json()));
            }
            ("POST", "/_emulator/chance") => {
                let settings: RandomFaultSettings = parse(request)?;
                let rate = settings
                    .rate
                    .parse()
                    .map_err(|message: String| ApiError::invalid_argument(message))?;
                self.faults().set_random(rate, settings.seed);
                return Ok(Response::ok(self.faults().to_json()));
            }
            ("DELETE", "/_emulator/faults") => self.faults().clear(),
            ("GET", "/_emulator/jobs") => {
                return Ok(Response::ok(
                    self.store().jobs.values().map(Job::to_json).collect(),
                ));
            }
            ("POST", "/_emulator/callers") => {
                let Caller { token, email } = parse(request)?;
                self.callers().insert(token, email);
            }
            ("GET", "/_emulator/executions") => {
                return Ok(Response::ok(self.store().executions_json()));
            }
            ("DELETE", "/_emulator/executions") => {
                let pattern = request.parameter("jobs").unwrap_or("*");
                self.store().remove_ended_executions(pattern);
            }
            ("GET", "/_emulator/outcomes") => return Ok(Response::ok(self.store().scripts.to_json())),
            ("POST", "/_emulator/outcomes") => {
                let script: ExecutionScript = parse(request)?;
                let mut store = self.store();
                store.scripts.push(script);
                return Ok(Response::ok(store.scripts.to_json()));
            }
            ("DELETE", "/_emulator/outcomes") => self.store().scripts.clear(),
            ("GET", "/_emulator/clock") => return Ok(self.clock_response()),
            ("POST", "/_emulator/clock") => {
                let ClockSettings { advance } = parse(request)?;
                self.advance_clock(parse_duration(&advance).map_err(ApiError::invalid_argument)?);
                return Ok(self.clock_response());
            }
            ("POST", "/_emulator/reset") => {
                self.reset_clock();
                self.callers().clear();
                self.store().reset();
                self.faults().clear();
                self.quota_usage().reset();
                self.log().clear();
            }
            (method, path) => {
                let message = format!("The control endpoint does not support {method} {path}.");
                return Err(ApiError::new(404, "NOT_FOUND", message));
            }
        }
        Ok(Response::ok(json!({})))
    }

    fn clock_response(&self) -> Response {
        Response::ok(json!({ "now": format_timestamp(self.now()) }))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Caller {
    token: String,
    email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockSettings {
    advance: String,
}

#[derive(Deserialize)]
struct RandomFaultSettings {
    rate: String,
    #[serde(default)]
    seed: u64,
}

fn parse<T: DeserializeOwned>(request: &Request) -> Result<T, ApiError> {
    serde_json::from_slice(&request.body).map_err(|error| ApiError::invalid_argument(error.to_string()))
}
