//! Rules about the encryption key and the Binary Authorization policy.

use crate::job::model::Job;
use crate::job::resource_name::{self, KEY};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::{Field, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(key) = job.encryption_key.known() {
        encryption_key(key, diagnostics);
    }
    binary_authorization(job, diagnostics);
}

fn encryption_key(key: &str, diagnostics: &mut Vec<Diagnostic>) {
    if resource_name::matches(key, KEY, is_segment) {
        return;
    }
    let fix = match key.split_once("/cryptoKeyVersions/") {
        Some((key, _)) => format!(
            "Use {} without the version, which Cloud KMS selects.",
            quoted(key)
        ),
        None => "For example: google_kms_crypto_key.example.id.".to_owned(),
    };
    let error = InvalidValue {
        path: Path::attribute("encryption_key"),
        must: "be a Cloud KMS key of the form \"projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY\"".into(),
        got: quoted(key),
        fix,
    };
    diagnostics.push(error.error("Invalid encryption key"));
}

fn binary_authorization(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let Some(given) = job.binary_authorization.known() else {
        return;
    };
    let path = Path::attribute("binary_authorization");
    if let Some(policy) = given.policy.known() {
        if !is_policy(policy) {
            let error = InvalidValue {
                path: path.clone().key("policy"),
                must: "have the form \"projects/PROJECT/platforms/cloudRun/policies/POLICY\"".into(),
                got: quoted(policy),
                fix: "For the policy of the project, set use_default = true instead.".into(),
            };
            diagnostics.push(error.error("Invalid Binary Authorization policy"));
        }
        if given.use_default == Field::Known(true) {
            let error = InvalidValue {
                path: path.key("policy"),
                must: "not be set together with binary_authorization.use_default".into(),
                got: format!("{} and true", quoted(policy)),
                fix: "Remove one of them.".into(),
            };
            diagnostics.push(error.error("Conflicting Binary Authorization policies"));
        }
    } else if given.policy.is_null() && matches!(given.use_default, Field::Null | Field::Known(false)) {
        let error = InvalidValue {
            path,
            must: "have use_default = true or a policy".into(),
            got: "neither".into(),
            fix: "For example: use_default = true.".into(),
        };
        diagnostics.push(error.error("Missing Binary Authorization policy"));
    }
}

/// The API documentation omits "policies", while policies have it in their names.
fn is_policy(text: &str) -> bool {
    let patterns = [
        "projects/*/platforms/cloudRun/policies/*",
        "projects/*/platforms/cloudRun/*",
    ];
    patterns
        .iter()
        .any(|pattern| resource_name::matches(text, pattern, is_segment))
}

fn is_segment(segment: &str) -> bool {
    !segment.is_empty() && !segment.chars().any(|c| c.is_whitespace() || c.is_control())
}
