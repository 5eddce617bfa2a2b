//! The attributes of the data source.

use std::sync::LazyLock;

use crate::run::{flatten, job_argument};
use terraform_plugin::schema::{Attribute, Schema, Type};

/// The schema.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let mut attributes = vec![
        job_argument::attribute(),
        Attribute::new(
            "name",
            Type::String,
            "Name of the execution, such as `render-x7k2p`, or its full name. Default: the most recent execution of the \
             job; if the job does not exist or has none, this and all other attributes are null.",
        )
        .optional_computed(),
    ];
    attributes.extend(flatten::attributes());
    attributes.extend([
        Attribute::new(
            "reason",
            Type::String,
            "Reason of the state, such as `NON_ZERO_EXIT_CODE`. Null if Cloud Run reports none.",
        )
        .computed(),
        Attribute::new("task_count", Type::Number, "Number of tasks.").computed(),
    ]);
    Schema {
        version: 0,
        description:
            "Reads an execution of a Cloud Run job: one by its name, or the most recent one. It is made for \
                      `check` blocks."
                .to_owned(),
        attributes,
    }
});
