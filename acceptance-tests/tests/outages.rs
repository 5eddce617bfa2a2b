//! A machine that sleeps in the middle of a run, a Google that is away for a while, a network that swallows what it
//! is given: afterwards there is one job, in the state, as configured, and nobody had to do anything by hand.
#![cfg(unix)]

use std::thread::sleep;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use super::{APPLY, DESTROY, RENDER, as_configured, job, sent, with_job};
use crate::harness::{Emulator, Relay, Run, Running, Terraform, Weather};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_machine_that_slept_before_the_answer_to_a_create_finds_its_job() {
    let (cloud, relay, terraform) = cloud();
    terraform.write("main.tf", &job(TIMEOUTS));
    cloud.arm_for("POST", "slow-answer", 1);
    let run = slept(&cloud, &relay, terraform.start(APPLY));
    run.succeeds().says("1 added");
    as_configured(&cloud, &terraform, 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_machine_that_slept_through_a_write_finds_it_done() {
    let (cloud, relay, terraform) = cloud();
    terraform.write("main.tf", &job(TIMEOUTS));
    slept(&cloud, &relay, terraform.start(APPLY))
        .succeeds()
        .says("1 added");
    as_configured(&cloud, &terraform, 1);
    terraform.write(
        "main.tf",
        &job(&format!("{TIMEOUTS}\njob = {{ task_count = 7 }}")),
    );
    slept(&cloud, &relay, terraform.start(APPLY))
        .succeeds()
        .says("1 changed");
    as_configured(&cloud, &terraform, 7);
    slept(&cloud, &relay, terraform.start(DESTROY))
        .succeeds()
        .says("1 destroyed");
    assert_eq!(cloud.jobs(), Vec::<Value>::new());
    assert_eq!(terraform.state_of(RENDER), None);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_google_that_is_away_for_a_while_is_waited_for() {
    let (cloud, relay, terraform) = cloud();
    for command in [APPLY, DESTROY] {
        // Away before anything is sent, and away in the middle of the operation.
        relay.weather(Weather::Away);
        let running = terraform.start(command);
        sleep(Duration::from_millis(1500));
        relay.weather(Weather::Fair);
        cloud.clear_requests();
        let running = running.wait_until("the request is sent", || sent(&cloud));
        relay.weather(Weather::Away);
        sleep(Duration::from_millis(1500));
        relay.weather(Weather::Fair);
        running.finish().succeeds();
        match command {
            APPLY => as_configured(&cloud, &terraform, 1),
            _ => assert_eq!(cloud.jobs(), Vec::<Value>::new()),
        }
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_request_that_is_swallowed_is_given_up_in_time_and_what_became_of_it_is_looked_up() {
    let (cloud, relay, terraform) = cloud();
    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  request_timeout = \"1s\"\n}\n",
    );
    // Nothing of the creation arrives; then it arrives, and the answer does not.
    relay.weather(Weather::Swallowing);
    let running = terraform.start(APPLY);
    sleep(Duration::from_millis(2500));
    assert_eq!(cloud.jobs(), Vec::<Value>::new());
    relay.weather(Weather::Fair);
    running.finish().succeeds();
    as_configured(&cloud, &terraform, 1);
    terraform.write("main.tf", &job("job = { task_count = 7 }"));
    cloud.clear_requests();
    cloud.arm_for("PATCH", "slow-answer", 1);
    let running = terraform
        .start(APPLY)
        .wait_until("the change is sent", || sent(&cloud));
    relay.weather(Weather::Swallowing);
    sleep(Duration::from_millis(1500));
    relay.weather(Weather::Fair);
    running.finish().succeeds();
    as_configured(&cloud, &terraform, 7);
}

/// All requests share one connection there, so one that is dead without a word must be found out and replaced.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_connection_of_http2_that_died_in_silence_is_replaced() {
    let cloud = Emulator::with(&["--operation-time", "1s"]);
    let mut terraform = super::terraform().against(&cloud);
    let front = crate::harness::Http2Front::of(&cloud, terraform.folder());
    let relay = Relay::before(&front.address());
    let endpoint = format!("https://localhost:{}/v2/", relay.port());
    terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &endpoint);
    terraform.set("SSL_CERT_FILE", &front.root());
    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  request_timeout = \"1s\"\n}\n",
    );
    with_job(&terraform, r#"timeouts = { create = "12s" }"#);
    let running = terraform.start(APPLY).wait_until("the job is awaited", || {
        cloud.lines().iter().any(|line| line.ends_with(":wait"))
    });
    relay.forget_connections();
    running.finish().succeeds();
    assert_eq!(front.counts().0, 2, "one connection, and one in its place");
    as_configured(&cloud, &terraform, 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn ctrl_c_in_a_black_hole_ends_in_time_and_the_next_apply_shows_the_job() {
    let (cloud, relay, terraform) = cloud();
    cloud.arm_for("POST", "slow-answer", 1);
    let running = terraform
        .start(APPLY)
        .wait_until("the job is sent", || sent(&cloud));
    relay.weather(Weather::Swallowing);
    running.interrupt();
    let run = running
        .finish()
        .fails_with("Terraform was asked to stop")
        .says("it is not known whether this apply created it");
    assert_eq!(terraform.state_of(RENDER), None, "nobody could know of it\n{run}");
    let made = cloud.job("render").expect("Google has accepted it");
    relay.weather(Weather::Fair);
    let run = terraform.apply().fails_with("It was created by this provider");
    terraform.write_imports(&run, |_| RENDER.to_owned());
    terraform.apply().succeeds().says("1 imported");
    assert_eq!(terraform.state(RENDER)["uid"], made["uid"]);
    as_configured(&cloud, &terraform, 1);
}

/// Puts Terraform and its provider to sleep once a write is sent, for longer than they may take for it; the
/// connections do not outlive the night.
fn slept(cloud: &Emulator, relay: &Relay, running: Running) -> Run {
    cloud.clear_requests();
    let running = running.wait_until("the request is sent", || sent(cloud));
    running.signal(Signal::STOP);
    relay.weather(Weather::Away);
    sleep(Duration::from_millis(2500));
    relay.weather(Weather::Fair);
    running.signal(Signal::CONT);
    running.finish()
}

/// An emulator whose operations take a while, a relay to it, and a Terraform that knows only the relay.
fn cloud() -> (Emulator, Relay, Terraform) {
    let cloud = Emulator::with(&["--operation-time", "1s"]);
    let relay = Relay::to(&cloud);
    let mut terraform = super::terraform().against(&cloud);
    terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &relay.endpoint());
    with_job(&terraform, "");
    (cloud, relay, terraform)
}

/// Shorter than the night.
const TIMEOUTS: &str = r#"timeouts = { create = "2s", update = "2s", delete = "2s" }"#;
