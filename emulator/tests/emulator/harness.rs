//! An emulator per test, and requests to it.

use std::net::SocketAddr;
use std::time::Duration;

use cloudrun_emulator::{Config, Server};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::conformance;

/// A running emulator, stopped when dropped.
pub(crate) struct Emulator {
    address: SocketAddr,
    client: reqwest::Client,
    server: JoinHandle<()>,
}

/// The status and body of a response.
pub(crate) type Response = (u16, Value);

/// A client that does not follow redirects.
pub(crate) fn client() -> reqwest::Client {
    // Fails if it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}

impl Emulator {
    /// An emulator whose operations take 20 ms and whose executions take 60 ms.
    pub(crate) async fn start() -> Self {
        Self::with(config()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(
            Server::new(config)
                .expect("a sound configuration")
                .run(listener, std::future::pending()),
        );
        let client = client();
        Self {
            address,
            client,
            server,
        }
    }

    /// Sends a request with a token; the path is relative to [`PARENT`].
    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        let mut request = self.request(method, &format!("{PARENT}{path}"));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.expect("a response");
        let status = response.status().as_u16();
        let text = response.text().await.expect("a complete response");
        let document = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if status == 200 {
            conformance::check(method, path, &document);
        }
        (status, document)
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request to any path, with a token.
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.client
            .request(method, self.url(path))
            .bearer_auth("some-token")
            .timeout(Duration::from_secs(20))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.send("POST", path, Some(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Response {
        self.send("PATCH", path, Some(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Response {
        self.send("DELETE", path, None).await
    }

    /// Creates a job and waits until it is ready.
    pub(crate) async fn create_job(&self, id: &str) -> Value {
        let (status, operation) = self.post(&format!("/jobs?jobId={id}"), job()).await;
        assert_eq!(status, 200, "{operation}");
        self.wait(&operation).await["response"].clone()
    }

    /// Waits until an operation is done.
    pub(crate) async fn wait(&self, operation: &Value) -> Value {
        let path = relative_name(&operation["name"]);
        let (status, operation) = self
            .post(&format!("{path}:wait"), json!({ "timeout": "20s" }))
            .await;
        assert_eq!((status, &operation["done"]), (200, &json!(true)), "{operation}");
        operation
    }

    /// Sends a request to the control endpoint, without a token.
    pub(crate) async fn control(&self, method: &str, what: &str, body: Option<Value>) -> Response {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self
            .client
            .request(method, self.url(&format!("/_emulator/{what}")));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("a response");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }

    pub(crate) async fn arm(&self, fault: &str) {
        let (status, response) = self
            .control("POST", "faults", Some(json!({ "fault": fault })))
            .await;
        assert_eq!(status, 200, "{response}");
    }

    pub(crate) async fn set_random_faults(&self, rate: &str, seed: u64) {
        let body = json!({ "rate": rate, "seed": seed });
        let (status, response) = self.control("POST", "chance", Some(body)).await;
        assert_eq!(status, 200, "{response}");
    }

    /// Scripts the next execution.
    pub(crate) async fn script(&self, script: Value) {
        let (status, response) = self.control("POST", "outcomes", Some(script)).await;
        assert_eq!(status, 200, "{response}");
    }

    /// Advances the clock of the resources.
    pub(crate) async fn advance_clock(&self, by: &str) {
        let (status, response) = self
            .control("POST", "clock", Some(json!({ "advance": by })))
            .await;
        assert_eq!(status, 200, "{response}");
    }

    /// The number of jobs.
    pub(crate) async fn job_count(&self) -> usize {
        self.control("GET", "jobs", None)
            .await
            .1
            .as_array()
            .expect("an array")
            .len()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub(crate) fn config() -> Config {
    Config {
        operation_time: Duration::from_millis(20),
        execution_time: Duration::from_millis(60),
        ..Config::default()
    }
}

/// A minimal job.
pub(crate) fn job() -> Value {
    json!({ "template": { "template": { "containers": [{ "image": "gcr.io/p/i" }] } } })
}

/// A minimal job with an RTX PRO 6000.
pub(crate) fn gpu_job() -> Value {
    json!({ "launchStage": "ALPHA", "template": { "template": {
        "containers": [{
            "image": "gcr.io/p/i",
            "resources": { "limits": { "cpu": "20", "memory": "80Gi", "nvidia.com/gpu": "1" } },
        }],
        "nodeSelector": { "accelerator": "nvidia-rtx-pro-6000" },
        "gpuZonalRedundancyDisabled": true,
        "timeout": "3600s",
    } } })
}

/// A name relative to its location, with a leading slash.
pub(crate) fn relative_name(name: &Value) -> String {
    let name = name.as_str().expect("a name");
    format!(
        "/{}",
        name.splitn(5, '/').nth(4).expect("a name below a location")
    )
}

/// Removes the `@type`, which resources have in operations only.
pub(crate) fn without_type(mut job: Value) -> Value {
    job.as_object_mut().expect("an object").remove("@type");
    job
}

/// The message of an error.
pub(crate) fn message(response: &Value) -> &str {
    response["error"]["message"].as_str().unwrap_or_default()
}

const PARENT: &str = "/v2/projects/p/locations/us-central1";
