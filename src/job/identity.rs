//! The resource identity of Terraform 1.12: project, location and name, which a job has for its identity life.

use std::sync::LazyLock;

use cloud_run::JobName;
use terraform_plugin::schema::{Attribute, Schema, Type};
use terraform_plugin::value::Value;

/// The schema. An import must set what is required. The location is: an import ID contains it too, and a default region
/// could select another job of the same name.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "Identity of a job.".to_owned(),
    attributes: vec![
        Attribute::new(
            "project",
            Type::String,
            "ID of the Google Cloud project. Default: the provider's `project`.",
        ),
        Attribute::new("location", Type::String, "Region of the job.").required(),
        Attribute::new("name", Type::String, "Name of the job.").required(),
    ],
});

/// The identity of a stored or planned job; `None` while a part of it is unknown, and for a null job.
pub fn of(job: &Value) -> Option<Value> {
    let name = job_name(job)?;
    Some(Value::from([
        ("project", Value::from(name.project)),
        ("location", Value::from(name.location)),
        ("name", Value::from(name.job)),
    ]))
}

/// The name of a stored or planned job, where project, location and name are known.
pub fn job_name(job: &Value) -> Option<JobName> {
    let text = |attribute| job.get(attribute).as_str();
    Some(JobName::new(text("project")?, text("location")?, text("name")?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use terraform_plugin::schema::ExtraAttributes;

    #[test]
    fn identity_needs_all_parts_known() {
        let job = |name: Value| {
            Value::from([
                ("project", Value::from("p")),
                ("location", Value::from("l")),
                ("name", name),
            ])
        };
        let identity = of(&job(Value::from("n"))).unwrap();
        assert_eq!(
            SCHEMA.coerce(identity.clone(), ExtraAttributes::Error),
            Ok(identity)
        );
        for nothing in [job(Value::Unknown), job(Value::Null), Value::Null, Value::Unknown] {
            assert_eq!(of(&nothing), None);
        }
    }
}
