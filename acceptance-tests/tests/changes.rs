//! The effect of configuration changes: update in place, replacement, deletion protection, no change.

use serde_json::json;

use super::{RENDER, init_job, setup};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn mutable_attributes_update_in_place() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "job = { task_count = 10 }");
    terraform.apply().succeeds();
    let before = terraform.state(RENDER);
    for (change, path, expected) in [
        (
            r#"resources = { cpu = "24", memory = "96Gi" }"#,
            "/template/template/containers/0/resources/limits/cpu",
            json!("24"),
        ),
        (
            r#"job = { max_retries = 0 }"#,
            "/template/template/maxRetries",
            json!(0),
        ),
        (
            r#"env = { EMPTY = "" }"#,
            "/template/template/containers/0/env/0/name",
            json!("EMPTY"),
        ),
        (r#"labels = { team = "media" }"#, "/labels/team", json!("media")),
        (
            r#"annotations = { "acme.example/owner" = "ada" }"#,
            "/annotations/acme.example~1owner",
            json!("ada"),
        ),
    ] {
        terraform.write("main.tf", &super::job(change));
        terraform
            .apply()
            .succeeds()
            .prints("0 added, 1 changed, 0 destroyed");
        let job = emulator.job("render").expect("the job exists");
        let actual = job.pointer(path).cloned().unwrap_or_default();
        // The API omits a number that is zero.
        assert!(
            actual == expected || (actual.is_null() && expected == json!(0)),
            "{path} is {actual}, expected {expected}: {job:#}"
        );
        terraform.assert_no_changes();
    }
    let after = terraform.state(RENDER);
    assert_eq!(after["uid"], before["uid"], "the job was replaced");
    assert!(after["generation"].as_i64() > before["generation"].as_i64());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn changed_location_replaces_job() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    let first = terraform.state(RENDER)["uid"].clone();

    terraform.write("main.tf", &super::job(r#"location = "europe-west4""#));
    let plan = terraform.plan_json();
    let change = &plan["resource_changes"][0];
    assert_eq!(change["change"]["actions"], json!(["delete", "create"]));
    assert_eq!(change["change"]["replace_paths"], json!([["location"]]));
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 0 changed, 1 destroyed");
    assert_ne!(terraform.state(RENDER)["uid"], first);
    assert_eq!(emulator.jobs().len(), 1, "the old job still exists");
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn deletion_protection_blocks_destroy_and_replace() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "deletion_protection = true");
    terraform.apply().succeeds();
    emulator.clear_requests();
    terraform
        .run(&["plan", "-destroy"])
        .fails_with("Deletion protection enabled");
    terraform
        .destroy()
        .fails_with("cannot be destroyed. Set it to false and apply first.");
    terraform.write(
        "main.tf",
        &super::job("deletion_protection = true\n location = \"europe-west4\""),
    );
    terraform.apply().fails_with("cannot be replaced");
    let writes: Vec<_> = emulator
        .requests()
        .into_iter()
        .filter(|request| request.is_write())
        .collect();
    assert!(writes.is_empty(), "{writes:?}");

    // Only the apply can detect these.
    terraform.write("main.tf", &super::job("deletion_protection = true"));
    let uid = emulator.job("render").expect("the job")["uid"].clone();
    terraform
        .run(&[
            "apply",
            "-auto-approve",
            "-input=false",
            &format!("-replace={RENDER}"),
        ])
        .fails_with("Deletion protection enabled");
    terraform.run(&["taint", RENDER]).succeeds();
    terraform.apply().fails_with("terraform untaint");
    assert_eq!(emulator.job("render").expect("the job")["uid"], uid);
    terraform.run(&["untaint", RENDER]).succeeds();
    terraform.assert_no_changes();

    terraform.write("main.tf", &super::job(""));
    terraform.apply().succeeds();
    terraform.destroy().succeeds();
    assert!(emulator.job("render").is_none());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn failed_create_is_not_protected() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "deletion_protection = true");
    emulator.inject_fault("operation-error", 1);
    terraform.apply().fails_with("Job creation failed");
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 0 changed, 1 destroyed");
    terraform.assert_no_changes();
    terraform.destroy().fails_with("Deletion protection enabled");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn moved_address_sends_no_request() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    emulator.clear_requests();
    let moved = format!("moved {{\n  from = {RENDER}\n  to = facets_gpu_cloudrun_job.renamed\n}}\n");
    terraform.write(
        "main.tf",
        &(super::job("").replace("\"render\" {", "\"renamed\" {") + &moved),
    );
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 0 changed, 0 destroyed");
    assert_eq!(emulator.writes(), [""; 0]);
    assert!(terraform.state_of("facets_gpu_cloudrun_job.renamed").is_some());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn provider_only_attributes_send_no_request() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    emulator.clear_requests();
    terraform.write(
        "main.tf",
        &super::job("deletion_protection = true\n timeouts = { create = \"1h\" }"),
    );
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 1 changed, 0 destroyed");
    let writes: Vec<_> = emulator
        .requests()
        .into_iter()
        .filter(|request| request.is_write())
        .collect();
    assert!(writes.is_empty(), "{writes:?}");
    terraform.assert_no_changes();
}
