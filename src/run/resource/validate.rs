//! Rules that the configuration alone decides.

use super::schema::DEFAULT_DELETE_TIMEOUT;
use crate::job;
use crate::run::limits::{self, MAX_TIMEOUT};
use crate::run::{job_argument, overrides};
use crate::validators::omit_for_default;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::value::{Field, Path, Value};

/// Errors and warnings of a configuration.
pub(super) fn validate(config: &Value) -> Vec<Diagnostic> {
    let mut diagnostics = job_argument::validate(config);
    diagnostics.extend(overrides::validate(config));
    let timeout = |name| {
        let path = Path::attribute("timeouts").key(name);
        (Field::read(config.get("timeouts").get(name)), path)
    };
    let (create, path) = timeout("create");
    limits::check_timeout(&create, path, &mut diagnostics);
    let (delete, path) = timeout("delete");
    let default = omit_for_default(DEFAULT_DELETE_TIMEOUT);
    job::validate::check_timeout(&delete, path, MAX_TIMEOUT, &default, &mut diagnostics);
    diagnostics
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use terraform_plugin::value::from_json;

    /// The rules of the job and the overrides have tests of their own.
    #[test]
    fn errors_are_reported_at_their_attributes() {
        for (json, path) in [
            (r#"{"job": null}"#, "job"),
            (r#"{"job": "a/b"}"#, "job"),
            (r#"{"job": "train", "args": [null]}"#, "args[0]"),
            (r#"{"job": "train", "env": {"PORT": "1"}}"#, "env.PORT"),
            (r#"{"job": "train", "task_count": 0}"#, "task_count"),
            (
                r#"{"job": "train", "timeouts": {"create": "0s"}}"#,
                "timeouts.create",
            ),
            (
                r#"{"job": "train", "timeouts": {"create": "9999999h"}}"#,
                "timeouts.create",
            ),
            (
                r#"{"job": "train", "timeouts": {"delete": "soon"}}"#,
                "timeouts.delete",
            ),
        ] {
            let diagnostics = validate(&from_json(json.as_bytes()).unwrap());
            let paths: Vec<String> = diagnostics.iter().map(|one| one.path.to_string()).collect();
            assert_eq!(paths, [path], "{json}");
        }
        for valid in [
            r#"{"job": "train"}"#,
            r#"{"job": "train", "triggers": {"uid": "u"}, "timeouts": {"create": "48h", "delete": "1m"}}"#,
        ] {
            assert_eq!(validate(&from_json(valid.as_bytes()).unwrap()), [], "{valid}");
        }
    }
}
