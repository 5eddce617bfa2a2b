//! The calls of an apply (create, wait; the end of the wait has the job), the read of a refresh, and the delete.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};
use tf_provider::value::Value;

use crate::model::{Job, Text, Texts};

/// A client of the Cloud Run Admin API, good enough for the emulator.
pub struct Client {
    http: reqwest::Client,
    endpoint: String,
}

impl Client {
    /// A client of the API at an address such as `http://127.0.0.1:8080/v2/`.
    pub fn new(endpoint: String) -> Client {
        Client {
            http: reqwest::Client::new(),
            endpoint,
        }
    }

    /// Creates the job and waits for the operation, whose end tells the job as it is then.
    pub async fn create(&self, planned: Job) -> Result<Job, String> {
        let parent = known(&planned.id)
            .split_once("/jobs/")
            .map(|(parent, _)| parent.to_owned());
        let path = format!(
            "{}/jobs?jobId={}",
            parent.unwrap_or_default(),
            known(&planned.name)
        );
        let operation = self.send(Method::POST, &path, Some(body(&planned))).await?;
        let job = self.wait(&operation).await?;
        Ok(told(planned, &job))
    }

    /// The state as the API tells it; `None` when the job is gone.
    pub async fn read(&self, state: Job) -> Result<Option<Job>, String> {
        let job = self.send(Method::GET, known(&state.id), None).await?;
        Ok((!job.is_null()).then(|| told(state, &job)))
    }

    /// Deletes the job and waits until it is gone.
    pub async fn delete(&self, job: &Job) -> Result<(), String> {
        let operation = self.send(Method::DELETE, known(&job.id), None).await?;
        self.wait(&operation).await.map(drop)
    }

    async fn wait(&self, operation: &Json) -> Result<Json, String> {
        let mut operation = operation.clone();
        while operation["done"] != true {
            let path = format!("{}:wait", operation["name"].as_str().unwrap_or_default());
            operation = self
                .send(Method::POST, &path, Some(json!({ "timeout": "30s" })))
                .await?;
        }
        match &operation["error"] {
            Json::Null => Ok(operation["response"].clone()),
            error => Err(error.to_string()),
        }
    }

    /// The answer; null when there is no such thing.
    async fn send(&self, method: Method, path: &str, body: Option<Json>) -> Result<Json, String> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.endpoint))
            .bearer_auth("emulator");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.map_err(|error| error.to_string())?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(Json::Null),
            status if status.is_success() => answer.json().await.map_err(|error| error.to_string()),
            status => Err(format!("{status}: {}", answer.text().await.unwrap_or_default())),
        }
    }
}

/// The state, as a job's document tells it.
fn told(mut state: Job, job: &Json) -> Job {
    let text = |name: &str| {
        job[name]
            .as_str()
            .map(str::to_owned)
            .map_or(Value::Null, Value::Value)
    };
    state.uid = text("uid");
    state.etag = text("etag");
    state.creator = text("creator");
    state.create_time = text("createTime");
    state.update_time = text("updateTime");
    state.generation = job["generation"]
        .as_str()
        .and_then(|number| number.parse().ok())
        .into();
    state.execution_count = Value::Value(job["executionCount"].as_i64().unwrap_or(0));
    state.latest_execution = job["latestCreatedExecution"]["name"]
        .as_str()
        .map(str::to_owned)
        .into();
    state.service_account = job["template"]["template"]["serviceAccount"]
        .as_str()
        .map(str::to_owned)
        .into();
    state
}

fn body(job: &Job) -> Json {
    let container = job.container.as_ref_option().cloned().unwrap_or_default();
    let resources = job.resources.as_ref_option().cloned().unwrap_or_default();
    let execution = job.job.as_ref_option().cloned().unwrap_or_default();
    let gpu = job.gpu.as_ref_option().cloned().unwrap_or_default();
    json!({
        "labels": texts(&job.effective_labels),
        "annotations": texts(&job.annotations),
        "launchStage": job.launch_stage,
        "template": {
            "taskCount": execution.task_count,
            "parallelism": execution.parallelism,
            "template": {
                "containers": [{
                    "image": container.image,
                    "command": container.command.unwrap_or_default(),
                    "args": container.args.unwrap_or_default(),
                    "env": environment(job),
                    "resources": { "limits": {
                        "cpu": resources.cpu,
                        "memory": resources.memory,
                        "nvidia.com/gpu": "1",
                    } },
                }],
                "maxRetries": execution.max_retries,
                "timeout": execution.task_timeout,
                "nodeSelector": { "accelerator": gpu.r#type },
                "gpuZonalRedundancyDisabled": true,
            },
        },
    })
}

fn environment(job: &Job) -> Vec<Json> {
    let plain = job.env.as_ref_option().into_iter().flatten();
    let plain = plain.map(|(name, value)| json!({ "name": name, "value": value }));
    let secrets = job
        .secrets
        .as_ref_option()
        .into_iter()
        .flatten()
        .filter_map(Value::as_ref_option);
    let secrets = secrets.map(|secret| {
        json!({ "name": secret.env_var, "valueSource": { "secretKeyRef": {
            "secret": secret.secret_name,
            "version": secret.version,
        } } })
    });
    plain.chain(secrets).collect()
}

fn texts(texts: &Texts) -> BTreeMap<&str, &Text> {
    texts
        .as_ref_option()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
        .collect()
}

/// The text of an attribute that the plan has made known.
fn known(text: &Text) -> &str {
    text.as_ref_option().map_or("", String::as_str)
}
