//! Google and the network on a bad day. What a user must find afterwards: one job, the truth in the state,
//! and a next apply that mends the rest.

use serde_json::json;

use super::{RENDER, cloud, job, with_job};
use crate::harness::Emulator;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_create_whose_answer_was_lost_finds_its_own_job() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    cloud.arm("create-lost-answer", 1);
    terraform.apply().succeeds().says("1 added");
    assert_eq!(cloud.jobs().len(), 1);
    assert_eq!(
        terraform.state(RENDER)["uid"],
        cloud.job("render").expect("the job")["uid"]
    );
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_may_be_tried_again_is_tried_again() {
    for fault in [
        "connection-cut",
        "rate-limited",
        "unavailable",
        "create-500",
        "create-accepted-500",
        "html-502",
        "truncated-body",
    ] {
        let (cloud, terraform) = cloud();
        with_job(&terraform, "");
        cloud.arm(fault, 1);
        let run = terraform.apply();
        assert_eq!(run.code, Some(0), "{fault}\n{run}\n{:#?}", cloud.lines());
        assert_eq!(cloud.jobs().len(), 1, "{fault}");
        terraform.has_nothing_to_do();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_name_that_is_taken_is_told_with_an_import_block() {
    let (cloud, terraform) = cloud();
    cloud.create_job(
        "render",
        &json!({ "template": { "template": { "containers": [{ "image": "gcr.io/other/i" }] } } }),
    );
    with_job(&terraform, "");
    terraform
        .apply()
        .fails_with("already exists")
        .says("import {")
        .says("projects/acme-batch/locations/us-central1/jobs/render");
    assert_eq!(
        terraform.state_of(RENDER),
        None,
        "a job of somebody else is not taken over"
    );
    let job = cloud.job("render").expect("the other's job");
    assert_eq!(
        job["template"]["template"]["containers"][0]["image"], "gcr.io/other/i",
        "nor is it changed"
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn refusals_are_told_with_the_way_out() {
    for (fault, words) in [
        ("act-as-denied", "roles/iam.serviceAccountUser"),
        ("permission-denied", "roles/run.developer"),
        ("service-agent-denied", "roles/iam.serviceAccountTokenCreator"),
        ("api-not-enabled", "gcloud services enable run.googleapis.com"),
        (
            "quota-exceeded",
            "NvidiaRtxPro6000GpuAllocNoZonalRedundancyPerProjectRegion",
        ),
        ("memory-quota-exceeded", "MemAllocPerProjectRegion"),
        ("launch-stage-refused", "Leave launch_stage out"),
        ("token-expired", "may have expired"),
        ("redirect", "HTTPS_PROXY"),
    ] {
        let (cloud, terraform) = cloud();
        with_job(&terraform, "");
        cloud.arm(fault, 10);
        let run = terraform.apply();
        assert!(
            run.code != Some(0) && run.words().contains(words),
            "{fault} should say {words}\n{run}"
        );
        assert_eq!(terraform.state_of(RENDER), None, "{fault}");
        assert!(cloud.jobs().is_empty(), "{fault}");
        cloud.disarm();
        terraform.apply().succeeds();
        terraform.has_nothing_to_do();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_that_google_could_not_finish_is_tainted_and_made_anew() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    cloud.arm("operation-error", 1);
    terraform.apply().fails_with("render");
    let first = terraform.state(RENDER)["id"].clone();
    assert_eq!(
        first, "projects/acme-batch/locations/us-central1/jobs/render",
        "what was made is in the state"
    );
    terraform.apply().succeeds();
    assert_eq!(cloud.jobs().len(), 1, "no orphan and no double");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_that_is_not_ready_is_told_with_its_reason_and_stays_in_the_state() {
    let (cloud, terraform) = cloud();
    with_job(
        &terraform,
        r#"secrets = [{ env_var = "KEY", secret_name = "no-such-key" }]"#,
    );
    cloud.arm("job-not-ready-secret", 1);
    terraform.apply().fails_with("secret");
    assert!(
        terraform.state_of(RENDER).is_some(),
        "the job exists, so the state knows it"
    );
    assert_eq!(cloud.jobs().len(), 1);
    terraform.apply().succeeds();
    assert_eq!(cloud.jobs().len(), 1, "no orphan and no double");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn oddities_of_operations_are_survived() {
    for fault in [
        "operation-done-empty",
        "operation-vanishes",
        "wait-unimplemented",
        "wait-not-found",
        "wait-returns-early",
    ] {
        let (cloud, terraform) = cloud();
        with_job(&terraform, "");
        cloud.arm(fault, 3);
        let run = terraform.apply();
        assert_eq!(run.code, Some(0), "{fault}\n{run}\n{:#?}", cloud.lines());
        cloud.disarm();
        assert_eq!(cloud.jobs().len(), 1, "{fault}");
        terraform.has_nothing_to_do();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_operation_that_never_ends_is_left_when_the_time_is_up() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, r#"timeouts = { create = "2s" }"#);
    cloud.arm("operation-never-ends", 100);
    let start = std::time::Instant::now();
    terraform.apply().fails_with("raise timeouts.create");
    assert!(
        start.elapsed().as_secs() < 60,
        "it waited far longer than it was told"
    );
    assert!(
        terraform.state_of(RENDER).is_some(),
        "what was accepted is in the state"
    );
    cloud.disarm();
    terraform.apply().succeeds();
    assert_eq!(cloud.jobs().len(), 1);
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_update_that_failed_leaves_the_truth_and_is_planned_again() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let uid = terraform.state(RENDER)["uid"].clone();
    terraform.write("main.tf", &job("job = { task_count = 9 }"));
    cloud.arm("permission-denied-on-write", 1);
    terraform.apply().fails_with("permission");
    assert_eq!(
        terraform.state(RENDER)["job"]["task_count"],
        1,
        "the state tells what is"
    );
    assert_eq!(
        terraform.plan(&[]).code,
        Some(2),
        "and the plan what is left to do"
    );
    terraform.apply().succeeds().says("1 changed");
    assert_eq!(terraform.state(RENDER)["uid"], uid);
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_change_that_crosses_another_loses_neither() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.write("main.tf", &job("job = { task_count = 9 }"));
    cloud.arm("etag-conflict", 1);
    terraform.apply();
    terraform.apply().succeeds();
    assert_eq!(cloud.job("render").expect("the job")["template"]["taskCount"], 9);
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_deleted_between_plan_and_apply() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.write("main.tf", &job("job = { task_count = 9 }"));
    terraform
        .run(&["plan", "-input=false", "-out=plan.tfplan"])
        .succeeds();
    cloud.delete_job("render");
    terraform
        .run(&["apply", "-input=false", "plan.tfplan"])
        .fails_with("render");
    terraform.apply().succeeds();
    assert_eq!(cloud.jobs().len(), 1);
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_expired_token_is_told_as_such() {
    let cloud = Emulator::with(&["--token", "the-only-good-one"]);
    let terraform = super::terraform().against(&cloud);
    with_job(&terraform, "");
    terraform.apply().fails_with("401");
    assert_eq!(terraform.state_of(RENDER), None);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_refresh_that_fails_loses_nothing() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    cloud.arm("permission-denied", 100);
    terraform.plan(&[]).fails_with("PERMISSION_DENIED");
    cloud.disarm();
    assert!(
        terraform.state_of(RENDER).is_some(),
        "a refusal is not an absence"
    );
    terraform.has_nothing_to_do();
}
