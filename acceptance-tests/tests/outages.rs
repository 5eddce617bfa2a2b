//! Suspended processes, refused connections and dropped packets during a run. Afterward one job exists as configured and is
//! in the state.

use std::thread::sleep;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use super::{APPLY, DESTROY, RENDER, assert_one_job, init_job, job, write_was_sent};
use crate::harness::{Emulator, FaultMode, Run, Running, TcpRelay, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn create_survives_suspend_before_response() {
    let (emulator, relay, terraform) = setup();
    terraform.write("main.tf", &job(TIMEOUTS));
    emulator.inject_fault_for("POST", "slow-answer", 1);
    let run = run_with_suspend(&emulator, &relay, terraform.start(APPLY));
    run.succeeds().prints("1 added");
    assert_one_job(&emulator, &terraform, 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn writes_survive_suspend() {
    let (emulator, relay, terraform) = setup();
    terraform.write("main.tf", &job(TIMEOUTS));
    run_with_suspend(&emulator, &relay, terraform.start(APPLY))
        .succeeds()
        .prints("1 added");
    assert_one_job(&emulator, &terraform, 1);
    terraform.write(
        "main.tf",
        &job(&format!("{TIMEOUTS}\njob = {{ task_count = 7 }}")),
    );
    run_with_suspend(&emulator, &relay, terraform.start(APPLY))
        .succeeds()
        .prints("1 changed");
    assert_one_job(&emulator, &terraform, 7);
    run_with_suspend(&emulator, &relay, terraform.start(DESTROY))
        .succeeds()
        .prints("1 destroyed");
    assert_eq!(emulator.jobs(), Vec::<Value>::new());
    assert_eq!(terraform.state_of(RENDER), None);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn refused_connections_are_retried() {
    let (emulator, relay, terraform) = setup();
    for command in [APPLY, DESTROY] {
        // Connections are refused before the request, and again during the operation.
        relay.set_fault_mode(FaultMode::Refuse);
        let running = terraform.start(command);
        sleep(Duration::from_millis(1500));
        relay.set_fault_mode(FaultMode::None);
        emulator.clear_requests();
        let running = running.wait_until("the request is sent", || write_was_sent(&emulator));
        relay.set_fault_mode(FaultMode::Refuse);
        sleep(Duration::from_millis(1500));
        relay.set_fault_mode(FaultMode::None);
        running.finish().succeeds();
        match command {
            APPLY => assert_one_job(&emulator, &terraform, 1),
            _ => assert_eq!(emulator.jobs(), Vec::<Value>::new()),
        }
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn dropped_requests_time_out_and_recover() {
    let (emulator, relay, terraform) = setup();
    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  request_timeout = \"1s\"\n}\n",
    );
    // First the create request is lost, later the response to the update.
    relay.set_fault_mode(FaultMode::BlackHole);
    let running = terraform.start(APPLY);
    sleep(Duration::from_millis(2500));
    assert_eq!(emulator.jobs(), Vec::<Value>::new());
    relay.set_fault_mode(FaultMode::None);
    running.finish().succeeds();
    assert_one_job(&emulator, &terraform, 1);
    terraform.write("main.tf", &job("job = { task_count = 7 }"));
    emulator.clear_requests();
    emulator.inject_fault_for("PATCH", "slow-answer", 1);
    let running = terraform
        .start(APPLY)
        .wait_until("the update is sent", || write_was_sent(&emulator));
    relay.set_fault_mode(FaultMode::BlackHole);
    sleep(Duration::from_millis(1500));
    relay.set_fault_mode(FaultMode::None);
    running.finish().succeeds();
    assert_one_job(&emulator, &terraform, 7);
}

/// All requests share one HTTP/2 connection, so a dead one must be detected and replaced.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn dead_http2_connection_is_replaced() {
    let emulator = Emulator::with_flags(&["--operation-time", "1s"]);
    let mut terraform = super::terraform().with_emulator(&emulator);
    let proxy = crate::harness::Http2Proxy::new(&emulator, terraform.folder());
    let relay = TcpRelay::new(&proxy.address());
    let endpoint = format!("https://localhost:{}/v2/", relay.port());
    terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &endpoint);
    terraform.set("SSL_CERT_FILE", &proxy.root_certificate());
    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  request_timeout = \"1s\"\n}\n",
    );
    init_job(&terraform, r#"timeouts = { create = "12s" }"#);
    let running = terraform.start(APPLY).wait_until("the operation is polled", || {
        emulator
            .request_lines()
            .iter()
            .any(|line| line.ends_with(":wait"))
    });
    relay.drop_open_connections();
    running.finish().succeeds();
    assert_eq!(proxy.counts().0, 2, "one connection and its replacement");
    assert_one_job(&emulator, &terraform, 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn interrupt_ends_dropped_create() {
    let (emulator, relay, terraform) = setup();
    emulator.inject_fault_for("POST", "slow-answer", 1);
    let running = terraform
        .start(APPLY)
        .wait_until("the create request is sent", || write_was_sent(&emulator));
    relay.set_fault_mode(FaultMode::BlackHole);
    running.interrupt();
    let run = running
        .finish()
        .fails_with("Terraform was interrupted")
        .prints("Whether this apply created the job is unknown");
    assert_eq!(terraform.state_of(RENDER), None, "{run}");
    let created = emulator.job("render").expect("the job was created");
    relay.set_fault_mode(FaultMode::None);
    let run = terraform.apply().fails_with("It was created by this provider");
    terraform.write_imports(&run, |_| RENDER.to_owned());
    terraform.apply().succeeds().prints("1 imported");
    assert_eq!(terraform.state(RENDER)["uid"], created["uid"]);
    assert_one_job(&emulator, &terraform, 1);
}

/// Suspends Terraform and its provider after the write request for longer than the timeout, and closes their connections.
fn run_with_suspend(emulator: &Emulator, relay: &TcpRelay, running: Running) -> Run {
    emulator.clear_requests();
    let running = running.wait_until("the request is sent", || write_was_sent(emulator));
    running.signal(Signal::STOP);
    relay.set_fault_mode(FaultMode::Refuse);
    sleep(Duration::from_millis(2500));
    relay.set_fault_mode(FaultMode::None);
    running.signal(Signal::CONT);
    running.finish()
}

/// An emulator with slow operations, a relay to it, and a working directory whose provider uses the relay.
fn setup() -> (Emulator, TcpRelay, Terraform) {
    let emulator = Emulator::with_flags(&["--operation-time", "1s"]);
    let relay = TcpRelay::new(emulator.address());
    let mut terraform = super::terraform().with_emulator(&emulator);
    terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &relay.endpoint());
    init_job(&terraform, "");
    (emulator, relay, terraform)
}

/// Shorter than the suspension.
const TIMEOUTS: &str = r#"timeouts = { create = "2s", update = "2s", delete = "2s" }"#;
