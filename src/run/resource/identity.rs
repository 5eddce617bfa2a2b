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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use terraform_plugin::schema::ExtraAttributes;

    #[test]
    fn identity_is_the_parts_of_the_id() {
        let id = |id: Value| Value::from([("id", id)]);
        let stored = id(Value::from("projects/p/locations/l/jobs/n/executions/n-x"));
        let identity = of(&stored).unwrap();
        assert_eq!(identity.get("job"), &Value::from("n"));
        assert_eq!(
            SCHEMA.coerce(identity.clone(), ExtraAttributes::Error),
            Ok(identity)
        );
        for nothing in [
            id(Value::Unknown),
            id(Value::Null),
            id(Value::from("n-x")),
            Value::Null,
        ] {
            assert_eq!(of(&nothing), None);
        }
    }
}
