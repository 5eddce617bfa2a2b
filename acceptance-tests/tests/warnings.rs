//! What the contract of the module allows and Google is reported to refuse: a warning, never an error, and
//! when Google does refuse it, Google's own words.

use serde_json::Value;

use super::{IMAGE, cloud, job, terraform, with_job};
use crate::harness::{Emulator, Terraform};

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
            "job = { task_count = 2, parallelism = 3 }",
            "parallelism = 3",
            "More parallelism than tasks",
        ),
    ] {
        let terraform = terraform();
        with_job(&terraform, arguments);
        warns(&terraform, code, summary);
    }
}

/// What Cloud Run cannot pull, and a disk that it does not give.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_would_fail_after_the_plan_is_a_warning_at_its_line() {
    for (image, summary) in [
        ("nvcr.io/nvidia/pytorch:24.01-py3", "Unsupported image registry"),
        (
            "us-docker.pkg.dev/acme-batch/renderer:1.4",
            "Incomplete image path",
        ),
    ] {
        let terraform = terraform();
        terraform.write("main.tf", &job("").replace(IMAGE, image));
        terraform.init().succeeds();
        warns(&terraform, image, summary);
    }
    let (cloud, terraform) = cloud();
    let mounted = format!(r#"image = "{IMAGE}", volume_mounts = [{{ name = "d", mount_path = "/d" }}]"#);
    let disk = r#"volumes = [{ name = "d", empty_dir = { medium = "disk", size_limit = "9Gi" } }]"#;
    let main = job(disk).replace(&format!("image = \"{IMAGE}\""), &mounted);
    terraform.write("main.tf", &main);
    terraform.init().succeeds();
    warns(&terraform, "size_limit", "Disk volume too small");
    terraform.apply().fails_with("at least 10Gi");
    assert!(cloud.jobs().is_empty());
}

/// One warning, with its source, at this line.
fn warns(terraform: &Terraform, code: &str, summary: &str) {
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
        !(summary.starts_with("Google") || summary.ends_with("region")) || detail.contains("Source: "),
        "{detail}"
    );
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
