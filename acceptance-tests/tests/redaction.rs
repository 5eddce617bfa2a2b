//! What nobody may read, and what nobody needs to.

use std::fs;

use super::{cloud, with_job};
use crate::harness::TOKEN;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_token_is_in_no_plan_no_state_and_no_log() {
    let (cloud, mut terraform) = cloud();
    terraform.unset("GOOGLE_OAUTH_ACCESS_TOKEN");
    terraform.set("TF_VAR_token", TOKEN);
    terraform.set("TF_LOG", "TRACE");
    terraform.set("TF_LOG_PATH", "trace.log");
    terraform.write(
        "provider.tf",
        "variable \"token\" {\n  type = string\n  sensitive = true\n}\n\nprovider \"facets\" {\n  access_token = var.token\n}\n",
    );
    // One request is tried again and one is refused: errors are where secrets slip out.
    with_job(&terraform, "");
    cloud.arm("rate-limited", 1);
    let apply = terraform.apply().succeeds();
    cloud.arm("permission-denied", 100);
    let refused = terraform.plan(&[]);
    cloud.disarm();

    let log = fs::read_to_string(terraform.folder().join("trace.log")).expect("the log");
    assert!(log.contains("facets"), "the provider logs at this level");
    assert!(
        !log.contains(TOKEN),
        "the token is in the log: {}",
        around(&log, TOKEN)
    );
    assert!(
        !terraform.state_file().contains(TOKEN),
        "the token is in the state"
    );
    for run in [apply, refused] {
        assert!(
            !run.words().contains(TOKEN),
            "the token is in the output of {}",
            run.command
        );
    }
    // Terraform itself stores its variables in a plan, but nothing of the job may hold one.
    let plan = terraform.planned();
    for part in ["planned_values", "prior_state", "resource_changes"] {
        assert!(!plan[part].to_string().contains(TOKEN), "the token is in {part}");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn without_tf_log_the_provider_is_silent() {
    let (_cloud, terraform) = cloud();
    with_job(&terraform, "");
    let run = terraform.apply().succeeds();
    assert_eq!(run.stderr, "");
    for word in ["[DEBUG]", "[INFO]", "[TRACE]", "@level", "tf_rpc"] {
        assert!(!run.stdout.contains(word), "{run}");
    }
}

/// What stands before a secret that should not be there, without the secret itself.
fn around<'a>(text: &'a str, secret: &str) -> &'a str {
    let end = text.find(secret).unwrap_or_default();
    let start = text[..end].rfind('\n').map_or(0, |at| at + 1);
    &text[start..end]
}
