//! Rules that the configuration alone decides.

use super::schema::{DEFAULT_DELETE_TIMEOUT, MAX_TIMEOUT};
use crate::job::validate::check_timeout;
use crate::run::{job_argument, overrides};
use crate::validators::omit_for_default;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::value::{Field, Path, Value};

/// Errors and warnings of a configuration.
pub(super) fn validate(config: &Value) -> Vec<Diagnostic> {
    let mut diagnostics = job_argument::validate(config);
    diagnostics.extend(overrides::validate(config));
    let default = omit_for_default(DEFAULT_DELETE_TIMEOUT);
    for (name, fix) in [("create", WHOLE_EXECUTION), ("delete", &default)] {
        let path = Path::attribute("timeouts").key(name);
        let given = Field::read(config.get("timeouts").get(name));
        check_timeout(&given, path, MAX_TIMEOUT, fix, &mut diagnostics);
    }
    diagnostics
}

const WHOLE_EXECUTION: &str = "Omit it to wait as long as the execution can take.";
