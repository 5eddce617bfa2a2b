//! What another configuration does to a job: changed in place, replaced, protected, or left alone.

use serde_json::json;

use super::{RENDER, cloud, with_job};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_may_change_is_changed_in_place() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "job = { task_count = 10 }");
    terraform.apply().succeeds();
    let before = terraform.state(RENDER);
    for (change, path, now) in [
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
            .says("0 added, 1 changed, 0 destroyed");
        let job = cloud.job("render").expect("the job still exists");
        let got = job.pointer(path).cloned().unwrap_or_default();
        // The API leaves out a number that is zero.
        assert!(
            got == now || (got.is_null() && now == json!(0)),
            "{path} is {got} and not {now} in {job:#}"
        );
        terraform.has_nothing_to_do();
    }
    let after = terraform.state(RENDER);
    assert_eq!(after["uid"], before["uid"], "it is the same job");
    assert!(after["generation"].as_i64() > before["generation"].as_i64());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn another_name_or_place_means_another_job() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let first = terraform.state(RENDER)["uid"].clone();

    terraform.write("main.tf", &super::job(r#"location = "europe-west4""#));
    let plan = terraform.planned();
    let change = &plan["resource_changes"][0];
    assert_eq!(change["change"]["actions"], json!(["delete", "create"]));
    assert_eq!(change["change"]["replace_paths"], json!([["location"]]));
    terraform
        .apply()
        .succeeds()
        .says("1 added, 0 changed, 1 destroyed");
    assert_ne!(terraform.state(RENDER)["uid"], first);
    assert_eq!(cloud.jobs().len(), 1, "the old one is gone");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_protected_job_is_neither_destroyed_nor_replaced() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "deletion_protection = true");
    terraform.apply().succeeds();
    cloud.clear_requests();
    terraform
        .run(&["plan", "-destroy"])
        .fails_with("Job is protected from deletion");
    terraform.destroy().fails_with("set deletion_protection = false");
    terraform.write(
        "main.tf",
        &super::job("deletion_protection = true\n location = \"europe-west4\""),
    );
    terraform.apply().fails_with("would have it replaced");
    let writes: Vec<_> = cloud
        .requests()
        .into_iter()
        .filter(|request| request.is_write())
        .collect();
    assert!(writes.is_empty(), "{writes:?}");

    // What a plan cannot see, the apply refuses.
    terraform.write("main.tf", &super::job("deletion_protection = true"));
    let uid = cloud.job("render").expect("the job")["uid"].clone();
    terraform
        .run(&[
            "apply",
            "-auto-approve",
            "-input=false",
            &format!("-replace={RENDER}"),
        ])
        .fails_with("Job is protected from deletion");
    terraform.run(&["taint", RENDER]).succeeds();
    terraform.apply().fails_with("terraform untaint");
    assert_eq!(cloud.job("render").expect("the job")["uid"], uid);
    terraform.run(&["untaint", RENDER]).succeeds();
    terraform.has_nothing_to_do();

    terraform.write("main.tf", &super::job(""));
    terraform.apply().succeeds();
    terraform.destroy().succeeds();
    assert!(cloud.job("render").is_none());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn protection_begins_with_the_first_good_creation() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "deletion_protection = true");
    cloud.arm("operation-error", 1);
    terraform.apply().fails_with("Could not create the job");
    terraform
        .apply()
        .succeeds()
        .says("1 added, 0 changed, 1 destroyed");
    terraform.has_nothing_to_do();
    terraform.destroy().fails_with("Job is protected from deletion");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_resource_that_moves_in_the_configuration_moves_nothing_at_google() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    cloud.clear_requests();
    let moved = format!("moved {{\n  from = {RENDER}\n  to = facets_gpu_cloudrun_job.renamed\n}}\n");
    terraform.write(
        "main.tf",
        &(super::job("").replace("\"render\" {", "\"renamed\" {") + &moved),
    );
    terraform
        .apply()
        .succeeds()
        .says("0 added, 0 changed, 0 destroyed");
    assert_eq!(cloud.writes(), [""; 0]);
    assert!(terraform.state_of("facets_gpu_cloudrun_job.renamed").is_some());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn changes_that_are_terraforms_own_ask_google_for_nothing() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    cloud.clear_requests();
    terraform.write(
        "main.tf",
        &super::job("deletion_protection = true\n timeouts = { create = \"1h\" }"),
    );
    terraform
        .apply()
        .succeeds()
        .says("0 added, 1 changed, 0 destroyed");
    let writes: Vec<_> = cloud
        .requests()
        .into_iter()
        .filter(|request| request.is_write())
        .collect();
    assert!(writes.is_empty(), "{writes:?}");
    terraform.has_nothing_to_do();
}
