//! Runs that are cut short: by Ctrl-C, or by a provider that dies.

use rustix::process::{Pid, Signal, kill_process};

use super::{RENDER, with_job};
use crate::harness::{Emulator, Running};

/// Long enough that a signal falls in the middle of it, short enough to wait for its end.
const SLOW: [&str; 2] = ["--operation-time", "3s"];

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn ctrl_c_during_a_create_keeps_the_job_in_the_state() {
    let cloud = Emulator::with(&SLOW);
    let terraform = super::terraform().against(&cloud);
    with_job(&terraform, "");
    let apply = terraform
        .start(APPLY)
        .wait_until("the job is sent", || sent(&cloud));
    apply.interrupt();
    let run = apply.finish();
    assert!(
        terraform.state_of(RENDER).is_some(),
        "the job exists, so the state must know it\n{run}"
    );
    terraform.apply().succeeds();
    assert_eq!(cloud.jobs().len(), 1, "no orphan and no double");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn ctrl_c_ends_a_wait_that_has_no_end() {
    let cloud = Emulator::start();
    let terraform = super::terraform().against(&cloud);
    with_job(&terraform, "");
    cloud.arm("operation-never-ends", 100);
    let apply = terraform
        .start(APPLY)
        .wait_until("the job is sent", || sent(&cloud));
    apply.interrupt();
    let run = apply.finish();
    assert!(run.code != Some(0), "{run}");
    cloud.disarm();
    terraform.apply().succeeds();
    assert_eq!(cloud.jobs().len(), 1);
    terraform.has_nothing_to_do();
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_provider_killed_in_the_middle_of_a_create_makes_no_double() {
    let cloud = Emulator::with(&SLOW);
    let terraform = super::terraform().against(&cloud);
    with_job(&terraform, "");
    let apply = terraform
        .start(APPLY)
        .wait_until("the job is sent", || sent(&cloud));
    assert!(kill_providers(&apply) > 0, "no provider was found to kill");
    apply.finish().fails_with("Error");
    // Terraform may know nothing of the job now; the name in the configuration leads back to it, either
    // because it is adopted or because the user is told how to import it.
    let again = terraform.apply();
    if again.code != Some(0) {
        again.says("terraform import");
        terraform
            .run(&["import", "-input=false", RENDER, "us-central1/render"])
            .succeeds();
        terraform.apply().succeeds();
    }
    assert_eq!(cloud.jobs().len(), 1, "no orphan and no double");
    terraform.has_nothing_to_do();
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn no_provider_outlives_a_terraform_that_was_killed() {
    let cloud = Emulator::with(&SLOW);
    let terraform = super::terraform().against(&cloud);
    with_job(&terraform, "");
    let apply = terraform
        .start(APPLY)
        .wait_until("the job is sent", || sent(&cloud));
    let providers = children(apply.id());
    assert!(!providers.is_empty(), "no provider was found");
    let parent = i32::try_from(apply.id())
        .ok()
        .and_then(Pid::from_raw)
        .expect("a process id");
    kill_process(parent, Signal::KILL).expect("terraform runs");
    apply.finish();
    let gone = |id: &u32| !std::path::Path::new(&format!("/proc/{id}/exe")).exists();
    for _ in 0..500 {
        if providers.iter().all(gone) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{providers:?} still run");
}

/// Whether the emulator has accepted a job.
fn sent(cloud: &Emulator) -> bool {
    cloud
        .requests()
        .iter()
        .any(|request| request.method() == "POST" && request.path().ends_with("/jobs"))
}

/// Kills the providers of a running Terraform; how many there were.
#[cfg(target_os = "linux")]
fn kill_providers(terraform: &Running) -> usize {
    let providers = children(terraform.id());
    for id in &providers {
        let id = i32::try_from(*id)
            .ok()
            .and_then(Pid::from_raw)
            .expect("a process id");
        let _ = kill_process(id, Signal::KILL);
    }
    providers.len()
}

/// The processes that a process has started, from any of its threads.
#[cfg(target_os = "linux")]
fn children(of: u32) -> Vec<u32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{of}/task")) else {
        return Vec::new();
    };
    threads
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|ids| {
            ids.split_whitespace()
                .filter_map(|id| id.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

const APPLY: &[&str] = &["apply", "-auto-approve", "-input=false"];
