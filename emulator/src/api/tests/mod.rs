//! API methods over hours and days, in simulated time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may end with a panic"
)]

mod executions;
mod operations;
mod state_file;

use std::path::PathBuf;
use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::config::Config;
use crate::emulator::Emulator;
use crate::fault::FaultSpec;
use crate::request::Request;
use crate::request_log::RequestLog;
use crate::response::Body;

/// An emulator whose operations take an hour and whose executions take ten, so that only the test advances them.
struct TestEmulator(Emulator);

const JOBS: &str = "/v2/projects/p/locations/us-central1/jobs";

impl TestEmulator {
    fn new() -> Self {
        Self::start(None).unwrap()
    }

    fn start(state: Option<PathBuf>) -> Result<Self, String> {
        let config = Config {
            operation_time: Duration::from_secs(3_600),
            execution_time: Duration::from_secs(36_000),
            state,
            ..Config::default()
        };
        Emulator::new(config, RequestLog::new(None)).map(Self)
    }

    /// An emulator with a job `render` that is ready.
    fn with_job(task: Value) -> Self {
        let emulator = Self::new();
        let job = json!({ "template": { "taskCount": 3, "template": task } });
        emulator.send_ok("POST", &format!("{JOBS}?jobId=render"), &job);
        emulator.advance_hours(2);
        emulator
    }

    /// Advances the clock.
    fn advance_hours(&self, hours: u64) {
        self.0.advance_clock(Duration::from_secs(hours * 3_600));
    }

    /// Applies the next event only.
    fn advance_to_next_event(&self) {
        let mut store = self.0.store();
        let time = store.next_event_time().expect("an event");
        store.advance(time);
    }

    fn call(&self, method: &str, address: &str, body: &Value) -> (u16, Value) {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, "Bearer x".parse().unwrap());
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            headers,
            body: if body.is_null() {
                String::new()
            } else {
                body.to_string()
            }
            .into(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let response = runtime.block_on(self.0.handle(&request));
        let Body::Json(document) = response.body else {
            panic!("{method} {address} returns HTML");
        };
        (response.status, document)
    }

    fn send_ok(&self, method: &str, address: &str, body: &Value) -> Value {
        let (status, document) = self.call(method, address, body);
        assert_eq!(status, 200, "{method} {address}: {document:#}");
        document
    }

    fn get(&self, address: &str) -> Value {
        self.send_ok("GET", address, &Value::Null)
    }

    /// Runs the job; the paths of the execution and of its operation.
    fn run(&self, body: &Value) -> (String, String) {
        let operation = self.send_ok("POST", &format!("{JOBS}/render:run"), body);
        let path = |name: &Value| format!("/v2/{}", name.as_str().unwrap());
        (path(&operation["metadata"]["name"]), path(&operation["name"]))
    }

    fn arm(&self, fault: &str) {
        self.0.faults().arm(FaultSpec::new(fault, 1)).unwrap();
    }

    fn job(&self) -> Value {
        self.get(&format!("{JOBS}/render"))
    }
}

fn minimal_task() -> Value {
    json!({ "containers": [{ "image": "i" }] })
}
