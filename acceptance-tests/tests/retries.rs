//! Retries: which requests are retried and for how long, shared tokens and connections, and what is logged.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{RENDER, init_job, setup};
use crate::harness::{Emulator, MockServer, TcpRelay, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn waits_are_logged() {
    let emulator = Emulator::with_flags(&["--operation-time", "6s"]);
    let mut terraform = super::terraform().with_emulator(&emulator);
    terraform.set("TF_LOG", "INFO");
    terraform.set("TF_LOG_PATH", "info.log");
    init_job(&terraform, "");
    emulator.inject_fault("rate-limited", 1);
    terraform.apply().succeeds();
    let log = fs::read_to_string(terraform.folder().join("info.log")).expect("the log");
    // Terraform splits log lines at line breaks of error messages.
    let log: Vec<&str> = log.split_whitespace().collect();
    let log = log.join(" ");
    for expected in [
        "write quota exceeded, delaying writes:",
        "Cloud Run returned 429 RESOURCE_EXHAUSTED",
        "Retry after 1 seconds.",
        "region=projects/acme-batch/locations/us-central1",
        "pause_ms=",
        "waiting for operation:",
        "still waiting for operation projects/acme-batch/locations/us-central1/operations/",
        "waited_s=5",
        "operation finished:",
    ] {
        assert!(log.contains(expected), "the log lacks {expected}\n{log}");
    }
}

/// A finished operation contains the job. The job is only read when it does not, or when the job is not ready.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn writes_avoid_redundant_reads() {
    let (emulator, terraform) = setup();
    for (fault, additional) in [(None, None), (Some("operation-done-empty"), Some("read"))] {
        let apply = |configuration: &str| {
            init_job(&terraform, configuration);
            terraform.run(&["plan", "-input=false", "-out=next.tfplan"]);
            emulator.clear_requests();
            if let Some(fault) = fault {
                emulator.inject_fault(fault, 1);
            }
            terraform.run(&["apply", "next.tfplan"]).succeeds();
            request_kinds(&emulator)
        };
        assert_eq!(apply(""), [&["POST", "wait"], additional.as_slice()].concat());
        let job = emulator.job("render").expect("the job");
        assert_eq!(terraform.state(RENDER)["etag"], job["etag"]);
        let update = apply("job = { task_count = 2 }");
        assert_eq!(
            update,
            [&["read", "PATCH", "wait"], additional.as_slice()].concat()
        );
        let job = emulator.job("render").expect("the job");
        assert_eq!(terraform.state(RENDER)["etag"], job["etag"]);
        terraform.assert_no_changes();
        terraform.destroy().succeeds();
    }
}

/// The kind of each request.
fn request_kinds(emulator: &Emulator) -> Vec<&'static str> {
    let requests = emulator.requests();
    let kind = |request: &crate::harness::Request| match request.method() {
        "POST" if request.path().ends_with(":wait") => "wait",
        "POST" => "POST",
        "PATCH" => "PATCH",
        "GET" => "read",
        _ => "other",
    };
    requests.iter().map(kind).collect()
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn retry_after_beyond_timeout_fails_at_once() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    emulator.inject_fault_for("POST", "rate-limited-for-an-hour", 100);
    let run = terraform.apply().fails_with("Quota exceeded for quota metric");
    run.prints("Retry after 3600 seconds").prints("Apply again later");
    assert_eq!(
        create_requests(&emulator),
        1,
        "a wait longer than the timeout was started"
    );
    assert_eq!(terraform.state_of(RENDER), None);
    emulator.clear_faults();
    terraform.apply().succeeds();
    // A short rate limit is retried; an exceeded resource quota is not.
    emulator.delete_job("render");
    emulator.clear_requests();
    emulator.inject_fault_for("POST", "rate-limited", 2);
    terraform.apply().succeeds();
    assert_eq!(create_requests(&emulator), 3);
    emulator.delete_job("render");
    emulator.clear_requests();
    emulator.inject_fault("quota-exceeded", 100);
    terraform.apply().fails_with("NvidiaRtxPro6000GpuAllocNoZonal");
    assert_eq!(create_requests(&emulator), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn rejected_token_is_renewed_once() {
    let (emulator, mut terraform) = setup();
    let token_server = use_token_server(&mut terraform);
    init_job(&terraform, "");
    emulator.inject_fault("token-expired", 1);
    terraform.apply().succeeds();
    assert_eq!(token_server.requests().len(), 2, "one token and its replacement");
    emulator.delete_job("render");
    emulator.inject_fault_for("POST", "token-expired", 2);
    terraform
        .apply()
        .fails_with("401")
        .prints("access token is invalid or has expired");
    assert_eq!(terraform.state_of(RENDER), None);
    emulator.clear_faults();
    terraform.apply().succeeds();
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn parallel_jobs_share_token_and_connections() {
    let emulator = Emulator::with_flags(&["--operation-time", "1s"]);
    let relay = TcpRelay::new(emulator.address());
    let mut terraform = super::terraform().with_emulator(&emulator);
    terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &relay.endpoint());
    let token_server = use_token_server(&mut terraform);
    // Some requests are rejected and some responses lost.
    emulator.inject_fault_for("POST", "rate-limited", 10);
    emulator.inject_fault("create-lost-answer", 10);
    create_jobs(&terraform, JOBS);
    assert_eq!(emulator.jobs().len(), JOBS);
    assert_eq!(
        token_server.requests().len(),
        1,
        "the apply fetches one token, the plan none"
    );
    let (accepted, max_open) = relay.connections();
    // Connections in use and idle ones.
    assert!(max_open <= 200, "{max_open} connections at the same time");
    // Each lost response closes a connection; otherwise they are reused.
    assert!(
        accepted <= 200 + 10,
        "{accepted} connections for {} requests",
        emulator.requests().len()
    );
    let plan = terraform.run(&["plan", "-input=false", "-detailed-exitcode", "-parallelism=1000"]);
    assert_eq!(plan.code, Some(0), "{plan}");
}

/// There is one connection regardless of `-parallelism`; requests beyond its stream limit wait.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn parallel_jobs_share_http2_connection() {
    let emulator = Emulator::with_flags(&["--operation-time", "1s"]);
    let (_, mut terraform) = super::setup();
    let proxy = crate::harness::Http2Proxy::new(&emulator, terraform.folder());
    terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &proxy.endpoint());
    terraform.set("SSL_CERT_FILE", &proxy.root_certificate());
    create_jobs(&terraform, 150);
    assert_eq!(emulator.jobs().len(), 150);
    let (connections, requests) = proxy.counts();
    assert_eq!(connections, 1, "for {requests} requests");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn create_is_retried_until_timeout() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    emulator.inject_fault("create-500", 4);
    terraform.apply().succeeds();
    assert_eq!((create_requests(&emulator), emulator.jobs().len()), (5, 1));
    terraform.assert_no_changes();
    terraform.destroy().succeeds();
    // Retries end with the timeout, followed by one read of the job.
    init_job(&terraform, r#"timeouts = { create = "4s" }"#);
    emulator.clear_requests();
    emulator.inject_fault("create-500", 1000);
    terraform.apply().fails_with("Cloud Run returned 500");
    let sent = create_requests(&emulator);
    assert!((2..=5).contains(&sent), "{sent} create requests in 4 s");
    assert_eq!(request_kinds(&emulator).last(), Some(&"read"));
    emulator.clear_faults();
    terraform.apply().succeeds();
}

/// The etag changes before each write.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn etag_conflicts_are_retried_until_timeout() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    let writes = |method: &str| {
        let requests = emulator.requests();
        requests
            .iter()
            .filter(|request| request.method() == method)
            .count()
    };
    let timeouts = r#"timeouts = { update = "4s", delete = "4s" }"#;
    terraform.write("main.tf", &super::job(timeouts));
    terraform.apply().succeeds();
    terraform.write(
        "main.tf",
        &super::job(&format!("{timeouts}\njob = {{ task_count = 7 }}")),
    );
    emulator.clear_requests();
    emulator.inject_fault("etag-conflict", 1000);
    terraform
        .apply()
        .fails_with("The job was changed at the same time");
    terraform
        .destroy()
        .fails_with("The job was changed at the same time");
    for method in ["PATCH", "DELETE"] {
        assert!((2..=5).contains(&writes(method)), "{} {method}", writes(method));
    }
    emulator.clear_faults();
    terraform.apply().succeeds();
    terraform.assert_no_changes();
}

/// Creates many jobs in parallel.
fn create_jobs(terraform: &Terraform, size: usize) {
    let config =
        super::job(&format!("count = {size}")).replace("\"render\"\n", "\"render-${count.index}\"\n");
    terraform.write("main.tf", &config);
    terraform.init().succeeds();
    terraform
        .run(&["apply", "-auto-approve", "-input=false", "-parallelism=1000"])
        .succeeds()
        .prints(&format!("{size} added"));
}

/// Configures credentials of a token server that returns a new token for each request.
fn use_token_server(terraform: &mut Terraform) -> MockServer {
    let count = AtomicUsize::new(0);
    let token_server = MockServer::new(move |_| {
        let token = format!("ya29.token-{}", count.fetch_add(1, Ordering::SeqCst));
        (
            200,
            json!({ "access_token": token, "expires_in": 3600, "token_type": "Bearer" }),
        )
    });
    let credentials = json!({
        "type": "authorized_user", "client_id": "client", "client_secret": "secret", "refresh_token": "refresh",
        "token_uri": format!("{}/token", token_server.address())
    });
    terraform.unset("GOOGLE_OAUTH_ACCESS_TOKEN");
    terraform.set("GOOGLE_CREDENTIALS", &credentials.to_string());
    token_server
}

/// The number of create requests.
fn create_requests(emulator: &Emulator) -> usize {
    let requests = emulator.requests();
    requests
        .iter()
        .filter(|request| request.line() == "POST /jobs")
        .count()
}

const JOBS: usize = 300;
