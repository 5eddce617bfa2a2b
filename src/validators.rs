//! Validation rules that the provider, the resource, the data source and the list resource share.

use crate::labels::{self, Labels, label_key_error, label_value_error};
use terraform_plugin::diagnostic::{Diagnostic, alternatives, quoted};
use terraform_plugin::value::{Field, Path};

/// Checks a map of labels.
pub fn check_labels(given: &Field<Labels>, attribute: &str, diagnostics: &mut Vec<Diagnostic>) {
    let Some(given) = given.known() else { return };
    if given.len() > labels::LABEL_COUNT {
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute(attribute),
            "Too many labels",
            format!(
                "A job can have at most {} labels. {attribute} has {}. Remove some.",
                labels::LABEL_COUNT,
                given.len()
            ),
        ));
    }
    for (key, value) in given {
        let path = Path::attribute(attribute).key(key);
        if let Some(reason) = label_key_error(key) {
            diagnostics.push(Diagnostic::attribute_error(
                path.clone(),
                "Invalid label",
                format!(
                    "The key of a label must start with a lowercase letter or a letter without case, followed by at most \
                     62 such letters, digits, _ and -, got {}: {reason}. Use for example {}.",
                    quoted(key),
                    quoted(&labels::label_key(key)),
                ),
            ));
        }
        match value {
            Field::Null => diagnostics.push(null_element(path, attribute)),
            Field::Unknown => {}
            Field::Known(value) => {
                if let Some(reason) = label_value_error(value) {
                    diagnostics.push(Diagnostic::attribute_error(
                        path,
                        "Invalid label",
                        format!(
                            "The value of a label must be at most 63 lowercase letters, letters without case, digits, _ \
                             and -, got {}: {reason}. Use for example {}.",
                            quoted(value),
                            quoted(&labels::label_value(value)),
                        ),
                    ));
                }
            }
        }
    }
}

/// An element of a list or map without a value.
pub fn null_element(path: Path, attribute: &str) -> Diagnostic {
    let detail = format!(
        "Every element of {attribute} needs a value. {path} is null. Give it one, or leave the element out."
    );
    Diagnostic::attribute_error(path, "Element without a value", detail)
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
