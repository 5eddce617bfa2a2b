//! An emulator for one test, and the few requests that tests are made of.

use std::net::SocketAddr;
use std::time::Duration;

use cloudrun_emulator::{Config, Server};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::conformance;

/// A running emulator, ended with the value.
pub(crate) struct Cloud {
    address: SocketAddr,
    client: reqwest::Client,
    server: JoinHandle<()>,
}

/// Status and document of an answer.
pub(crate) type Answer = (u16, Value);

/// A client that shows every answer as it is, redirects too.
pub(crate) fn client() -> reqwest::Client {
    // An earlier call has installed the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}

impl Cloud {
    /// Operations take 20 ms, executions 60.
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

    /// Sends a request as a client with a token would; the path is below `/v2/projects/p/locations/REGION`.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.request(method, &format!("{PREFIX}{path}"));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let answer = response.text().await.expect("a whole answer");
        let document = serde_json::from_str(&answer).unwrap_or(Value::String(answer));
        if status == 200 {
            conformance::check(method, path, &document);
        }
        (status, document)
    }

    /// The full address of a path.
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

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, Some(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    /// Makes a job and waits until it is ready.
    pub(crate) async fn make(&self, id: &str) -> Value {
        let (status, operation) = self.post(&format!("/jobs?jobId={id}"), job()).await;
        assert_eq!(status, 200, "{operation}");
        self.settle(&operation).await["response"].clone()
    }

    /// Waits for an operation.
    pub(crate) async fn settle(&self, operation: &Value) -> Value {
        let path = below_place(&operation["name"]);
        let (status, operation) = self
            .post(&format!("{path}:wait"), json!({ "timeout": "20s" }))
            .await;
        assert_eq!((status, &operation["done"]), (200, &json!(true)), "{operation}");
        operation
    }

    /// Sends a request to the control endpoint, which takes no token.
    pub(crate) async fn control(&self, method: &str, what: &str, body: Option<Value>) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self
            .client
            .request(method, self.url(&format!("/_emulator/{what}")));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }

    pub(crate) async fn arm(&self, fault: &str) {
        let (status, answer) = self
            .control("POST", "faults", Some(json!({ "fault": fault })))
            .await;
        assert_eq!(status, 200, "{answer}");
    }

    pub(crate) async fn leave_to_chance(&self, rate: &str, seed: u64) {
        let wish = json!({ "rate": rate, "seed": seed });
        let (status, answer) = self.control("POST", "chance", Some(wish)).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// How many jobs there are, however they came.
    pub(crate) async fn jobs(&self) -> usize {
        self.control("GET", "jobs", None)
            .await
            .1
            .as_array()
            .expect("an array")
            .len()
    }
}

impl Drop for Cloud {
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

/// The least that is a job.
pub(crate) fn job() -> Value {
    json!({ "template": { "template": { "containers": [{ "image": "gcr.io/p/i" }] } } })
}

/// The least that is a job with an RTX PRO 6000.
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

/// A name without project and location, with a leading slash.
pub(crate) fn below_place(name: &Value) -> String {
    let name = name.as_str().expect("a name");
    format!(
        "/{}",
        name.splitn(5, '/').nth(4).expect("a name below a location")
    )
}

/// A job without the `@type` that it has inside an operation.
pub(crate) fn plain(mut job: Value) -> Value {
    job.as_object_mut().expect("an object").remove("@type");
    job
}

/// The message of a refusal.
pub(crate) fn message(answer: &Value) -> &str {
    answer["error"]["message"].as_str().unwrap_or_default()
}

const PREFIX: &str = "/v2/projects/p/locations/us-central1";
