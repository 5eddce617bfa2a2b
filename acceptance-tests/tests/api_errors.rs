//! Errors of the API and the network: which are retried, and what the others suggest. `fault_recovery.rs` tests that the next
//! run recovers from each of them.

use super::{RENDER, init_job, setup};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn transient_errors_are_retried() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
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
        emulator.inject_fault(fault, times);
        let run = terraform.apply();
        emulator.clear_faults();
        assert_eq!(
            run.code,
            Some(0),
            "{fault}\n{run}\n{:#?}",
            emulator.request_lines()
        );
        let jobs = emulator.jobs();
        assert_eq!(jobs.len(), 1, "{fault}");
        let uid = jobs[0]["uid"].as_str().expect("a uid");
        assert!(terraform.state_file().contains(uid), "{fault}");
        emulator.delete_job("render");
        emulator.clear_requests();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn permanent_errors_suggest_fix() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    for (fault, expected) in [
        ("act-as-denied", "roles/iam.serviceAccountUser"),
        ("permission-denied", "roles/run.developer"),
        ("service-agent-denied", "roles/iam.serviceAccountTokenCreator"),
        ("api-not-enabled", "gcloud services enable run.googleapis.com"),
        (
            "quota-exceeded",
            "NvidiaRtxPro6000GpuAllocNoZonalRedundancyPerProjectRegion",
        ),
        ("memory-quota-exceeded", "MemAllocPerProjectRegion"),
        ("launch-stage-refused", "Omit launch_stage"),
        ("token-expired", "is invalid or has expired"),
        ("redirect", "HTTPS_PROXY"),
    ] {
        emulator.inject_fault(fault, 10);
        let run = terraform.apply();
        emulator.clear_faults();
        assert!(
            run.code != Some(0) && run.output().contains(expected),
            "{fault} should print {expected}\n{run}"
        );
        assert_eq!(terraform.state_of(RENDER), None, "{fault}");
        assert!(emulator.jobs().is_empty(), "{fault}");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn failed_refresh_keeps_state() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    emulator.inject_fault("permission-denied", 100);
    terraform.plan(&[]).fails_with("PERMISSION_DENIED");
    emulator.clear_faults();
    assert!(
        terraform.state_of(RENDER).is_some(),
        "a denied read removed the job from the state"
    );
    terraform.assert_no_changes();
}
