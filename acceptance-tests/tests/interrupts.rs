//! Interrupted and killed runs: one or two Ctrl-C, SIGTERM, SIGKILL, at different moments of create, update and delete. The
//! next run recovers.
#![cfg(target_os = "linux")]

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{APPLY, DESTROY, RENDER, assert_one_job, init_job, job, write_was_sent};
use crate::harness::process::{children, signal_children};
use crate::harness::{Emulator, Run, Running, Terraform};

/// When a run is stopped.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// The API keeps rejecting the request with 429.
    BeforeAcceptance,
    /// The request is accepted, but the response has not arrived.
    BeforeResponse,
    /// The operation is running.
    DuringOperation,
}
use Moment::{BeforeAcceptance, BeforeResponse, DuringOperation};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn double_interrupt_during_create_recovers() {
    for moment in [BeforeAcceptance, BeforeResponse, DuringOperation] {
        let (emulator, terraform) = setup();
        terraform.write("main.tf", &job(""));
        let run = run_and_stop(&emulator, terraform.start(APPLY), moment, interrupt_twice);
        if matches!(moment, BeforeResponse) {
            run.prints("Two interrupts received");
        }
        assert_recovers(&emulator, &terraform, "");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn double_interrupt_during_update_recovers() {
    for moment in [BeforeAcceptance, BeforeResponse, DuringOperation] {
        let (emulator, terraform) = setup_with_job();
        let uid = emulator.job("render").map(|job| job["uid"].clone());
        terraform.write("main.tf", &job(UPDATE));
        run_and_stop(&emulator, terraform.start(APPLY), moment, interrupt_twice);
        assert_recovers(&emulator, &terraform, UPDATE);
        assert_eq!(
            emulator.job("render").map(|job| job["uid"].clone()),
            uid,
            "{moment:?}: the job was replaced"
        );
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn double_interrupt_during_destroy_recovers() {
    for moment in [BeforeAcceptance, BeforeResponse, DuringOperation] {
        let (emulator, terraform) = setup_with_job();
        run_and_stop(&emulator, terraform.start(DESTROY), moment, interrupt_twice);
        // Terraform may not have stored the state.
        if terraform.state_of(RENDER).is_none() {
            terraform.apply_or_import(|_| RENDER.to_owned());
        }
        terraform.destroy().succeeds();
        assert_eq!(emulator.jobs(), Vec::<Value>::new(), "{moment:?}");
        assert_eq!(terraform.state_of(RENDER), None, "{moment:?}");
    }
}

/// The delete operation is still running when the next apply starts.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn apply_waits_for_pending_delete() {
    let emulator = Emulator::with_flags(&["--operation-time", "3s"]);
    let terraform = super::terraform().with_emulator(&emulator);
    init_job(&terraform, "");
    terraform.apply().succeeds();
    let before = emulator.job("render").expect("the job");
    emulator.clear_requests();
    let destroy = terraform
        .start(DESTROY)
        .wait_until("the delete request is sent", || write_was_sent(&emulator));
    interrupt_twice(destroy).finish();
    terraform.apply().succeeds().prints("1 added");
    assert_ne!(emulator.job("render").expect("the job")["uid"], before["uid"]);
    assert_recovers(&emulator, &terraform, "");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn interrupted_create_keeps_job_in_state() {
    // SIGTERM to the process group, as sent by systemd and container runtimes, and to the provider only.
    let terminate_all = |apply: Running| {
        apply.signal(Signal::TERM);
        apply
    };
    let terminate_provider = |apply: Running| {
        assert!(signal_children(apply.id(), Signal::TERM) > 0);
        apply
    };
    for (stop, moment) in [
        (&interrupt as &dyn Fn(Running) -> Running, BeforeResponse),
        (&interrupt, DuringOperation),
        (&terminate_all, DuringOperation),
        (&terminate_provider, BeforeResponse),
    ] {
        let (emulator, terraform) = setup();
        terraform.write("main.tf", &job(""));
        let run = run_and_stop(&emulator, terraform.start(APPLY), moment, stop);
        assert!(
            terraform.state_of(RENDER).is_some(),
            "{moment:?}: the job is missing from the state\n{run}"
        );
        assert_recovers(&emulator, &terraform, "");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn killed_provider_recovers() {
    let kill = |apply: Running| {
        assert!(signal_children(apply.id(), Signal::KILL) > 0);
        apply
    };
    for moment in [BeforeResponse, DuringOperation] {
        let (emulator, terraform) = setup_with_job();
        terraform.write("main.tf", &job(UPDATE));
        run_and_stop(&emulator, terraform.start(APPLY), moment, kill);
        assert_recovers(&emulator, &terraform, UPDATE);
        run_and_stop(&emulator, terraform.start(DESTROY), moment, kill);
        terraform.destroy().succeeds();
        assert_eq!(emulator.jobs(), Vec::<Value>::new(), "{moment:?}");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn interrupt_before_acceptance_creates_nothing() {
    let (emulator, terraform) = setup();
    terraform.write("main.tf", &job(""));
    let run = run_and_stop(&emulator, terraform.start(APPLY), BeforeAcceptance, interrupt);
    run.fails_with("Terraform was interrupted");
    assert_eq!(emulator.jobs(), Vec::<Value>::new());
    assert_recovers(&emulator, &terraform, "");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn interrupted_bulk_create_keeps_jobs_in_state() {
    let emulator = Emulator::with_flags(&["--operation-time", "300ms", "--latency", "20ms"]);
    let terraform = super::terraform().with_emulator(&emulator);
    let config = job(&format!("count = {JOBS}")).replace("\"render\"\n", "\"render-${count.index}\"\n");
    terraform.write("main.tf", &config);
    terraform.init().succeeds();
    let apply = terraform
        .start(&[APPLY, &["-parallelism=10"]].concat())
        .wait_until("some jobs exist", || emulator.jobs().len() > JOBS / 2);
    let run = interrupt(apply).finish();
    assert!(run.code != Some(0), "{run}");
    let created = emulator.jobs();
    assert!(created.len() < JOBS, "the apply was not interrupted");
    let state = terraform.state_file();
    for job in &created {
        let uid = job["uid"].as_str().expect("a job has a uid");
        assert!(state.contains(uid), "{} is not in the state\n{run}", job["name"]);
    }
    terraform.apply().succeeds();
    assert_eq!(emulator.jobs().len(), JOBS, "a job was lost or created twice");
}

/// An apply that has sent the create request and waits for its operation.
fn start_create() -> (Emulator, Terraform, Running) {
    let emulator = Emulator::with_flags(&SLOW);
    let terraform = super::terraform().with_emulator(&emulator);
    init_job(&terraform, "");
    let apply = terraform
        .start(APPLY)
        .wait_until("the create request is sent", || write_was_sent(&emulator));
    (emulator, terraform, apply)
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn job_of_killed_provider_is_importable() {
    let (emulator, terraform, apply) = start_create();
    assert!(signal_children(apply.id(), Signal::KILL) > 0);
    apply.finish().fails_with("");
    assert_eq!(terraform.state_of(RENDER), None);
    // The operation continues.
    while emulator
        .job("render")
        .is_some_and(|job| job["reconciling"] == true)
    {
        std::thread::yield_now();
    }
    let created = emulator.job("render").expect("the job was created");
    let run = terraform.apply().fails_with("already exists");
    assert_eq!(
        emulator.job("render").as_ref(),
        Some(&created),
        "the job was adopted"
    );
    terraform.write_imports(&run, |_| RENDER.to_owned());
    terraform
        .apply()
        .succeeds()
        .prints("1 imported, 0 added, 0 changed, 0 destroyed");
    assert_eq!(terraform.state(RENDER)["uid"], created["uid"]);
    assert_eq!(emulator.job("render"), Some(created), "the job was changed");
    assert_eq!(emulator.jobs().len(), 1, "a job was lost or created twice");
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn provider_exits_with_killed_terraform() {
    let (_emulator, _terraform, apply) = start_create();
    let providers = children(apply.id());
    assert!(!providers.is_empty(), "no provider was found");
    let parent = i32::try_from(apply.id())
        .ok()
        .and_then(Pid::from_raw)
        .expect("a process id");
    kill_process(parent, Signal::KILL).expect("terraform is running");
    apply.finish();
    let has_exited = |id: &u32| !std::path::Path::new(&format!("/proc/{id}/exe")).exists();
    for _ in 0..500 {
        if providers.iter().all(has_exited) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{providers:?} still run");
}

/// Runs a command up to a moment, stops it, and waits for its end.
fn run_and_stop(
    emulator: &Emulator,
    running: Running,
    moment: Moment,
    stop: impl Fn(Running) -> Running,
) -> Run {
    emulator.clear_requests();
    match moment {
        BeforeAcceptance => WRITES.map(|method| emulator.inject_fault_for(method, "rate-limited", 100)),
        BeforeResponse => WRITES.map(|method| emulator.inject_fault_for(method, "slow-answer", 1)),
        DuringOperation => WRITES.map(|_| emulator.inject_fault("operation-never-ends", 100)),
    };
    let running = running.wait_until("the request is sent", || write_was_sent(emulator));
    let running = match moment {
        DuringOperation => running.wait_until("the operation is polled", || operation_is_polled(emulator)),
        _ => running,
    };
    let run = stop(running).finish();
    emulator.clear_faults();
    if !matches!(moment, BeforeResponse) {
        assert!(run.code != Some(0), "{moment:?}: the run should fail\n{run}");
    }
    run
}

fn interrupt(running: Running) -> Running {
    running.interrupt();
    running
}

/// Sends two interrupts, the second after Terraform has handled the first.
fn interrupt_twice(running: Running) -> Running {
    let mut running = interrupt(running);
    while !running.has_printed("Interrupt received") && !running.has_ended() {
        std::thread::yield_now();
    }
    interrupt(running)
}

/// Whether the provider waits for an operation.
fn operation_is_polled(emulator: &Emulator) -> bool {
    emulator
        .requests()
        .iter()
        .any(|request| request.path().contains("/operations/"))
}

/// Asserts that the next apply succeeds, if necessary with the `import` block that it prints, and leaves one job as configured.
fn assert_recovers(emulator: &Emulator, terraform: &Terraform, arguments: &str) {
    terraform.apply_or_import(|_| RENDER.to_owned());
    assert_one_job(emulator, terraform, if arguments == UPDATE { 7 } else { 1 });
}

fn setup() -> (Emulator, Terraform) {
    let (emulator, terraform) = super::setup();
    init_job(&terraform, "");
    (emulator, terraform)
}

fn setup_with_job() -> (Emulator, Terraform) {
    let (emulator, terraform) = setup();
    terraform.apply().succeeds();
    (emulator, terraform)
}

const JOBS: usize = 40;
const WRITES: [&str; 3] = ["POST", "PATCH", "DELETE"];
const UPDATE: &str = "job = { task_count = 7 }";
/// Long enough to send a signal during the operation.
const SLOW: [&str; 2] = ["--operation-time", "3s"];
