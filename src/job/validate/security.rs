//! Rules about the encryption key and the Binary Authorization policy.

use crate::job::model::Job;
use crate::job::resource_name::{self, KEY};
use terraform_plugin::diagnostic::{Diagnostic, quoted};
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
    let version = key.split_once("/cryptoKeyVersions/");
    let fix = version.map_or_else(
        || "Take the id of the key from \"gcloud kms keys list\", or from google_kms_crypto_key".to_owned(),
        |(key, _)| format!("Take out the version, which Cloud KMS chooses: {}", quoted(key)),
    );
    diagnostics.push(Diagnostic::attribute_error(
        Path::attribute("encryption_key"),
        "Invalid encryption key",
        format!(
            "encryption_key is a key of Cloud KMS: \"projects/P/locations/L/keyRings/R/cryptoKeys/K\". It is {}. \
             {fix}.",
            quoted(key)
        ),
    ));
}

fn binary_authorization(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let Some(given) = job.binary_authorization.known() else {
        return;
    };
    let path = |name| Path::attribute("binary_authorization").key(name);
    let use_default = given.use_default == Field::Known(true);
    if let Some(policy) = given.policy.known() {
        // The API documentation omits "policies", while policies have it in their names.
        let patterns = [
            "projects/*/platforms/cloudRun/policies/*",
            "projects/*/platforms/cloudRun/*",
        ];
        if !patterns
            .iter()
            .any(|pattern| resource_name::matches(policy, pattern, is_segment))
        {
            diagnostics.push(Diagnostic::attribute_error(
                path("policy"),
                "Invalid policy",
                format!(
                    "binary_authorization.policy is a policy for Cloud Run: \"projects/P/platforms/cloudRun/policies/N\". \
                     It is {}. For the policy of the project set use_default = true instead.",
                    quoted(policy)
                ),
            ));
        }
        if use_default {
            diagnostics.push(Diagnostic::attribute_error(
                path("policy"),
                "Two policies",
                format!(
                    "One policy decides whether an image may run. binary_authorization has use_default = true, and policy \
                     = {}. Take out one of them.",
                    quoted(policy)
                ),
            ));
        }
    }
    let neither = given.policy.is_null() && matches!(given.use_default, Field::Null | Field::Known(false));
    if neither {
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("binary_authorization"),
            "Binary Authorization without a policy",
            "binary_authorization says which policy decides whether an image may run. It has neither use_default = true \
             nor a policy. Set one of them, or leave binary_authorization out.",
        ));
    }
}

fn is_segment(segment: &str) -> bool {
    !segment.is_empty() && !segment.chars().any(|c| c.is_whitespace() || c.is_control())
}
