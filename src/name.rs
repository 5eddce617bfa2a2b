//! Names and labels made from what a platform knows: its environment, its instance, its cloud tags.
//!
//! Cleaning never makes two different names the same: whatever is changed on the way gets a hash of the
//! whole as it was.

use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Makes a job id out of text: lower-case letters, digits and hyphens, a letter first, no hyphen last, at
/// most [`JOB_ID_LENGTH`] characters. Text that is a job id already stays as it is.
pub fn job_id(text: &str) -> String {
    if is_job_id(text) {
        return text.to_owned();
    }
    let mut cleaned = String::new();
    for c in text.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => cleaned.push(c),
            // Runs of what is not allowed become one hyphen.
            _ if !cleaned.ends_with('-') => cleaned.push('-'),
            _ => {}
        }
    }
    let mut cleaned = cleaned.trim_matches('-');
    let prefix = if cleaned.starts_with(|c: char| c.is_ascii_alphabetic()) {
        ""
    } else {
        "job-"
    };
    cleaned = &cleaned[..cleaned.len().min(JOB_ID_LENGTH - prefix.len() - 1 - HASH_LENGTH)];
    let cleaned = cleaned.trim_end_matches('-');
    let separator = if cleaned.is_empty() { "" } else { "-" };
    format!("{prefix}{cleaned}{separator}{}", hash(text))
}

/// Whether text is a job id.
pub fn is_job_id(text: &str) -> bool {
    text.len() <= JOB_ID_LENGTH
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// Finds the label's key for each tag's key, by label.
///
/// When two tags clean to one key, the tag whose key needed no cleaning wins; of several that needed it,
/// the one that sorts first.
pub fn label_keys<'a>(tags: impl Iterator<Item = &'a String>) -> BTreeMap<String, &'a String> {
    let (kept, mut changed): (Vec<_>, Vec<_>) = tags.partition(|key| label_key(key) == **key);
    changed.sort();
    let mut labels = BTreeMap::new();
    for key in kept.into_iter().chain(changed) {
        labels.entry(label_key(key)).or_insert(key);
    }
    labels
}

/// Makes a label's key: a lower-case letter first, then lower-case letters, digits, `_` and `-`.
pub fn label_key(text: &str) -> String {
    let cleaned = clean_label(text);
    let prefix = if cleaned.starts_with(|c: char| c.is_ascii_lowercase()) {
        ""
    } else {
        "x-"
    };
    format!("{prefix}{cleaned}").chars().take(LABEL_LENGTH).collect()
}

/// Makes a label's value: lower-case letters, digits, `_` and `-`; it may be empty.
pub fn label_value(text: &str) -> String {
    clean_label(text).chars().take(LABEL_LENGTH).collect()
}

/// What is wrong with a label's key, if anything.
pub fn label_key_fault(key: &str) -> Option<&'static str> {
    if !key.starts_with(is_label_letter) {
        return Some("it does not start with such a letter");
    }
    label_value_fault(key)
}

/// What is wrong with a label's value, if anything.
pub fn label_value_fault(value: &str) -> Option<&'static str> {
    if value.chars().count() > LABEL_LENGTH {
        return Some("it is longer than 63 characters");
    }
    let allowed = |c: char| c == '_' || c == '-' || c.is_numeric() || is_label_letter(c);
    (!value.chars().all(allowed)).then_some("it has other characters")
}

/// Lower-case letters, and those of scripts without case.
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

fn hash(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .take(HASH_LENGTH / 2)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The longest id of a Cloud Run job.
pub const JOB_ID_LENGTH: usize = 63;
/// The longest key or value of a label: <https://cloud.google.com/resource-manager/docs/labels-overview>.
pub const LABEL_LENGTH: usize = 63;
/// The most labels on one resource, from the same page.
pub const LABEL_COUNT: usize = 64;
/// Hexadecimal digits: enough that two names of one project do not meet by chance.
const HASH_LENGTH: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn good_names_stay_and_others_are_cleaned() {
        assert_eq!(job_id("demo-my-video-processor"), "demo-my-video-processor");
        assert_eq!(job_id("Demo_Video.Processor"), "demo-video-processor-db051680");
        assert_eq!(job_id("9lives"), "job-9lives-bc867356");
        assert_eq!(job_id(""), "job-e3b0c442");
        assert_eq!(job_id(&"long-".repeat(20)).len(), JOB_ID_LENGTH);
    }

    #[test]
    fn tags_become_labels_and_chance_decides_nothing() {
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
        fn every_name_is_a_job_id_and_no_two_meet(one in "\\PC{0,80}", other in "\\PC{0,80}", plain in "[A-Za-z0-9_.-]{0,80}") {
            for text in [&one, &other, &plain] {
                prop_assert!(is_job_id(&job_id(text)), "{text:?} became {:?}", job_id(text));
            }
            prop_assert_eq!(job_id(&one) == job_id(&other), one == other);
            prop_assert_eq!(job_id(&plain) == job_id(&plain.to_uppercase()), plain == plain.to_uppercase());
        }

        #[test]
        fn every_label_obeys_googles_rules(key in "\\PC{0,80}", value in "\\PC{0,80}") {
            prop_assert_eq!(label_key_fault(&label_key(&key)), None);
            prop_assert_eq!(label_value_fault(&label_value(&value)), None);
        }
    }
}
