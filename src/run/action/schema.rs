//! The attributes of the action, their model and their rules.

use std::sync::LazyLock;

use super::super::{job_argument, limits, overrides};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::record;
use terraform_plugin::schema::{Attribute, Schema, Type};
use terraform_plugin::value::{Field, Path, Value};

/// The schema. All attributes are required or optional; the defaults are applied when the action is invoked.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description:
        "Runs a Cloud Run job: starts one execution, waits for its end and reports its progress. It fails if \
        the execution fails. Requires Terraform 1.14.1 or later."
            .to_owned(),
    attributes: [vec![job_argument::attribute()], overrides::attributes(), own()].concat(),
});

fn own() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "wait",
            Type::Bool,
            "Whether to wait for the end of the execution. With `false`, the action succeeds when the execution has \
             been started, whatever its outcome. Default: `true`.",
        ),
        Attribute::new(
            "timeout",
            Type::String,
            "Time to wait for the end of the execution, such as `2h`. The execution continues after that, and the \
             action fails. Default: as long as the execution can last, which is `task_timeout` × (`max_retries` + 1) × \
             (`task_count` / `parallelism`, rounded up), plus 15 minutes, plus the maximum delay of a delayed execution.",
        ),
        Attribute::new(
            "cancel_on_stop",
            Type::Bool,
            "Whether to cancel the execution if Terraform is interrupted while the action waits, such as by Ctrl-C. \
             Default: `false`, and the execution continues.",
        ),
    ]
}

record! {
    /// The configuration, without the overrides.
    Config {
        wait: bool = "wait",
        timeout: String = "timeout",
        cancel_on_stop: bool = "cancel_on_stop",
    }
}

impl Config {
    /// Reads a configuration.
    pub(super) fn read(config: &Value) -> Config {
        Field::read(config).into_known().unwrap_or_default()
    }
}

/// Errors and warnings of a configuration, as far as it is known.
pub(super) fn validate(config: &Value) -> Vec<Diagnostic> {
    let mut diagnostics = job_argument::validate(config);
    diagnostics.extend(overrides::validate(config));
    let Config {
        wait,
        timeout,
        cancel_on_stop,
    } = Config::read(config);
    limits::check_timeout(&timeout, Path::attribute("timeout"), &mut diagnostics);
    if wait == Field::Known(false) {
        let timeout = timeout.known().map(|text| ("timeout", quoted(text)));
        let cancel = cancel_on_stop.known().filter(|cancel| **cancel);
        let cancel = cancel.map(|cancel| ("cancel_on_stop", cancel.to_string()));
        diagnostics.extend(timeout.into_iter().chain(cancel).map(|(name, got)| {
            let warning = InvalidValue {
                path: Path::attribute(name),
                must: "be omitted with wait = false".into(),
                got,
                fix: "It has no effect.".into(),
            };
            warning.warning(format!("Ineffective {name}"))
        }));
    }
    diagnostics
}
