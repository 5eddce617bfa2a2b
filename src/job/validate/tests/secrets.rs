//! Names and versions of secrets.

use super::{config, fails, passes};
use crate::job::model::Job;

/// In variables and in the items of a volume.
#[test]
fn secret_version_is_latest_number_or_alias() {
    let alias = format!("a{}", "-".repeat(62));
    for (template, at) in [
        (
            r#"{"secrets": [{"env_var": "A", "secret_name": "a", "version": …}]}"#,
            "secrets[0]",
        ),
        (SECRET_FILE, "volumes[0].secret.items[0]"),
    ] {
        let valid = format!(
            r#"
                "latest"
                "1"
                "10"
                "99999999999999999999"
                "prod"
                "Blue_2-x"
                "v0"
                "?"
                "{alias}"
            "#
        );
        passes(template, &valid);
        let invalid = format!(
            r#"
                "0"
                "00"
                "01"
                "-1"
                "+1"
                "1.0"
                "1a"
                "_a"
                "-a"
                ""
                " 1"
                "é"
                "versions/1"
                "{alias}x"
            "#
        );
        fails(
            &format!("error at {at}.version: Invalid secret version"),
            template,
            &invalid,
        );
    }
}

/// In variables and volumes, short and in a full name.
#[test]
fn secret_name_length_is_limited() {
    for (length, is_valid) in [(255, true), (256, false), (300, false)] {
        for prefix in ["", "projects/p/secrets/"] {
            let name = format!("{prefix}{}", "s".repeat(length));
            let changes = format!(
                r#"{{"secrets": [{{"env_var": "A", "secret_name": "{name}"}}],
                    "container": {{"image": "i", "volume_mounts": [{{"name": "k", "mount_path": "/k"}}]}},
                    "volumes": [{{"name": "k", "secret": {{"secret": "{name}"}}}}]}}"#
            );
            let errors = super::super::validate(&Job::read(&config(&changes)));
            assert_eq!(errors.len(), if is_valid { 0 } else { 2 }, "{errors:?}");
            assert!(
                errors.iter().all(|error| error.summary == "Invalid secret name"),
                "{errors:?}"
            );
        }
    }
}

/// A job with a secret of this version as a file.
const SECRET_FILE: &str = r#"{
    "container": {"image": "i", "volume_mounts": [{"name": "k", "mount_path": "/k"}]},
    "volumes": [{"name": "k", "secret": {"secret": "s", "items": [{"path": "a", "version": …}]}}]
}"#;
