//! The measured job: as configured, as the API returns it, as stored.

use cloud_run::JobName;
use cloud_run::model as api;
use facets_gpu::job::expand::expand;
use facets_gpu::job::flatten::flatten;
use facets_gpu::job::model::Job;
use facets_gpu::job::plan::plan;
use facets_gpu::job::schema::SCHEMA;
use facets_gpu::provider::Defaults;
use serde_json::{Value as Json, json};
use terraform_plugin::schema::ExtraAttributes;
use terraform_plugin::value::{Field, Value, from_json};

/// A job with most configurable attributes.
const JOB: &str = r#"{
    "name": "render-0",
    "facets": {
        "instance_name": "render",
        "environment": "prod",
        "cloud_tags": { "team": "media", "cost_center": "42" }
    },
    "container": {
        "image": "us-docker.pkg.dev/acme-batch/render/render:1.0",
        "command": ["render"],
        "args": ["--frames", "1-100"]
    },
    "gpu": { "enabled": true, "type": "nvidia-rtx-pro-6000" },
    "resources": { "cpu": "20", "memory": "80Gi" },
    "job": { "task_count": 10, "parallelism": 2, "max_retries": 3, "task_timeout": "1h" },
    "secrets": [{ "env_var": "API_KEY", "secret_name": "api-key" }],
    "env": { "LOG_LEVEL": "info", "SCENE": "s3-12" },
    "vpc_access": { "connector": "batch" },
    "service_account": "render@acme-batch.iam.gserviceaccount.com",
    "labels": { "stage": "prod" },
    "annotations": { "example.com/owner": "media" },
    "timeouts": { "create": "30m" }
}"#;

pub(crate) fn config() -> Value {
    coerced(from_json(JOB.as_bytes()).expect("the job is JSON"))
}

/// The API's document of a configured job.
pub(crate) fn document(config: &Value) -> Vec<u8> {
    let planned = plan(&Value::Null, config, &defaults()).planned;
    let mut document = serde_json::to_value(expand(&Job::read(&planned))).expect("a job is serializable");
    let output_only = json!({
        "name": "projects/acme-batch/locations/us-central1/jobs/render-0",
        "uid": "6f1c6f5e-7f4e-4d0e-9d4e-0c7f3f0f9a51",
        "generation": "3",
        "createTime": "2026-01-02T03:04:05.678901Z",
        "updateTime": "2026-01-02T03:04:05.678901Z",
        "creator": "deploy@acme-batch.iam.gserviceaccount.com",
        "observedGeneration": "3",
        "terminalCondition": { "type": "Ready", "state": "CONDITION_SUCCEEDED" },
        "executionCount": 7,
        "latestCreatedExecution": { "name": "render-0-x7k2p" },
        "etag": "\"CKqJ0bsGEICs7ZEB/cHJvamVjdHM\""
    });
    if let (Json::Object(document), Json::Object(output_only)) = (&mut document, output_only) {
        document.extend(output_only);
    }
    document.to_string().into_bytes()
}

/// The state of a configured job.
pub(crate) fn state(config: &Value) -> Value {
    let planned = plan(&Value::Null, config, &defaults()).planned;
    let remote: api::Job = serde_json::from_slice(&document(config)).expect("the document is a job");
    flatten(&remote, &name(), &planned)
}

/// The value as Terraform stores it in the state.
pub(crate) fn stored(value: &Value) -> Json {
    match value {
        Value::Null | Value::Unknown => Json::Null,
        Value::Bool(bool) => json!(bool),
        Value::Number(number) => number.to_string().parse().expect("a number is JSON"),
        Value::String(string) => json!(string.as_str()),
        Value::List(items) => items.iter().map(stored).collect(),
        Value::Map(members) => members
            .iter()
            .map(|(name, member)| (name.to_string(), stored(member)))
            .collect(),
    }
}

pub(crate) fn name() -> JobName {
    JobName::new("acme-batch", "us-central1", "render-0")
}

pub(crate) fn coerced(value: Value) -> Value {
    SCHEMA
        .coerce(value, ExtraAttributes::Error)
        .expect("the job conforms to the schema")
}

pub(crate) fn defaults() -> Defaults {
    Defaults {
        project: Field::Known("acme-batch".to_owned()),
        region: Field::Known("us-central1".to_owned()),
        ..Defaults::default()
    }
}
