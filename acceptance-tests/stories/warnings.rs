//! What the contract of the module allows and Google is reported to refuse: a warning, never an error, and
//! when Google does refuse it, Google's own words.

use serde_json::Value;

use super::{RENDER, cloud, job, terraform, with_job};
use crate::harness::Emulator;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_google_may_refuse_is_a_warning_at_its_line_with_its_source() {
    for (arguments, code, summary) in [
        (
            r#"resources = { cpu = "32" }"#,
            r#"cpu = "32""#,
            "Google may refuse this number of vCPUs",
        ),
        (
            r#"resources = { memory = "128Gi" }"#,
            r#"memory = "128Gi""#,
            "Google may refuse this amount of memory",
        ),
        (
            r#"job = { task_timeout = "168h" }"#,
            r#"task_timeout = "168h""#,
            "Google may refuse this task timeout",
        ),
        (
            "job = { task_count = 2, parallelism = 3 }",
            "parallelism = 3",
            "More parallelism than tasks",
        ),
    ] {
        let terraform = terraform();
        with_job(&terraform, arguments);
        let told = terraform.validate();
        assert_eq!(told["valid"], true, "{told:#}");
        let warnings: Vec<&Value> = told["diagnostics"].as_array().into_iter().flatten().collect();
        assert_eq!(warnings.len(), 1, "{told:#}");
        assert_eq!(warnings[0]["severity"], "warning");
        assert_eq!(warnings[0]["summary"], summary);
        let line = warnings[0]["snippet"]["code"].as_str().unwrap_or_default();
        assert!(line.contains(code), "it points at {line:?} and not at {code:?}");
        let detail = warnings[0]["detail"].as_str().unwrap_or_default();
        assert!(
            !summary.starts_with("Google") || detail.contains("Source: "),
            "{detail}"
        );
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_refusal_of_googles_is_told_in_its_words() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, r#"resources = { cpu = "32", memory = "128Gi" }"#);
    terraform.apply().fails_with("400").says("cpu");
    assert_eq!(terraform.state_of(RENDER), None);
    assert!(cloud.jobs().is_empty());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_google_takes_after_all_is_applied() {
    let cloud = Emulator::with(&["--rules", "permissive", "--operation-time", "50ms"]);
    let terraform = terraform().against(&cloud);
    with_job(&terraform, r#"resources = { cpu = "32", memory = "128Gi" }"#);
    terraform.apply().succeeds().says("Warning");
    terraform.write("main.tf", &job(r#"job = { task_timeout = "168h" }"#));
    terraform.apply().succeeds().says("1 changed");
    terraform.has_nothing_to_do();
}
