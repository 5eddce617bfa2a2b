//! Secrets are not printed or stored, and the provider logs nothing by default.

use std::fs;

use super::{init_job, setup};
use crate::harness::TOKEN;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn token_is_not_stored_or_logged() {
    let (emulator, mut terraform) = setup();
    terraform.unset("GOOGLE_OAUTH_ACCESS_TOKEN");
    terraform.set("TF_VAR_token", TOKEN);
    terraform.set("TF_LOG", "TRACE");
    terraform.set("TF_LOG_PATH", "trace.log");
    terraform.write(
        "provider.tf",
        "variable \"token\" {\n  type = string\n  sensitive = true\n}\n\nprovider \"facets\" {\n  access_token = var.token\n}\n",
    );
    // One request is retried and one is denied, because errors may reveal secrets.
    init_job(&terraform, "");
    emulator.inject_fault("rate-limited", 1);
    let apply = terraform.apply().succeeds();
    emulator.inject_fault("permission-denied", 100);
    let denied = terraform.plan(&[]);
    emulator.clear_faults();

    let log = fs::read_to_string(terraform.folder().join("trace.log")).expect("the log");
    assert!(log.contains("facets"), "the provider did not log");
    assert!(
        !log.contains(TOKEN),
        "the token is in the log: {}",
        line_before(&log, TOKEN)
    );
    assert!(
        !terraform.state_file().contains(TOKEN),
        "the token is in the state"
    );
    for run in [apply, denied] {
        assert!(
            !run.output().contains(TOKEN),
            "the token is in the output of {}",
            run.command
        );
    }
    // Terraform itself stores its variables in a plan, but the job must not contain them.
    let plan = terraform.plan_json();
    for part in ["planned_values", "prior_state", "resource_changes"] {
        assert!(!plan[part].to_string().contains(TOKEN), "the token is in {part}");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn provider_logs_nothing_by_default() {
    let (_emulator, terraform) = setup();
    init_job(&terraform, "");
    let run = terraform.apply().succeeds();
    assert_eq!(run.stderr, "");
    for word in ["[DEBUG]", "[INFO]", "[TRACE]", "@level", "tf_rpc"] {
        assert!(!run.stdout.contains(word), "{run}");
    }
}

/// The part of a line before a secret.
fn line_before<'a>(text: &'a str, secret: &str) -> &'a str {
    let end = text.find(secret).unwrap_or_default();
    let start = text[..end].rfind('\n').map_or(0, |at| at + 1);
    &text[start..end]
}
