//! Google and the network on a bad day: what is tried again without a word, and what is told with the way out. That every
//! fault of the catalogue is mended by the next run, at each verb, is in `convergence.rs`.

use super::{RENDER, cloud, with_job};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn one_apply_survives_what_passes() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    for (fault, times) in [
        ("connection-cut", 1),
        ("rate-limited", 1),
        ("unavailable", 1),
        ("create-500", 1),
        ("create-accepted-500", 1),
        ("create-lost-answer", 1),
        ("html-502", 1),
        ("truncated-body", 1),
        ("operation-done-empty", 3),
        ("operation-vanishes", 3),
        ("wait-unimplemented", 3),
        ("wait-not-found", 3),
        ("wait-returns-early", 3),
    ] {
        cloud.arm(fault, times);
        let run = terraform.apply();
        cloud.disarm();
        assert_eq!(run.code, Some(0), "{fault}\n{run}\n{:#?}", cloud.lines());
        let jobs = cloud.jobs();
        assert_eq!(jobs.len(), 1, "{fault}");
        let uid = jobs[0]["uid"].as_str().expect("a uid");
        assert!(terraform.state_file().contains(uid), "{fault}");
        // The next apply makes it anew.
        cloud.delete_job("render");
        cloud.clear_requests();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn refusals_are_told_with_the_way_out() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
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
        cloud.arm(fault, 10);
        let run = terraform.apply();
        cloud.disarm();
        assert!(
            run.code != Some(0) && run.words().contains(words),
            "{fault} should say {words}\n{run}"
        );
        assert_eq!(terraform.state_of(RENDER), None, "{fault}");
        assert!(cloud.jobs().is_empty(), "{fault}");
    }
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
