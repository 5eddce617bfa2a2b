//! Patience with Google: what is waited for, how long, what is told at once, and what the log says of it.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{RENDER, cloud, with_job};
use crate::harness::{Emulator, Relay, StandIn, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn each_wait_is_in_the_log_and_a_long_one_says_what_it_waits_for() {
    let cloud = Emulator::with(&["--operation-time", "6s"]);
    let mut terraform = super::terraform().against(&cloud);
    terraform.set("TF_LOG", "INFO");
    terraform.set("TF_LOG_PATH", "info.log");
    with_job(&terraform, "");
    cloud.arm("rate-limited", 1);
    terraform.apply().succeeds();
    let log = fs::read_to_string(terraform.folder().join("info.log")).expect("the log");
    // Terraform breaks a line of the log where a message of Google's has more than one.
    let log: Vec<&str> = log.split_whitespace().collect();
    let log = log.join(" ");
    for words in [
        "quota of write requests exceeded; writes wait:",
        "HTTP 429 RESOURCE_EXHAUSTED",
        "It asks to wait 1 seconds",
        "region=projects/acme-batch/locations/us-central1",
        "pause_ms=",
        "waiting for the operation to end:",
        "still waiting for the operation projects/acme-batch/locations/us-central1/operations/",
        "waited_s=5",
        "the operation has ended:",
    ] {
        assert!(log.contains(words), "the log does not say {words}\n{log}");
    }
}

/// The end of an operation tells the job as Google has it then, so that reading it would bring the same again. Where
/// it does not tell, or not that all is well, the job is read.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_write_takes_no_round_trip_that_tells_nothing_new() {
    let (cloud, terraform) = cloud();
    for (fault, more) in [(None, None), (Some("operation-done-empty"), Some("read"))] {
        let asked = |configuration: &str| {
            with_job(&terraform, configuration);
            terraform.run(&["plan", "-input=false", "-out=next.tfplan"]);
            cloud.clear_requests();
            if let Some(fault) = fault {
                cloud.arm(fault, 1);
            }
            terraform.run(&["apply", "next.tfplan"]).succeeds();
            steps(&cloud)
        };
        assert_eq!(asked(""), [&["POST", "wait"], more.as_slice()].concat());
        let job = cloud.job("render").expect("the job is there");
        assert_eq!(terraform.state(RENDER)["etag"], job["etag"]);
        let change = asked("job = { task_count = 2 }");
        assert_eq!(change, [&["read", "PATCH", "wait"], more.as_slice()].concat());
        let job = cloud.job("render").expect("the job is there");
        assert_eq!(terraform.state(RENDER)["etag"], job["etag"]);
        terraform.has_nothing_to_do();
        terraform.destroy().succeeds();
    }
}

/// What was asked, each request by its kind.
fn steps(cloud: &Emulator) -> Vec<&'static str> {
    let requests = cloud.requests();
    let kind = |request: &crate::harness::Request| match request.method() {
        "POST" if request.path().ends_with(":wait") => "wait",
        "POST" => "POST",
        "PATCH" => "PATCH",
        "GET" => "read",
        _ => "another",
    };
    requests.iter().map(kind).collect()
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_pause_that_the_time_does_not_allow_is_told_at_once() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    cloud.arm_for("POST", "rate-limited-for-an-hour", 100);
    let run = terraform.apply().fails_with("Quota exceeded for quota metric");
    run.says("It asks to wait 3600 seconds before the next try")
        .says("apply again later");
    assert_eq!(creations(&cloud), 1, "nobody waits for an hour within 20 minutes");
    assert_eq!(terraform.state_of(RENDER), None);
    cloud.disarm();
    terraform.apply().succeeds();
    // With the time for it, a burst is waited out; a quota of resources is not, however much time there is.
    cloud.delete_job("render");
    cloud.clear_requests();
    cloud.arm_for("POST", "rate-limited", 2);
    terraform.apply().succeeds();
    assert_eq!(creations(&cloud), 3);
    cloud.delete_job("render");
    cloud.clear_requests();
    cloud.arm("quota-exceeded", 100);
    terraform.apply().fails_with("NvidiaRtxPro6000GpuAllocNoZonal");
    assert_eq!(creations(&cloud), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_token_that_google_refuses_is_renewed_once() {
    let (cloud, mut terraform) = cloud();
    let tokens = renewing(&mut terraform);
    with_job(&terraform, "");
    cloud.arm("token-expired", 1);
    terraform.apply().succeeds();
    assert_eq!(tokens.asked().len(), 2, "one, and one in its place");
    cloud.delete_job("render");
    cloud.arm_for("POST", "token-expired", 2);
    terraform
        .apply()
        .fails_with("401")
        .says("access token was not accepted");
    assert_eq!(terraform.state_of(RENDER), None);
    cloud.disarm();
    terraform.apply().succeeds();
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_crowd_of_jobs_shares_one_token_and_few_connections() {
    let cloud = Emulator::with(&["--operation-time", "1s"]);
    let relay = Relay::to(&cloud);
    let mut terraform = super::terraform().against(&cloud);
    terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &relay.endpoint());
    let tokens = renewing(&mut terraform);
    // Some are put off, and some answers are lost on the way.
    cloud.arm_for("POST", "rate-limited", 10);
    cloud.arm("create-lost-answer", 10);
    crowd(&terraform, CROWD);
    assert_eq!(cloud.jobs().len(), CROWD);
    assert_eq!(
        tokens.asked().len(),
        1,
        "the plan asks nobody, the apply asks once"
    );
    let (taken, most) = relay.connections();
    // Those that are in use, and those that wait to be used again.
    assert!(most <= 200, "{most} connections at the same time");
    // Each lost answer costs a connection; beyond that, those that are open are used again.
    assert!(
        taken <= 200 + 10,
        "{taken} connections for {} requests",
        cloud.requests().len()
    );
    let plan = terraform.run(&["plan", "-input=false", "-detailed-exitcode", "-parallelism=1000"]);
    assert_eq!(plan.code, Some(0), "{plan}");
}

/// To Google goes one connection, whatever `-parallelism` says; what it cannot carry at a time waits for its turn.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn over_http2_a_crowd_shares_one_connection() {
    let cloud = Emulator::with(&["--operation-time", "1s"]);
    let (_, mut terraform) = super::cloud();
    let front = crate::harness::Http2Front::of(&cloud, terraform.folder());
    terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &front.endpoint());
    terraform.set("SSL_CERT_FILE", &front.root());
    crowd(&terraform, 150);
    assert_eq!(cloud.jobs().len(), 150);
    let (connections, requests) = front.counts();
    assert_eq!(connections, 1, "for {requests} requests");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_create_that_fails_again_and_again_is_sent_until_it_is_accepted() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    cloud.arm("create-500", 4);
    terraform.apply().succeeds();
    assert_eq!((creations(&cloud), cloud.jobs().len()), (5, 1));
    terraform.has_nothing_to_do();
    terraform.destroy().succeeds();
    // Not for longer than it is allowed, and with a look at the end.
    with_job(&terraform, r#"timeouts = { create = "4s" }"#);
    cloud.clear_requests();
    cloud.arm("create-500", 1000);
    terraform.apply().fails_with("HTTP 500");
    let sent = creations(&cloud);
    assert!((2..=5).contains(&sent), "{sent} creations in 4 s");
    assert_eq!(steps(&cloud).last(), Some(&"read"));
    cloud.disarm();
    terraform.apply().succeeds();
}

/// Somebody changes a label of the job before each write.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_that_changes_again_and_again_is_written_at_a_decent_pace_and_not_for_ever() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let writes = |method: &str| {
        let requests = cloud.requests();
        requests
            .iter()
            .filter(|request| request.method() == method)
            .count()
    };
    let short = r#"timeouts = { update = "4s", delete = "4s" }"#;
    terraform.write("main.tf", &super::job(short));
    terraform.apply().succeeds();
    terraform.write(
        "main.tf",
        &super::job(&format!("{short}\njob = {{ task_count = 7 }}")),
    );
    cloud.clear_requests();
    cloud.arm("etag-conflict", 1000);
    terraform.apply().fails_with("changed the job at the same time");
    terraform.destroy().fails_with("changed the job at the same time");
    for method in ["PATCH", "DELETE"] {
        assert!((2..=5).contains(&writes(method)), "{} {method}", writes(method));
    }
    cloud.disarm();
    terraform.apply().succeeds();
    terraform.has_nothing_to_do();
}

/// Makes many jobs, all at once.
fn crowd(terraform: &Terraform, size: usize) {
    let named = super::job(&format!("count = {size}")).replace("\"render\"\n", "\"render-${count.index}\"\n");
    terraform.write("main.tf", &named);
    terraform.init().succeeds();
    terraform
        .run(&["apply", "-auto-approve", "-input=false", "-parallelism=1000"])
        .succeeds()
        .says(&format!("{size} added"));
}

/// Credentials that give another token each time somebody asks for one.
fn renewing(terraform: &mut Terraform) -> StandIn {
    let count = AtomicUsize::new(0);
    let tokens = StandIn::new(move |_| {
        let token = format!("ya29.token-{}", count.fetch_add(1, Ordering::SeqCst));
        (
            200,
            json!({ "access_token": token, "expires_in": 3600, "token_type": "Bearer" }),
        )
    });
    let sign_in = json!({
        "type": "authorized_user", "client_id": "client", "client_secret": "secret", "refresh_token": "refresh",
        "token_uri": format!("{}/token", tokens.address())
    });
    terraform.unset("GOOGLE_OAUTH_ACCESS_TOKEN");
    terraform.set("GOOGLE_CREDENTIALS", &sign_in.to_string());
    tokens
}

/// How often a creation was sent.
fn creations(cloud: &Emulator) -> usize {
    let requests = cloud.requests();
    requests
        .iter()
        .filter(|request| request.line() == "POST /jobs")
        .count()
}

const CROWD: usize = 300;
