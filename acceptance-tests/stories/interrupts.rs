//! Runs that are cut short: by Ctrl-C, or by a provider that dies.

use rustix::process::{Pid, Signal, kill_process};

use serde_json::json;

use super::{IMAGE, RENDER, job, with_job};
use crate::harness::process::{children, signal_children};
use crate::harness::{Emulator, Request, Terraform};

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
fn the_job_of_a_killed_provider_is_shown_and_imported() {
    let (cloud, terraform) = killed_in_the_middle(Killed::Provider);
    let made = cloud.job("render").expect("Google has accepted it");
    let run = terraform.apply().fails_with("already exists");
    assert_eq!(cloud.job("render").as_ref(), Some(&made), "it is not adopted");
    terraform.write_imports(&run, |_| RENDER.to_owned());
    terraform
        .apply()
        .succeeds()
        .says("1 imported, 0 added, 0 changed, 0 destroyed");
    assert_eq!(terraform.state(RENDER)["uid"], made["uid"]);
    assert_eq!(cloud.job("render"), Some(made), "nor is it changed");
    assert_eq!(cloud.jobs().len(), 1, "no orphan and no double");
    terraform.has_nothing_to_do();
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_job_of_a_killed_terraform_is_imported_and_changed_to_another_configuration() {
    let (cloud, terraform) = killed_in_the_middle(Killed::Terraform);
    let made = cloud.job("render").expect("Google has accepted it");
    terraform.write(
        "main.tf",
        &job(r#"labels = { team = "media" }
        job = { task_count = 7 }"#),
    );
    let run = terraform.apply().fails_with("already exists");
    terraform.write_imports(&run, |_| RENDER.to_owned());
    terraform
        .apply()
        .succeeds()
        .says("1 imported, 0 added, 1 changed, 0 destroyed");
    let job = cloud.job("render").expect("the job");
    assert_eq!(
        (&job["uid"], &job["template"]["taskCount"]),
        (&made["uid"], &json!(7))
    );
    assert_eq!(job["labels"], json!({ "team": "media" }));
    assert_eq!(cloud.jobs().len(), 1, "no orphan and no double");
    terraform.has_nothing_to_do();
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_that_somebody_else_made_after_the_kill_is_not_touched() {
    let (cloud, terraform) = killed_in_the_middle(Killed::Provider);
    cloud.delete_job("render");
    let theirs = json!({ "template": { "template": { "containers": [{ "image": IMAGE }] } } });
    cloud.create_job("render", &theirs);
    let before = cloud.job("render");
    terraform.apply().fails_with("already exists");
    assert_eq!(cloud.job("render"), before);
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

/// Who is killed while Google makes the job.
#[cfg(target_os = "linux")]
enum Killed {
    Provider,
    Terraform,
}

/// An apply that was killed after Google had accepted the job, and before anybody could store it.
#[cfg(target_os = "linux")]
fn killed_in_the_middle(whom: Killed) -> (Emulator, Terraform) {
    let cloud = Emulator::with(&SLOW);
    let terraform = super::terraform().against(&cloud);
    with_job(&terraform, "");
    let apply = terraform
        .start(APPLY)
        .wait_until("the job is sent", || sent(&cloud));
    match whom {
        Killed::Provider => assert!(
            signal_children(apply.id(), Signal::KILL) > 0,
            "no provider was found to kill"
        ),
        Killed::Terraform => apply.signal(Signal::KILL),
    }
    let run = apply.finish();
    assert!(run.code != Some(0), "it was killed\n{run}");
    assert_eq!(
        terraform.state_of(RENDER),
        None,
        "the story is about a job that no state has"
    );
    // Google goes on all the same.
    while cloud.job("render").is_some_and(|job| job["reconciling"] == true) {
        std::thread::yield_now();
    }
    (cloud, terraform)
}

/// Whether the emulator has met a creation, a change or a deletion.
pub(super) fn sent(cloud: &Emulator) -> bool {
    cloud.requests().iter().any(Request::is_write)
}

pub(super) const APPLY: &[&str] = &["apply", "-auto-approve", "-input=false"];
