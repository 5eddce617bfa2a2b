//! Values that the module's contract allows but Cloud Run is reported to reject: a warning at plan, and the API's error if it does.

use serde_json::Value;

use super::{IMAGE, init_job, job, setup, terraform};
use crate::harness::{Emulator, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn reported_limits_are_warnings() {
    for (arguments, code, summary) in [
        (
            r#"resources = { cpu = "32" }"#,
            r#"cpu = "32""#,
            "Number of vCPUs may be rejected",
        ),
        (
            "job = { task_count = 2, parallelism = 3 }",
            "parallelism = 3",
            "Ineffective parallelism",
        ),
        (
            r#"job = { task_timeout = "13h" }"#,
            "13h",
            "Task timeout may be rejected",
        ),
        (
            "launch_stage = \"GA\"\n job = { task_timeout = \"2h\" }",
            "2h",
            "Task timeout may be rejected",
        ),
        (
            "job = { delay_execution = true }",
            "delay_execution",
            "Unconfirmed delay of GPU jobs",
        ),
    ] {
        let terraform = terraform();
        init_job(&terraform, arguments);
        assert_warning(&terraform, code, summary);
    }
}

/// Images that Cloud Run cannot pull, and a disk that is too small.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn likely_failures_are_warnings() {
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
        assert_warning(&terraform, image, summary);
    }
    let (emulator, terraform) = setup();
    let mounted = format!(r#"image = "{IMAGE}", volume_mounts = [{{ name = "d", mount_path = "/d" }}]"#);
    let disk = r#"volumes = [{ name = "d", empty_dir = { medium = "disk", size_limit = "9Gi" } }]"#;
    let config = job(disk).replace(&format!("image = \"{IMAGE}\""), &mounted);
    terraform.write("main.tf", &config);
    terraform.init().succeeds();
    assert_warning(&terraform, "size_limit", "Disk volume too small");
    terraform.apply().fails_with("at least 10Gi");
    assert!(emulator.jobs().is_empty());
}

/// Asserts one warning at a line, with its source.
fn assert_warning(terraform: &Terraform, code: &str, summary: &str) {
    let result = terraform.validate();
    assert_eq!(result["valid"], true, "{result:#}");
    let warnings: Vec<&Value> = result["diagnostics"].as_array().into_iter().flatten().collect();
    assert_eq!(warnings.len(), 1, "{result:#}");
    assert_eq!(warnings[0]["severity"], "warning");
    assert_eq!(warnings[0]["summary"], summary);
    let line = warnings[0]["snippet"]["code"].as_str().unwrap_or_default();
    assert!(
        line.contains(code),
        "the warning points at {line:?}, expected {code:?}"
    );
    let detail = warnings[0]["detail"].as_str().unwrap_or_default();
    assert!(
        !(summary.ends_with("may be rejected") || summary.starts_with("Unconfirmed"))
            || detail.contains("Source: "),
        "{detail}"
    );
}

/// Long timeouts and delays are previews: accepted in ALPHA and BETA, rejected in GA.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn launch_stage_decides_about_previews() {
    let (emulator, terraform) = setup();
    for (settings, error) in [
        (r#"task_timeout = "12h""#, "must be at most 3600s when using GPU"),
        ("delay_execution = true", "Launch stage may be rejected"),
    ] {
        let config = |stage: &str| job(&format!("launch_stage = \"{stage}\"\n job = {{ {settings} }}"));
        terraform.write("main.tf", &config("GA"));
        terraform.init().succeeds();
        terraform.apply().fails_with(error);
        for stage in ["ALPHA", "BETA"] {
            terraform.write("main.tf", &config(stage));
            terraform.apply().succeeds().does_not_print("may be rejected");
            terraform.assert_no_changes();
        }
    }
    assert_eq!(emulator.jobs().len(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn warned_values_apply_when_accepted() {
    let emulator = Emulator::with_flags(&["--rules", "permissive", "--operation-time", "50ms"]);
    let terraform = terraform().with_emulator(&emulator);
    init_job(&terraform, r#"resources = { cpu = "32", memory = "128Gi" }"#);
    terraform.apply().succeeds().prints("Warning");
    terraform.write("main.tf", &job(r#"job = { task_timeout = "168h" }"#));
    terraform.apply().succeeds().prints("1 changed");
    terraform.assert_no_changes();
}
