//! Values that are one of a few.

use crate::validators::{choices, omit_for_default};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::{Field, Path};

/// A value of a table: values of the configuration and of the API, with the default first.
pub(super) fn check(
    path: Path,
    given: &Field<String>,
    table: &[(&str, &str)],
    summary: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(given) = given.known() else { return };
    let names: Vec<&str> = table.iter().map(|(name, _)| *name).collect();
    if names.contains(&given.as_str()) {
        return;
    }
    let same = table.iter().find(|(_, api)| api == given);
    let error = InvalidValue {
        path,
        must: format!("be {}", choices(&names)),
        got: quoted(given),
        fix: match same {
            Some((name, _)) => format!("Use {}.", quoted(name)),
            None => omit_for_default(names[0]),
        },
    };
    diagnostics.push(error.error(summary));
}
