//! Rules for a job as a whole.

use serde_json::{Map, Value};

use super::definition::{invalid, string};
use crate::error::ApiError;
use crate::resource_name::JobName;
use crate::types::decode::duration_seconds;

pub(super) fn check(name: &JobName, job: &Map<String, Value>) -> Result<(), ApiError> {
    if !matches!(
        member(job, "launchStage").as_str(),
        None | Some("ALPHA" | "BETA" | "GA")
    ) {
        return Err(invalid(
            "launch_stage",
            "only ALPHA, BETA, GA, or unspecified are supported.",
        ));
    }
    task(job)?;
    let template = member(job, "template");
    let count = template["taskCount"].as_i64().unwrap_or_default();
    if !(0..=10_000).contains(&count) {
        return Err(invalid(
            "template.task_count",
            "must be a number between 0 and 10000.",
        ));
    }
    if template["parallelism"]
        .as_i64()
        .is_some_and(|parallelism| parallelism < 0)
    {
        return Err(invalid("template.parallelism", "must not be negative."));
    }
    check_labels("labels", member(job, "labels"))?;
    check_labels("template.labels", &template["labels"])?;
    check_annotations("annotations", member(job, "annotations"))?;
    check_annotations("template.annotations", &template["annotations"])?;
    check_binary_authorization(member(job, "binaryAuthorization"))?;
    check_delay(job)?;
    check_execution_tokens(name, job)
}

/// The launch stage; GA when it is absent.
pub(super) fn launch_stage(job: &Map<String, Value>) -> &str {
    member(job, "launchStage").as_str().unwrap_or("GA")
}

/// The task template.
pub(super) fn task(job: &Map<String, Value>) -> Result<&Value, ApiError> {
    let task = &member(job, "template")["template"];
    if task.is_object() {
        Ok(task)
    } else {
        Err(invalid("template", "Job has no task template."))
    }
}

fn member<'a>(job: &'a Map<String, Value>, name: &str) -> &'a Value {
    job.get(name).unwrap_or(&Value::Null)
}

/// See <https://cloud.google.com/run/docs/configuring/jobs/labels>: at most 64 labels, lowercase, at most 63 characters.
fn check_labels(path: &str, labels: &Value) -> Result<(), ApiError> {
    let Some(labels) = labels.as_object() else {
        return Ok(());
    };
    if labels.len() > 64 {
        return Err(invalid(path, "at most 64 labels are allowed."));
    }
    for (key, value) in labels {
        if is_system_key(key) {
            return Err(invalid(path, format!("system labels are not supported: {key}.")));
        }
        let is_valid = |text: &str| {
            text.chars().count() <= 63
                && text.chars().all(|letter| {
                    letter == '_' || letter == '-' || (letter.is_alphanumeric() && !letter.is_uppercase())
                })
        };
        if !is_valid(key) || !key.starts_with(|first: char| first.is_alphabetic()) {
            return Err(invalid(path, format!("'{key}' is not a valid label key.")));
        }
        if !value.as_str().is_some_and(is_valid) {
            return Err(invalid(path, format!("{value} is not a valid label value.")));
        }
    }
    Ok(())
}

fn check_annotations(path: &str, annotations: &Value) -> Result<(), ApiError> {
    let system = annotations
        .as_object()
        .into_iter()
        .flatten()
        .find(|(key, _)| is_system_key(key));
    match system {
        Some((key, _)) => Err(invalid(
            path,
            format!("system annotations are not supported: {key}."),
        )),
        None => Ok(()),
    }
}

/// Whether only the service may set a label or an annotation.
fn is_system_key(key: &str) -> bool {
    let Some((namespace, _)) = key.split_once('/') else {
        return false;
    };
    [
        "run.googleapis.com",
        "cloud.googleapis.com",
        "serving.knative.dev",
        "autoscaling.knative.dev",
    ]
    .iter()
    .any(|system| namespace == *system || namespace.ends_with(&format!(".{system}")))
}

/// The policies are a oneof: `types` rejects a second one. A justification is documented to require `useDefault`, but
/// tests of the google provider send it with a `policy`, so it is rejected only without both; the message is guessed.
fn check_binary_authorization(settings: &Value) -> Result<(), ApiError> {
    let is_set = |name: &str| settings[name].as_str().is_some_and(|text| !text.is_empty());
    if is_set("breakglassJustification") && settings["useDefault"] != true && !is_set("policy") {
        return Err(invalid(
            "binary_authorization.breakglass_justification",
            "must be empty when no policy is used.",
        ));
    }
    Ok(())
}

/// See <https://docs.cloud.google.com/run/docs/delayed-jobs>: a preview, for tasks of at most 12 hours. That other launch
/// stages are rejected, and the messages, are guessed.
fn check_delay(job: &Map<String, Value>) -> Result<(), ApiError> {
    let template = member(job, "template");
    if template["delayExecution"] != true {
        return Ok(());
    }
    if !matches!(launch_stage(job), "ALPHA" | "BETA") {
        return Err(ApiError::new(
            400,
            "FAILED_PRECONDITION",
            "The feature 'Delay Execution' is not supported in the declared launch stage of the resource. Set the launch \
             stage to BETA.",
        ));
    }
    let timeout = duration_seconds(string(&template["template"], "timeout"));
    if timeout.is_some_and(|seconds| seconds > f64::from(MAX_DELAYED_TIMEOUT)) {
        return Err(invalid(
            "template.template.timeout",
            format!("must be at most {MAX_DELAYED_TIMEOUT}s for a delayed execution."),
        ));
    }
    Ok(())
}

/// A token becomes part of the execution's name.
fn check_execution_tokens(name: &JobName, job: &Map<String, Value>) -> Result<(), ApiError> {
    for (member_name, path) in [
        ("startExecutionToken", "start_execution_token"),
        ("runExecutionToken", "run_execution_token"),
    ] {
        if let Some(token) = member(job, member_name).as_str()
            && name.job.len() + token.len() >= 63
        {
            return Err(invalid(
                path,
                "the job's name and the token must have fewer than 63 characters together.",
            ));
        }
    }
    Ok(())
}

/// In seconds.
const MAX_DELAYED_TIMEOUT: u32 = 12 * 3600;
