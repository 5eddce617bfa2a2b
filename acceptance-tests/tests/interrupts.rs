//! Runs that are cut short: by Ctrl-C, a second one, SIGTERM, a provider or a Terraform that is killed, at each moment of a
//! creation, a change and a destruction. Whatever is left, the next run mends it.
#![cfg(target_os = "linux")]

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{APPLY, DESTROY, RENDER, as_configured, job, sent, with_job};
use crate::harness::process::{children, signal_children};
use crate::harness::{Emulator, Run, Running, Terraform};

/// A moment at which somebody loses patience.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// Google puts the request off again and again.
    BeforeItIsAccepted,
    /// Google has accepted it, and its answer is on the way.
    WhileItIsAnswered,
    /// The operation goes on and on.
    WhileGoogleWorks,
}
use Moment::{BeforeItIsAccepted, WhileGoogleWorks, WhileItIsAnswered};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_second_ctrl_c_during_a_create_leaves_nothing_that_the_next_apply_does_not_mend() {
    for moment in [BeforeItIsAccepted, WhileItIsAnswered, WhileGoogleWorks] {
        let (cloud, terraform) = cloud();
        terraform.write("main.tf", &job(""));
        let run = stopped(&cloud, terraform.start(APPLY), moment, twice);
        if matches!(moment, WhileItIsAnswered) {
            run.says("Two interrupts received");
        }
        mended(&cloud, &terraform, "");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_second_ctrl_c_during_an_update_leaves_nothing_that_the_next_apply_does_not_mend() {
    for moment in [BeforeItIsAccepted, WhileItIsAnswered, WhileGoogleWorks] {
        let (cloud, terraform) = made();
        let uid = cloud.job("render").map(|job| job["uid"].clone());
        terraform.write("main.tf", &job(CHANGED));
        stopped(&cloud, terraform.start(APPLY), moment, twice);
        mended(&cloud, &terraform, CHANGED);
        assert_eq!(
            cloud.job("render").map(|job| job["uid"].clone()),
            uid,
            "{moment:?}: it is the same job"
        );
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_second_ctrl_c_during_a_destroy_leaves_nothing_that_the_next_one_does_not_mend() {
    for moment in [BeforeItIsAccepted, WhileItIsAnswered, WhileGoogleWorks] {
        let (cloud, terraform) = made();
        stopped(&cloud, terraform.start(DESTROY), moment, twice);
        // Terraform may have lost the state.
        if terraform.state_of(RENDER).is_none() {
            terraform.apply_or_import(|_| RENDER.to_owned());
        }
        terraform.destroy().succeeds();
        assert_eq!(cloud.jobs(), Vec::<Value>::new(), "{moment:?}");
        assert_eq!(terraform.state_of(RENDER), None, "{moment:?}");
    }
}

/// Google is still at it when the next apply comes, and has not given the name free.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_apply_right_after_a_destroy_that_was_cut_short_waits_for_the_name() {
    let cloud = Emulator::with(&["--operation-time", "3s"]);
    let terraform = super::terraform().against(&cloud);
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let before = cloud.job("render").expect("the job");
    cloud.clear_requests();
    let destroy = terraform
        .start(DESTROY)
        .wait_until("the deletion is sent", || sent(&cloud));
    twice(destroy).finish();
    terraform.apply().succeeds().says("1 added");
    assert_ne!(cloud.job("render").expect("the job")["uid"], before["uid"]);
    mended(&cloud, &terraform, "");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn ctrl_c_and_sigterm_leave_the_job_in_the_state() {
    // To Terraform and all its children, as systemd and container runtimes send it; and to the provider alone.
    let to_all = |apply: Running| {
        apply.signal(Signal::TERM);
        apply
    };
    let to_the_provider = |apply: Running| {
        assert!(signal_children(apply.id(), Signal::TERM) > 0);
        apply
    };
    for (end, moment) in [
        (&once as &dyn Fn(Running) -> Running, WhileItIsAnswered),
        (&once, WhileGoogleWorks),
        (&to_all, WhileGoogleWorks),
        (&to_the_provider, WhileItIsAnswered),
    ] {
        let (cloud, terraform) = cloud();
        terraform.write("main.tf", &job(""));
        let run = stopped(&cloud, terraform.start(APPLY), moment, end);
        assert!(
            terraform.state_of(RENDER).is_some(),
            "{moment:?}: the job exists, so the state must know it\n{run}"
        );
        mended(&cloud, &terraform, "");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_provider_that_is_killed_in_an_update_or_a_destroy_is_no_harm() {
    let kill = |apply: Running| {
        assert!(signal_children(apply.id(), Signal::KILL) > 0);
        apply
    };
    for moment in [WhileItIsAnswered, WhileGoogleWorks] {
        let (cloud, terraform) = made();
        terraform.write("main.tf", &job(CHANGED));
        stopped(&cloud, terraform.start(APPLY), moment, kill);
        mended(&cloud, &terraform, CHANGED);
        stopped(&cloud, terraform.start(DESTROY), moment, kill);
        terraform.destroy().succeeds();
        assert_eq!(cloud.jobs(), Vec::<Value>::new(), "{moment:?}");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn ctrl_c_before_google_has_accepted_a_create_ends_it_at_once_and_makes_no_job() {
    let (cloud, terraform) = cloud();
    terraform.write("main.tf", &job(""));
    let run = stopped(&cloud, terraform.start(APPLY), BeforeItIsAccepted, once);
    run.fails_with("Terraform was asked to stop");
    assert_eq!(cloud.jobs(), Vec::<Value>::new());
    mended(&cloud, &terraform, "");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_crowd_that_is_stopped_in_the_middle_is_in_the_state() {
    let cloud = Emulator::with(&["--operation-time", "300ms", "--latency", "20ms"]);
    let terraform = super::terraform().against(&cloud);
    let crowd = job(&format!("count = {CROWD}")).replace("\"render\"\n", "\"render-${count.index}\"\n");
    terraform.write("main.tf", &crowd);
    terraform.init().succeeds();
    let apply = terraform
        .start(&[APPLY, &["-parallelism=10"]].concat())
        .wait_until("some are made", || cloud.jobs().len() > CROWD / 2);
    let run = once(apply).finish();
    assert!(run.code != Some(0), "{run}");
    let made = cloud.jobs();
    assert!(made.len() < CROWD, "it was stopped in the middle");
    let state = terraform.state_file();
    for job in &made {
        let uid = job["uid"].as_str().expect("a job has a uid");
        assert!(state.contains(uid), "{} is not in the state\n{run}", job["name"]);
    }
    terraform.apply().succeeds();
    assert_eq!(cloud.jobs().len(), CROWD, "no orphan and no double");
}

/// An apply whose create has been sent, and whose operation goes on.
fn in_the_middle_of_a_create() -> (Emulator, Terraform, Running) {
    let cloud = Emulator::with(&SLOW);
    let terraform = super::terraform().against(&cloud);
    with_job(&terraform, "");
    let apply = terraform
        .start(APPLY)
        .wait_until("the job is sent", || sent(&cloud));
    (cloud, terraform, apply)
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_job_of_a_killed_provider_is_shown_and_imported() {
    let (cloud, terraform, apply) = in_the_middle_of_a_create();
    assert!(signal_children(apply.id(), Signal::KILL) > 0);
    apply.finish().fails_with("");
    assert_eq!(terraform.state_of(RENDER), None);
    // Google goes on all the same.
    while cloud.job("render").is_some_and(|job| job["reconciling"] == true) {
        std::thread::yield_now();
    }
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
#[ignore = "needs terraform on the PATH; make test runs it"]
fn no_provider_outlives_a_terraform_that_was_killed() {
    let (_cloud, _terraform, apply) = in_the_middle_of_a_create();
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

/// Runs a command up to a moment, ends it in some way, and waits for its end.
fn stopped(cloud: &Emulator, running: Running, moment: Moment, end: impl Fn(Running) -> Running) -> Run {
    cloud.clear_requests();
    match moment {
        BeforeItIsAccepted => WRITES.map(|method| cloud.arm_for(method, "rate-limited", 100)),
        WhileItIsAnswered => WRITES.map(|method| cloud.arm_for(method, "slow-answer", 1)),
        WhileGoogleWorks => WRITES.map(|_| cloud.arm("operation-never-ends", 100)),
    };
    let running = running.wait_until("the request is sent", || sent(cloud));
    let running = match moment {
        WhileGoogleWorks => running.wait_until("the operation is awaited", || awaited(cloud)),
        _ => running,
    };
    let run = end(running).finish();
    cloud.disarm();
    if !matches!(moment, WhileItIsAnswered) {
        assert!(run.code != Some(0), "{moment:?}: it was cut short\n{run}");
    }
    run
}

fn once(running: Running) -> Running {
    running.interrupt();
    running
}

/// Two interrupts. The second comes after Terraform has taken notice of the first, or it would be lost.
fn twice(running: Running) -> Running {
    let mut running = once(running);
    while !running.has_said("Interrupt received") && !running.has_ended() {
        std::thread::yield_now();
    }
    once(running)
}

/// Whether an operation is waited for.
fn awaited(cloud: &Emulator) -> bool {
    cloud
        .requests()
        .iter()
        .any(|request| request.path().contains("/operations/"))
}

/// The next apply ends well, or the one after it with the `import` block that the first shows: with one job, in the state,
/// as configured.
fn mended(cloud: &Emulator, terraform: &Terraform, arguments: &str) {
    terraform.apply_or_import(|_| RENDER.to_owned());
    as_configured(cloud, terraform, if arguments == CHANGED { 7 } else { 1 });
}

fn cloud() -> (Emulator, Terraform) {
    let (cloud, terraform) = super::cloud();
    with_job(&terraform, "");
    (cloud, terraform)
}

fn made() -> (Emulator, Terraform) {
    let (cloud, terraform) = cloud();
    terraform.apply().succeeds();
    (cloud, terraform)
}

const CROWD: usize = 40;
const WRITES: [&str; 3] = ["POST", "PATCH", "DELETE"];
const CHANGED: &str = "job = { task_count = 7 }";
/// Long enough that a signal falls in the middle of it, short enough to wait for its end.
const SLOW: [&str; 2] = ["--operation-time", "3s"];
