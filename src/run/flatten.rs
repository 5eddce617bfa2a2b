//! API document to values: what the resource and the data source of executions show.

use super::state::{COMPLETED, State, task_count};
use cloud_run::ExecutionName;
use cloud_run::model::Execution;
use terraform_plugin::schema::{Attribute, Type};
use terraform_plugin::value::Value;

/// The attributes of an execution that only the API sets.
pub(super) fn attributes() -> Vec<Attribute> {
    let text = |name, description: &str| Attribute::new(name, Type::String, description).computed();
    let number = |name, description: &str| Attribute::new(name, Type::Number, description).computed();
    vec![
        text(
            "id",
            "Full name of the execution: `projects/P/locations/L/jobs/J/executions/E`.",
        ),
        text(
            "state",
            "State of the execution: `PENDING` until a task starts, then `RUNNING`, at last `SUCCEEDED`, `FAILED` or \
             `CANCELLED`.",
        ),
        number("running_count", "Number of running tasks."),
        number("succeeded_count", "Number of tasks that succeeded."),
        number(
            "failed_count",
            "Number of tasks that failed after their last attempt.",
        ),
        number("cancelled_count", "Number of cancelled tasks."),
        number("retried_count", "Number of tasks that were retried."),
        text("create_time", "Time of creation (RFC 3339, UTC)."),
        text(
            "start_time",
            "Time at which the execution started to run (RFC 3339, UTC).",
        ),
        text(
            "completion_time",
            "Time at which the execution ended (RFC 3339, UTC).",
        ),
        text("log_uri", "Address of the execution's logs."),
    ]
}

/// Sets these attributes and `name`.
pub(super) fn set_attributes(state: &mut Value, execution: &Execution, name: &ExecutionName) {
    let count = |count: i32| Value::from(i64::from(count));
    for (attribute, value) in [
        ("id", Value::from(name.to_string())),
        ("name", Value::from(name.execution.clone())),
        ("state", Value::from(State::of(execution).as_str())),
        ("running_count", count(execution.running_count)),
        ("succeeded_count", count(execution.succeeded_count)),
        ("failed_count", count(execution.failed_count)),
        ("cancelled_count", count(execution.cancelled_count)),
        ("retried_count", count(execution.retried_count)),
        ("create_time", text(&execution.create_time)),
        ("start_time", text(&execution.start_time)),
        ("completion_time", text(&execution.completion_time)),
        ("log_uri", text(&execution.log_uri)),
    ] {
        state.set(attribute, value);
    }
}

/// The attributes that only the data source has.
pub(super) fn set_summary(state: &mut Value, execution: &Execution) {
    let reason = execution
        .condition(COMPLETED)
        .and_then(|condition| condition.reason());
    state.set("reason", reason.map(str::to_owned));
    state.set("task_count", i64::from(task_count(execution)));
}

/// The API omits empty texts, or returns them.
fn text(text: &Option<String>) -> Value {
    text.clone().filter(|text| !text.is_empty()).into()
}
