//! `/_emulator/`: the way for tests to look behind the API.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::api::Emulator;
use crate::error::Problem;
use crate::request::Request;
use crate::response::Answer;
use crate::store::Job;

impl Emulator {
    /// Answers a request below `/_emulator/`, which needs no token and is not logged.
    pub(crate) fn control(&self, request: &Request) -> Result<Answer, Problem> {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/_emulator/requests") => return Ok(Answer::ok(self.log().entries())),
            ("DELETE", "/_emulator/requests") => self.log().clear(),
            ("GET", "/_emulator/faults") => return Ok(Answer::ok(self.faults().document())),
            ("POST", "/_emulator/faults") => {
                self.faults().arm(read(request)?).map_err(Problem::invalid)?;
                return Ok(Answer::ok(self.faults().document()));
            }
            ("POST", "/_emulator/chance") => {
                let chance: Chance = read(request)?;
                let rate = chance
                    .rate
                    .parse()
                    .map_err(|reason: String| Problem::invalid(reason))?;
                self.faults().leave_to_chance(rate, chance.seed);
                return Ok(Answer::ok(self.faults().document()));
            }
            ("DELETE", "/_emulator/faults") => self.faults().disarm(),
            ("GET", "/_emulator/jobs") => {
                return Ok(Answer::ok(
                    self.store().jobs.values().map(Job::document).collect(),
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
                return Err(Problem::new(404, "NOT_FOUND", message));
            }
        }
        Ok(Answer::ok(json!({})))
    }
}

#[derive(Deserialize)]
struct Chance {
    rate: String,
    #[serde(default)]
    seed: u64,
}

fn read<T: DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    serde_json::from_slice(&request.body).map_err(|error| Problem::invalid(error.to_string()))
}
