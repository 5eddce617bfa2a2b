//! `/_emulator/`: the way for tests to look behind the API.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::api::Emulator;
use crate::problem::Problem;
use crate::request::Request;
use crate::store::Job;

impl Emulator {
    /// Answers a request below `/_emulator/`, which needs no token and is not logged.
    pub(crate) fn control(&self, request: &Request) -> Answer {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/_emulator/requests") => return Answer::ok(self.log().entries()),
            ("DELETE", "/_emulator/requests") => self.log().clear(),
            ("GET", "/_emulator/faults") => return Answer::ok(self.faults().document()),
            ("POST", "/_emulator/faults") => {
                return self
                    .arm(request)
                    .map_or_else(Answer::from, |()| Answer::ok(self.faults().document()));
            }
            ("POST", "/_emulator/chance") => {
                return self
                    .leave_to_chance(request)
                    .map_or_else(Answer::from, |()| Answer::ok(self.faults().document()));
            }
            ("DELETE", "/_emulator/faults") => self.faults().disarm(),
            ("GET", "/_emulator/jobs") => {
                return Answer::ok(self.store().jobs.values().map(Job::document).collect());
            }
            ("POST", "/_emulator/reset") => {
                self.store().reset();
                self.faults().disarm();
                self.usage().forget();
                self.log().clear();
            }
            (method, path) => {
                let message = format!("The emulator has no control {method} {path}.");
                return Problem::new(404, "NOT_FOUND", message).into();
            }
        }
        Answer::ok(json!({}))
    }

    /// Reads `{"fault": "NAME", "times": 1, "jobs": "render-*", "method": "POST"}` and arms the fault.
    fn arm(&self, request: &Request) -> Result<(), Problem> {
        let wish = wish(request)?;
        let name = wish["fault"]
            .as_str()
            .ok_or_else(|| Problem::invalid("\"fault\" is a fault's name."))?;
        let times = match &wish["times"] {
            Value::Null => Some(1),
            times => times.as_u64().and_then(|times| u32::try_from(times).ok()),
        };
        let times = times.ok_or_else(|| Problem::invalid("\"times\" is a whole number, 0 or more."))?;
        let jobs = match &wish["jobs"] {
            Value::Null => None,
            Value::String(pattern) => Some(pattern.clone()),
            _ => {
                return Err(Problem::invalid(
                    "\"jobs\" is a job id in which * stands for anything.",
                ));
            }
        };
        let method = match &wish["method"] {
            Value::Null => None,
            Value::String(method) => Some(method.clone()),
            _ => {
                return Err(Problem::invalid(
                    "\"method\" is an HTTP method, such as \"POST\".",
                ));
            }
        };
        self.faults()
            .arm_for(name, times, jobs, method)
            .map_err(Problem::invalid)
    }

    /// Reads `{"rate": "5%", "seed": 7}` and lets faults happen by chance.
    fn leave_to_chance(&self, request: &Request) -> Result<(), Problem> {
        let wish = wish(request)?;
        let rate = wish["rate"].as_str().and_then(|rate| rate.parse().ok());
        let rate = rate.ok_or_else(|| Problem::invalid("\"rate\" is written from 0% to 100%."))?;
        let seed = match &wish["seed"] {
            Value::Null => Some(0),
            seed => seed.as_u64(),
        };
        let seed = seed.ok_or_else(|| Problem::invalid("\"seed\" is a whole number, 0 or more."))?;
        self.faults().leave_to_chance(rate, seed);
        Ok(())
    }
}

fn wish(request: &Request) -> Result<Value, Problem> {
    serde_json::from_slice(&request.body)
        .map_err(|error| Problem::invalid(format!("The body is not JSON: {error}.")))
}
