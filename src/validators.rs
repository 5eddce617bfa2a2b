//! Validation rules that the provider, the resource, the data source and the list resource share.

use crate::labels::{self, Labels, is_label_key, is_label_value};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, alternatives, quoted};
use terraform_plugin::value::{Field, Path};

/// Checks a map of labels.
pub fn check_labels(given: &Field<Labels>, attribute: &str, diagnostics: &mut Vec<Diagnostic>) {
    let Some(given) = given.known() else { return };
    if let Some(excess) = given
        .len()
        .checked_sub(labels::LABEL_COUNT)
        .filter(|excess| *excess > 0)
    {
        let error = InvalidValue {
            path: Path::attribute(attribute),
            must: format!("have at most {} elements", labels::LABEL_COUNT),
            got: given.len().to_string(),
            fix: format!("Remove {excess} of them. See {}.", labels::LABELS_URL),
        };
        diagnostics.push(error.error("Too many labels"));
    }
    for (key, value) in given {
        let path = Path::attribute(attribute).key(key);
        if !is_label_key(key) {
            let error = InvalidValue {
                path: path.clone(),
                must: format!(
                    "have a key of 1 to {} lowercase or international letters, digits, _ or - that starts with a letter",
                    labels::LABEL_LENGTH
                ),
                got: quoted(key),
                fix: format!("{} See {}.", example(&labels::label_key(key)), labels::LABELS_URL),
            };
            diagnostics.push(error.error("Invalid label"));
        }
        match value {
            Field::Null => diagnostics.push(null_element(path)),
            Field::Unknown => {}
            Field::Known(value) if is_label_value(value) => {}
            Field::Known(value) => {
                let error = InvalidValue {
                    path,
                    must: format!(
                        "be at most {} lowercase or international letters, digits, _ or -",
                        labels::LABEL_LENGTH
                    ),
                    got: quoted(value),
                    fix: format!(
                        "{} See {}.",
                        example(&labels::label_value(value)),
                        labels::LABELS_URL
                    ),
                };
                diagnostics.push(error.error("Invalid label"));
            }
        }
    }
}

/// A required value that is null.
pub fn missing_value(path: Path) -> Diagnostic {
    let error = InvalidValue {
        path,
        must: "be set".into(),
        got: "null".into(),
        fix: "Correct the expression assigned to it.".into(),
    };
    error.error("Missing value")
}

/// A null element of a list, set or map.
pub fn null_element(path: Path) -> Diagnostic {
    let error = InvalidValue {
        path,
        must: "be set".into(),
        got: "null".into(),
        fix: "Set a value or remove the element.".into(),
    };
    error.error("Null element")
}

/// A way out of an error: a valid value.
pub fn example(valid: &str) -> String {
    format!("For example: {}.", quoted(valid))
}

/// A way out of an error: the default of the attribute.
pub fn omit_for_default(default: &str) -> String {
    format!("Omit it to use the default, {}.", quoted(default))
}

/// Alternatives in a message: `"a", "b" or "c"`.
pub fn choices<T: AsRef<str>>(all: &[T]) -> String {
    let quoted: Vec<String> = all.iter().map(|choice| quoted(choice.as_ref())).collect();
    alternatives(&quoted)
}

/// Whether text can be the e-mail address of a service account.
pub fn is_service_account(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    text.split_once('@').is_some_and(|(user, host)| {
        user.split('.').all(plain) && host.contains('.') && host.split('.').all(plain)
    })
}

/// The address in another form of an account: a member of an IAM policy such as `serviceAccount:A` or
/// `deleted:serviceAccount:A?uid=1`, or a resource's name such as `projects/P/serviceAccounts/A`.
pub fn service_account_in(text: &str) -> Option<&str> {
    let member = text.split('?').next()?.trim();
    member
        .rsplit([':', '/'])
        .next()
        .filter(|address| is_service_account(address))
}
