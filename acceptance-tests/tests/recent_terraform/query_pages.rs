//! Pagination of queries.

use serde_json::{Value, json};

use super::job_with_gpu;
use super::query::{QueryResult, init, query};
use crate::harness::{
    Emulator, Feature, HttpRequest, MockServer, PROJECT, REGION, TOKEN, Terraform, requires,
};

/// A working directory whose provider uses a mock server.
fn setup(server: &MockServer) -> Terraform {
    let mut terraform = crate::tests::terraform();
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("{}/v2/", server.address()),
    );
    terraform.set("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN);
    terraform.set("GOOGLE_PROJECT", PROJECT);
    terraform.set("GOOGLE_REGION", REGION);
    init(&terraform);
    terraform
}

fn in_region(terraform: &Terraform, limit: u32) -> QueryResult {
    query(
        terraform,
        &format!("  limit = {limit}\n  config {{\n    locations = [\"{REGION}\"]\n  }}"),
    )
}

fn job_named(name: &str) -> Value {
    let mut job = job_with_gpu(&json!({}));
    job["name"] = format!("projects/{PROJECT}/locations/{REGION}/jobs/{name}").into();
    job
}

/// The page token of a request.
fn token(request: &HttpRequest) -> &str {
    let token = request
        .line
        .split_once("pageToken=")
        .map_or("", |(_, token)| token);
    token.split(['&', ' ']).next().unwrap_or_default()
}

/// Ten jobs on pages of three, with an empty page after each.
fn ten_jobs(request: &HttpRequest) -> (u16, Value) {
    let token = token(request);
    let from: usize = token.trim_start_matches("empty").parse().unwrap_or(0);
    if !token.is_empty() && !token.starts_with("empty") {
        return (200, json!({ "nextPageToken": format!("empty{from}") }));
    }
    let to = (from + 3).min(10);
    let jobs: Vec<Value> = (from..to)
        .map(|index| job_named(&format!("job-{index}")))
        .collect();
    match to {
        10 => (200, json!({ "jobs": jobs })),
        _ => (200, json!({ "jobs": jobs, "nextPageToken": to.to_string() })),
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn pagination_stops_at_limit() {
    if !requires(Feature::Query) {
        return;
    }
    let server = MockServer::new(ten_jobs);
    let terraform = setup(&server);
    let expected: Vec<_> = (0..10).map(|index| format!("{REGION}/job-{index}")).collect();
    let mut before = 0;
    // Four pages and three empty ones; with a limit, at most one page is read ahead.
    for (limit, max_requests) in [(100, 7), (1, 2), (4, 4)] {
        let result = in_region(&terraform, limit);
        assert_eq!(result.run.code, Some(0), "{}", result.run);
        let count = expected.len().min(limit as usize);
        assert_eq!(result.jobs, expected[..count]);
        let requests = server.requests().len() - before;
        before = server.requests().len();
        assert!(
            requests <= max_requests && (limit != 100 || requests == 7),
            "{requests} requests for {limit} jobs"
        );
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn all_pages_are_read() {
    if !requires(Feature::Query) {
        return;
    }
    let emulator = Emulator::with_flags(&["--operation-time", "0ms"]);
    let terraform = crate::tests::terraform().with_emulator(&emulator);
    init(&terraform);
    let job = job_with_gpu(&json!({}));
    for index in 0..510 {
        emulator.create_job(&format!("job-{index}"), &job);
    }
    emulator.clear_requests();
    let mut result = in_region(&terraform, 1000).jobs;
    result.sort();
    result.dedup();
    assert_eq!(result.len(), 510);
    assert_eq!(emulator.request_lines(), ["GET /jobs"; 2]);
}

/// The query ends and returns the jobs of the pages read so far.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn broken_pagination_is_a_warning() {
    if !requires(Feature::Query) {
        return;
    }
    let denied = json!({ "error": { "code": 403, "status": "PERMISSION_DENIED", "message": "no longer" } });
    type Response = Box<dyn Fn(usize) -> (u16, Value) + Send + Sync>;
    let page = |token: usize| {
        (
            200,
            json!({ "jobs": [job_named("only")], "nextPageToken": format!("{token}") }),
        )
    };
    let cases: [(Response, usize, &str); 3] = [
        (
            Box::new(move |number| {
                if number == 0 {
                    page(1)
                } else {
                    (403, denied.clone())
                }
            }),
            2,
            "The list of jobs in this region is incomplete.",
        ),
        (
            Box::new(move |number| page(number + 1)),
            1001,
            "must end, got another page token after 1001 pages",
        ),
        (
            Box::new(move |number| page((number + 1) % 2)),
            3,
            "must end, got a repeated page token",
        ),
    ];
    for (respond, max_requests, reason) in cases {
        let number = std::sync::atomic::AtomicUsize::new(0);
        let server =
            MockServer::new(move |_| respond(number.fetch_add(1, std::sync::atomic::Ordering::SeqCst)));
        let terraform = setup(&server);
        let result = in_region(&terraform, 100);
        assert_eq!(result.run.code, Some(0), "{}", result.run);
        assert_eq!(result.jobs, [format!("{REGION}/only")], "{reason}");
        assert_eq!(server.requests().len(), max_requests);
        assert_eq!(result.warnings.len(), 1, "{}", result.run);
        assert!(result.warnings[0].contains(reason), "{:?}", result.warnings);
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn interrupt_stops_query() {
    if !requires(Feature::Query) {
        return;
    }
    let number = std::sync::atomic::AtomicUsize::new(0);
    let server = MockServer::new(move |_| {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let jobs = [job_named(&format!("job-{number}"))];
        // Slow, so that the query is interrupted before it ends.
        std::thread::sleep(std::time::Duration::from_millis(100));
        (200, json!({ "jobs": jobs, "nextPageToken": number.to_string() }))
    });
    let terraform = setup(&server);
    terraform.write(
        "all.tfquery.hcl",
        "list \"facets_gpu_cloudrun_job\" \"all\" {\n  provider = facets\n  limit = 100000\n}\n",
    );
    let run = terraform
        .start(&["query"])
        .wait_until("pages are read", || server.requests().len() > 5);
    run.interrupt();
    let run = run.finish();
    assert_ne!(run.code, Some(0), "{run}");
    assert!(server.requests().len() < 1000, "{run}");
}
