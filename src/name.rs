//! IDs of jobs, and how to make one of other text.

use sha2::{Digest as _, Sha256};

/// Makes a job ID of text: lowercase letters, digits and hyphens, a letter first, no hyphen last, at most [`JOB_ID_LENGTH`]
/// characters. A job ID is unchanged; anything else gets a hash of the text, so that different texts have different IDs.
pub fn job_id(text: &str) -> String {
    if is_job_id(text) {
        return text.to_owned();
    }
    let cleaned = clean(text, JOB_ID_LENGTH - HASH_LENGTH - 1);
    format!("{cleaned}-{}", hash(text))
}

/// A job ID similar to the text, for a message.
pub fn similar_job_id(text: &str) -> String {
    clean(text, JOB_ID_LENGTH)
}

fn clean(text: &str, max_length: usize) -> String {
    let mut cleaned = String::new();
    for c in text.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => cleaned.push(c),
            // A run of other characters becomes one hyphen.
            _ if !cleaned.ends_with('-') => cleaned.push('-'),
            _ => {}
        }
    }
    let cleaned = cleaned.trim_matches('-');
    let prefix = if cleaned.starts_with(|c: char| c.is_ascii_alphabetic()) {
        ""
    } else {
        "job-"
    };
    let mut cleaned = format!("{prefix}{cleaned}");
    cleaned.truncate(max_length);
    cleaned.trim_end_matches('-').to_owned()
}

/// Whether text is a job ID.
pub fn is_job_id(text: &str) -> bool {
    text.len() <= JOB_ID_LENGTH
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn hash(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .take(HASH_LENGTH / 2)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The longest ID of a Cloud Run job.
pub const JOB_ID_LENGTH: usize = 63;
/// Hexadecimal digits: enough to make a collision within a project unlikely.
const HASH_LENGTH: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn job_ids_stay_and_other_text_is_cleaned() {
        assert_eq!(job_id("demo-my-video-processor"), "demo-my-video-processor");
        assert_eq!(job_id("Demo_Video.Processor"), "demo-video-processor-db051680");
        assert_eq!(job_id("9lives"), "job-9lives-bc867356");
        assert_eq!(job_id(""), "job-e3b0c442");
        assert_eq!(job_id(&"long-".repeat(20)).len(), JOB_ID_LENGTH);
        assert_eq!(similar_job_id("Demo_"), "demo");
        assert_eq!(similar_job_id(""), "job");
    }

    proptest! {
        #[test]
        fn every_text_has_a_job_id_of_its_own(one in "\\PC{0,80}", other in "\\PC{0,80}", plain in "[A-Za-z0-9_.-]{0,80}") {
            for text in [&one, &other, &plain] {
                for id in [job_id(text), similar_job_id(text)] {
                    prop_assert!(is_job_id(&id), "{text:?} became {id:?}");
                }
            }
            prop_assert_eq!(job_id(&one) == job_id(&other), one == other);
            prop_assert_eq!(job_id(&plain) == job_id(&plain.to_uppercase()), plain == plain.to_uppercase());
        }

    }
}
