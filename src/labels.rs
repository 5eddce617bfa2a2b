//! Labels and annotations of jobs: the rules of the API, and how to make labels of other text.

use std::collections::BTreeMap;

use cloud_run::reserved_namespace;
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::{Field, Path};

/// Labels or annotations in a configuration: each value may be unknown.
pub type Labels = BTreeMap<String, Field<String>>;

/// The annotation with the ID of the create call.
pub const CREATION_ANNOTATION: &str = "terraform-provider-facets-gpu/creation-id";

/// The keys of tags, by the keys of their labels.
///
/// Of several tags for one label, a tag whose key is a label's key wins; otherwise the first one in sort order.
pub fn label_keys<'a>(tags: impl Iterator<Item = &'a String>) -> BTreeMap<String, &'a String> {
    let (valid, mut invalid): (Vec<_>, Vec<_>) = tags.partition(|key| label_key(key) == **key);
    invalid.sort();
    let mut labels = BTreeMap::new();
    for key in valid.into_iter().chain(invalid) {
        labels.entry(label_key(key)).or_insert(key);
    }
    labels
}

/// Makes the key of a label: a lowercase letter, then lowercase letters, digits, `_` and `-`.
pub fn label_key(text: &str) -> String {
    let cleaned = clean_label(text);
    let prefix = if cleaned.starts_with(|c: char| c.is_ascii_lowercase()) {
        ""
    } else {
        "x-"
    };
    format!("{prefix}{cleaned}").chars().take(LABEL_LENGTH).collect()
}

/// Makes the value of a label: lowercase letters, digits, `_` and `-`; it may be empty.
pub fn label_value(text: &str) -> String {
    clean_label(text).chars().take(LABEL_LENGTH).collect()
}

/// Whether text is the key of a label.
pub fn is_label_key(key: &str) -> bool {
    key.starts_with(is_label_letter) && is_label_value(key)
}

/// Whether text is the value of a label.
pub fn is_label_value(value: &str) -> bool {
    let allowed = |c: char| c == '_' || c == '-' || c.is_numeric() || is_label_letter(c);
    value.chars().count() <= LABEL_LENGTH && value.chars().all(allowed)
}

/// Lowercase letters, and those of scripts without case.
fn is_label_letter(c: char) -> bool {
    c.is_alphabetic() && !c.is_uppercase()
}

fn clean_label(text: &str) -> String {
    let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
    text.to_lowercase()
        .chars()
        .map(|c| if allowed(c) { c } else { '-' })
        .collect()
}

/// Whether a label or annotation is set by Google's tools, by Cloud Run or by this provider.
pub fn is_system_key(key: &str) -> bool {
    key.starts_with("goog-") || reserved_namespace(key).is_some() || key == CREATION_ANNOTATION
}

/// The error of the key of an annotation.
pub fn annotation_key_error(key: &str) -> Option<Diagnostic> {
    let (must, fix) = if key.is_empty() {
        (
            "have a key that is not empty".to_owned(),
            "For example: \"example.com/team\".",
        )
    } else if key == CREATION_ANNOTATION {
        (
            "not have a key that the provider sets itself".to_owned(),
            "Remove it.",
        )
    } else {
        let namespace = reserved_namespace(key)?;
        (
            format!("have a key outside {namespace}, which Cloud Run reserves"),
            "Use the corresponding attribute of this resource instead.",
        )
    };
    let error = InvalidValue {
        path: Path::attribute("annotations").key(key),
        must,
        got: quoted(key),
        fix: fix.into(),
    };
    Some(error.error("Invalid annotation"))
}

/// The page with the limits of labels.
pub const LABELS_URL: &str = "https://cloud.google.com/resource-manager/docs/labels-overview";
/// The longest key or value of a label.
pub const LABEL_LENGTH: usize = 63;
/// The most labels on one resource.
pub const LABEL_COUNT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_become_labels_deterministically() {
        let tags = ["FacetsControlPlane", "a.b", "a-b", "A b", "9"].map(str::to_owned);
        let expected = [
            ("a-b", "a-b"),
            ("facetscontrolplane", "FacetsControlPlane"),
            ("x-9", "9"),
        ];
        let labels: Vec<_> = label_keys(tags.iter())
            .into_iter()
            .map(|(label, tag)| (label, tag.clone()))
            .collect();
        assert_eq!(
            labels,
            expected.map(|(label, tag)| (label.to_owned(), tag.to_owned()))
        );
        assert_eq!(
            label_value("demo.console.facets.cloud"),
            "demo-console-facets-cloud"
        );
    }

    proptest! {
        #[test]
        fn cleaned_labels_are_valid(key in "\\PC{0,80}", value in "\\PC{0,80}") {
            prop_assert!(is_label_key(&label_key(&key)));
            prop_assert!(is_label_value(&label_value(&value)));
        }
    }
}
