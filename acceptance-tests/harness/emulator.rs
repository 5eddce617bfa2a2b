//! The emulator as a child process on a free port.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{PROJECT, REGION, TOKEN, binaries};

/// A running emulator. Dropping it kills the process.
pub(crate) struct Emulator {
    process: Child,
    address: String,
    agent: ureq::Agent,
}

/// One line of the emulator's request log.
#[derive(Clone, Debug)]
pub(crate) struct Request(pub(crate) Value);

impl Request {
    /// The method and the path without `/v2/projects/P/locations/L`, such as `GET /jobs/render`.
    pub(crate) fn line(&self) -> String {
        let path = self.path();
        let short = path
            .split_once("/locations/")
            .and_then(|(_, rest)| rest.split_once('/'))
            .map(|(_, rest)| rest);
        format!(
            "{} {}",
            self.method(),
            short.map_or_else(|| path.to_owned(), |short| format!("/{short}"))
        )
    }

    pub(crate) fn method(&self) -> &str {
        self.0["method"].as_str().unwrap_or_default()
    }

    pub(crate) fn path(&self) -> &str {
        self.0["path"].as_str().unwrap_or_default()
    }

    pub(crate) fn body(&self) -> &Value {
        &self.0["body"]
    }

    pub(crate) fn is_write(&self) -> bool {
        matches!(self.method(), "POST" | "PATCH" | "DELETE") && !self.path().ends_with(":wait")
    }
}

impl Emulator {
    /// An emulator whose operations take a short time.
    pub(crate) fn start() -> Self {
        Self::with_flags(&["--operation-time", "50ms", "--execution-time", "200ms"])
    }

    pub(crate) fn with_flags(flags: &[&str]) -> Self {
        Self::spawn(flags).unwrap_or_else(|reason| panic!("{reason}"))
    }

    /// As [`with_flags`](Self::with_flags), but returns the error.
    pub(crate) fn spawn(flags: &[&str]) -> Result<Self, String> {
        let mut command = Command::new(binaries::emulator()?);
        command
            .args(["--port", "0"])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        // Its own process group, so that Ctrl-C does not reach it.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command
            .spawn()
            .map_err(|error| format!("cannot start the emulator: {error}"))?;
        let mut line = String::new();
        let stdout = process.stdout.take().expect("stdout is a pipe");
        BufReader::new(stdout)
            .read_line(&mut line)
            .map_err(|error| format!("the emulator printed nothing: {error}"))?;
        let Some(address) = line
            .trim()
            .strip_prefix("cloudrun-emulator listening on ")
            .map(str::to_owned)
        else {
            let _ = process.kill();
            let _ = process.wait();
            return Err(format!("the emulator printed {line:?} and no address"));
        };
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .new_agent();
        Ok(Self {
            process,
            address,
            agent,
        })
    }

    /// Such as `http://127.0.0.1:41234`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The value for `cloud_run_endpoint`.
    pub(crate) fn endpoint(&self) -> String {
        format!("{}/v2/", self.address)
    }

    /// All requests since the start or the last [`clear_requests`](Self::clear_requests), oldest first.
    pub(crate) fn requests(&self) -> Vec<Request> {
        let (_, requests) = self.api("GET", "/_emulator/requests", None);
        requests
            .as_array()
            .expect("the request log is an array")
            .iter()
            .cloned()
            .map(Request)
            .collect()
    }

    /// The requests as `METHOD /path`.
    pub(crate) fn request_lines(&self) -> Vec<String> {
        self.requests().iter().map(Request::line).collect()
    }

    /// The requests that change something, as `METHOD /path`.
    pub(crate) fn writes(&self) -> Vec<String> {
        let requests = self.requests();
        let writes = requests.iter().filter(|request| request.is_write());
        writes.map(Request::line).collect()
    }

    pub(crate) fn clear_requests(&self) {
        self.control("DELETE", "/_emulator/requests", None);
    }

    /// Injects a named fault into the next `times` requests that it applies to.
    pub(crate) fn inject_fault(&self, fault: &str, times: u32) {
        self.control(
            "POST",
            "/_emulator/faults",
            Some(json!({ "fault": fault, "times": times })),
        );
    }

    /// Injects random faults into a share of all requests, such as `5%`, chosen by a seed.
    pub(crate) fn inject_random_faults(&self, rate: &str, seed: u64) {
        self.control(
            "POST",
            "/_emulator/chance",
            Some(json!({ "rate": rate, "seed": seed })),
        );
    }

    /// The same for requests with one HTTP method.
    pub(crate) fn inject_fault_for(&self, method: &str, fault: &str, times: u32) {
        self.control(
            "POST",
            "/_emulator/faults",
            Some(json!({ "fault": fault, "times": times, "method": method })),
        );
    }

    /// Denies a permission for the next `times` requests that require it.
    pub(crate) fn deny(&self, permission: &str, times: u32) {
        self.control(
            "POST",
            "/_emulator/faults",
            Some(json!({ "fault": "permission-denied", "times": times, "permission": permission })),
        );
    }

    /// Adds a script for the next execution; `emulator/README.md` has its members.
    pub(crate) fn script_execution(&self, script: Value) {
        self.control("POST", "/_emulator/outcomes", Some(script));
    }

    /// Advances the clock by a duration such as `5m`.
    pub(crate) fn advance_clock(&self, duration: &str) {
        self.control("POST", "/_emulator/clock", Some(json!({ "advance": duration })));
    }

    /// All executions of all jobs, oldest first.
    pub(crate) fn executions(&self) -> Vec<Value> {
        let (_, executions) = self.api("GET", "/_emulator/executions", None);
        executions
            .as_array()
            .expect("the executions are an array")
            .clone()
    }

    /// The names of all faults.
    pub(crate) fn fault_names(&self) -> Vec<String> {
        let (_, faults) = self.api("GET", "/_emulator/faults", None);
        let catalog = faults["catalogue"].as_array().expect("the catalog is an array");
        catalog
            .iter()
            .filter_map(|fault| fault["name"].as_str().map(str::to_owned))
            .collect()
    }

    pub(crate) fn clear_faults(&self) {
        self.control("DELETE", "/_emulator/faults", None);
    }

    /// All jobs of all projects.
    pub(crate) fn jobs(&self) -> Vec<Value> {
        let (_, jobs) = self.api("GET", "/_emulator/jobs", None);
        jobs.as_array().expect("the jobs are an array").clone()
    }

    /// All jobs including deleted ones, as the Admin API lists them.
    pub(crate) fn jobs_including_deleted(&self) -> Vec<Value> {
        let (mut jobs, mut page) = (Vec::new(), String::new());
        loop {
            let path =
                format!("/v2/projects/{PROJECT}/locations/{REGION}/jobs?showDeleted=true&pageToken={page}");
            let (status, response) = self.api("GET", &path, None);
            assert_eq!(status, 200, "{response}");
            jobs.extend(response["jobs"].as_array().into_iter().flatten().cloned());
            match response["nextPageToken"].as_str() {
                Some(next) if !next.is_empty() => page = next.to_owned(),
                _ => return jobs,
            }
        }
    }

    /// The job as the Admin API returns it, if it exists.
    pub(crate) fn job(&self, id: &str) -> Option<Value> {
        let (status, job) = self.api("GET", &job_path(id), None);
        (status == 200).then_some(job)
    }

    /// Changes a job outside of Terraform.
    pub(crate) fn edit_job(&self, id: &str, edit: impl FnOnce(&mut Value)) {
        let mut job = self.job(id).unwrap_or_else(|| panic!("job {id} does not exist"));
        edit(&mut job);
        job.as_object_mut().expect("a job is an object").remove("etag");
        let (status, response) = self.api("PATCH", &job_path(id), Some(&job));
        assert_eq!(status, 200, "the update failed: {response}");
        self.wait_for_operation(&response);
    }

    /// Creates a job outside of Terraform.
    pub(crate) fn create_job(&self, id: &str, job: &Value) {
        self.create_job_in(REGION, id, job);
    }

    /// The same in another region.
    pub(crate) fn create_job_in(&self, region: &str, id: &str, job: &Value) {
        let path = format!("/v2/projects/{PROJECT}/locations/{region}/jobs?jobId={id}");
        let (status, response) = self.api("POST", &path, Some(job));
        assert_eq!(status, 200, "the create failed: {response}");
        self.wait_for_operation(&response);
    }

    /// Deletes a job outside of Terraform.
    pub(crate) fn delete_job(&self, id: &str) {
        let (status, response) = self.api("DELETE", &job_path(id), None);
        assert_eq!(status, 200, "the delete failed: {response}");
        self.wait_for_operation(&response);
    }

    /// Sends a request to the Admin API, with a token, or to the emulator's control API.
    pub(crate) fn api(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address));
        if !path.starts_with("/_emulator/") {
            request = request.header("authorization", format!("Bearer {TOKEN}"));
        }
        let response = match body {
            Some(body) => {
                let request = request
                    .header("content-type", "application/json")
                    .body(body.to_string());
                self.agent.run(request.expect("a well-formed request"))
            }
            None => self.agent.run(request.body(()).expect("a well-formed request")),
        };
        let mut response = response.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let text = response.body_mut().read_to_string().expect("a response in UTF-8");
        let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (response.status().as_u16(), value)
    }

    /// Waits until an operation is done.
    pub(crate) fn wait_for_operation(&self, operation: &Value) {
        let name = operation["name"].as_str().expect("an operation has a name");
        let start = Instant::now();
        while start.elapsed() < WAIT_TIMEOUT {
            let (_, now) = self.api("GET", &format!("/v2/{name}"), None);
            if now["done"] == true {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the operation {name} did not end");
    }

    fn control(&self, method: &str, path: &str, body: Option<Value>) {
        let (status, response) = self.api(method, path, body.as_ref());
        assert!(
            (200..300).contains(&status),
            "{method} {path}: {status} {response}"
        );
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn job_path(id: &str) -> String {
    format!("/v2/projects/{PROJECT}/locations/{REGION}/jobs/{id}")
}

/// Timeout of [`Emulator::wait_for_operation`].
const WAIT_TIMEOUT: Duration = Duration::from_secs(20);
