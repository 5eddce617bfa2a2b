//! The attributes of the resource. Descriptions are Markdown and become the documentation.

use std::sync::LazyLock;

use crate::run::{flatten, job_argument, overrides};
use terraform_plugin::schema::{Attribute, Schema, Type};

/// The schema.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    Schema {
    version: 0,
    description: "An execution of a [Cloud Run job](https://cloud.google.com/run/docs/execute/jobs). Creating the \
                  resource runs the job once and waits for the end. Changing the job, a trigger or an override replaces the \
                  resource, which runs the job again; nothing else does."
        .to_owned(),
    attributes: [settings(), computed()].concat(),
}
});

/// The default of `timeouts.delete`.
pub(super) const DEFAULT_DELETE_TIMEOUT: &str = "20m";

fn settings() -> Vec<Attribute> {
    let overrides = overrides::attributes()
        .into_iter()
        .map(Attribute::requires_replace);
    let mut attributes = vec![
        job_argument::attribute().requires_replace(),
        Attribute::new(
            "triggers",
            Type::string_map(),
            "Values whose change runs the job again, such as the `uid` and the image of the job. Values that change by \
             themselves, such as the job's `generation` or a timestamp, can run it with each apply.",
        )
        .requires_replace(),
    ];
    attributes.extend(overrides);
    attributes.extend([
        Attribute::new(
            "wait",
            Type::Bool,
            "Whether the creation waits for the end of the execution and fails unless it succeeds. Changing this runs \
             nothing. Default: `true`.",
        )
        .default(true),
        Attribute::new(
            "timeouts",
            Type::SingleNested(timeouts()),
            "Timeouts of operations, as durations such as `30m`. Changing them runs nothing.",
        ),
    ]);
    attributes
}

fn timeouts() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "create",
            Type::String,
            "Time to run the job and to wait for the end of the execution, which continues when the time is over. \
             Default: the longest time that the execution can take, which is `task_timeout` × (`max_retries` + 1) for each \
             round of `parallelism` tasks, plus 15 minutes, plus the maximum delay of a delayed execution. `20m` with `wait = false`.",
        ),
        Attribute::new(
            "delete",
            Type::String,
            format!(
                "Time to cancel the execution if it has not ended, and to wait for its end. Default: \
                 `{DEFAULT_DELETE_TIMEOUT}`."
            ),
        ),
    ]
}

fn computed() -> Vec<Attribute> {
    let mut attributes = flatten::attributes();
    attributes.insert(
        1,
        Attribute::new(
            "name",
            Type::String,
            "Name of the execution, which Cloud Run makes of the job's name.",
        )
        .computed(),
    );
    attributes.push(
        Attribute::new(
            "max_gpu_hours",
            Type::Number,
            "Maximum GPU time that the execution can use, in hours. 0 for a job without a GPU. Known after the apply; the \
             job's own `max_gpu_hours` is known at plan time.",
        )
        .computed(),
    );
    attributes
}
