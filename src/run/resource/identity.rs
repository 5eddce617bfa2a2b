//! The resource identity of Terraform 1.12: project, location, job and name.

use std::sync::LazyLock;

use cloud_run::ExecutionName;
use terraform_plugin::schema::{Attribute, Schema, Type};
use terraform_plugin::value::Value;

/// The schema. An import must set what is required.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "Identity of an execution.".to_owned(),
    attributes: vec![
        Attribute::new(
            "project",
            Type::String,
            "ID of the Google Cloud project. Default: the provider's `project`.",
        ),
        Attribute::new("location", Type::String, "Region of the job.").required(),
        Attribute::new("job", Type::String, "Name of the job.").required(),
        Attribute::new("name", Type::String, "Name of the execution.").required(),
    ],
});

/// The identity of a stored execution; `None` as long as it is not known.
pub(super) fn of(state: &Value) -> Option<Value> {
    let ExecutionName { job, execution } = execution_name(state)?;
    Some(Value::from([
        ("project", Value::from(job.project)),
        ("location", Value::from(job.location)),
        ("job", Value::from(job.job)),
        ("name", Value::from(execution)),
    ]))
}

/// The full name of a stored execution.
pub(super) fn execution_name(state: &Value) -> Option<ExecutionName> {
    ExecutionName::parse(state.get("id").as_str()?).ok()
}
