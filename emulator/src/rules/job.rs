//! Rules for a job as a whole.

use serde_json::{Map, Value};

use super::refuse;
use crate::error::Problem;
use crate::route::JobName;

pub(super) fn check(name: &JobName, job: &Map<String, Value>) -> Result<(), Problem> {
    if !matches!(
        member(job, "launchStage").as_str(),
        None | Some("ALPHA" | "BETA" | "GA")
    ) {
        return Err(refuse(
            "launch_stage",
            "only ALPHA, BETA, GA, or unspecified are supported.",
        ));
    }
    task(job)?;
    let template = member(job, "template");
    let count = template["taskCount"].as_i64().unwrap_or_default();
    if !(0..=10_000).contains(&count) {
        return Err(refuse(
            "template.task_count",
            "must be a number between 0 and 10000.",
        ));
    }
    if template["parallelism"]
        .as_i64()
        .is_some_and(|parallelism| parallelism < 0)
    {
        return Err(refuse("template.parallelism", "must not be negative."));
    }
    check_labels("labels", member(job, "labels"))?;
    check_labels("template.labels", &template["labels"])?;
    check_annotations("annotations", member(job, "annotations"))?;
    check_annotations("template.annotations", &template["annotations"])?;
    check_binary_authorization(member(job, "binaryAuthorization"))?;
    check_token(name, job)
}

/// The task's template.
pub(super) fn task(job: &Map<String, Value>) -> Result<&Value, Problem> {
    let task = &member(job, "template")["template"];
    if task.is_object() {
        Ok(task)
    } else {
        Err(refuse("template", "Job has no task template."))
    }
}

fn member<'a>(job: &'a Map<String, Value>, name: &str) -> &'a Value {
    job.get(name).unwrap_or(&Value::Null)
}

/// See <https://cloud.google.com/run/docs/configuring/jobs/labels>: at most 64, lower case, at most 63 letters.
fn check_labels(path: &str, labels: &Value) -> Result<(), Problem> {
    let Some(labels) = labels.as_object() else {
        return Ok(());
    };
    if labels.len() > 64 {
        return Err(refuse(path, "at most 64 labels are allowed."));
    }
    for (key, value) in labels {
        if is_system(key) {
            return Err(refuse(path, format!("system labels are not supported: {key}.")));
        }
        let letters = |text: &str| {
            text.chars().count() <= 63
                && text.chars().all(|letter| {
                    letter == '_' || letter == '-' || (letter.is_alphanumeric() && !letter.is_uppercase())
                })
        };
        if !letters(key) || !key.starts_with(|first: char| first.is_alphabetic()) {
            return Err(refuse(path, format!("'{key}' is not a valid label key.")));
        }
        if !value.as_str().is_some_and(letters) {
            return Err(refuse(path, format!("{value} is not a valid label value.")));
        }
    }
    Ok(())
}

fn check_annotations(path: &str, annotations: &Value) -> Result<(), Problem> {
    let system = annotations
        .as_object()
        .into_iter()
        .flatten()
        .find(|(key, _)| is_system(key));
    match system {
        Some((key, _)) => Err(refuse(
            path,
            format!("system annotations are not supported: {key}."),
        )),
        None => Ok(()),
    }
}

/// Namespaces of labels and annotations that only the service may write.
fn is_system(key: &str) -> bool {
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

/// That one policy decides is a matter of the type. A justification is documented to need the project's policy, and is
/// sent with a policy of its own by tests of the google provider, so only one without any is refused, in guessed words.
fn check_binary_authorization(given: &Value) -> Result<(), Problem> {
    let is_there = |name: &str| given[name].as_str().is_some_and(|text| !text.is_empty());
    if is_there("breakglassJustification") && given["useDefault"] != true && !is_there("policy") {
        return Err(refuse(
            "binary_authorization.breakglass_justification",
            "must be empty when no policy is used.",
        ));
    }
    Ok(())
}

/// The token becomes part of the execution's name.
fn check_token(name: &JobName, job: &Map<String, Value>) -> Result<(), Problem> {
    for (member_name, path) in [
        ("startExecutionToken", "start_execution_token"),
        ("runExecutionToken", "run_execution_token"),
    ] {
        if let Some(token) = member(job, member_name).as_str()
            && name.job.len() + token.len() >= 63
        {
            return Err(refuse(
                path,
                "the job's name and the token must have fewer than 63 characters together.",
            ));
        }
    }
    Ok(())
}
