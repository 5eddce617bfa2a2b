//! Long lists: page by page, as far as a query goes and no further.

use serde_json::{Value, json};

use super::job_with_gpu;
use super::query::{Listed, VERSION, initialised, query};
use crate::harness::{Asked, Emulator, PROJECT, REGION, StandIn, TOKEN, Terraform};

/// A Terraform whose provider takes a stand-in for Google.
fn asking(google: &StandIn) -> Terraform {
    let mut terraform = super::terraform(VERSION);
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("{}/v2/", google.address()),
    );
    terraform.set("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN);
    terraform.set("GOOGLE_PROJECT", PROJECT);
    terraform.set("GOOGLE_REGION", REGION);
    initialised(&terraform);
    terraform
}

fn in_region(terraform: &Terraform, limit: u32) -> Listed {
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
fn token(asked: &Asked) -> &str {
    let token = asked.line.split_once("pageToken=").map_or("", |(_, token)| token);
    token.split(['&', ' ']).next().unwrap_or_default()
}

/// Google with ten jobs on pages of three, an empty page after each.
fn ten_jobs(asked: &Asked) -> (u16, Value) {
    let token = token(asked);
    let from: usize = token.trim_start_matches("empty").parse().unwrap_or(0);
    if !token.is_empty() && !token.starts_with("empty") {
        return (200, json!({ "nextPageToken": format!("empty{from}") }));
    }
    let to = (from + 3).min(10);
    let jobs: Vec<Value> = (from..to).map(|at| job_named(&format!("job-{at}"))).collect();
    match to {
        10 => (200, json!({ "jobs": jobs })),
        _ => (200, json!({ "jobs": jobs, "nextPageToken": to.to_string() })),
    }
}

#[test]
#[ignore = "needs Terraform 1.15, which make test fetches"]
fn every_page_is_read_and_none_beyond_the_limit() {
    let google = StandIn::new(ten_jobs);
    let terraform = asking(&google);
    let expected: Vec<_> = (0..10).map(|at| format!("{REGION}/job-{at}")).collect();
    let mut before = 0;
    // Four pages, and three of nothing between them; with a limit, one page ahead at most.
    for (limit, most) in [(100, 7), (1, 2), (4, 4)] {
        let found = in_region(&terraform, limit);
        assert_eq!(found.run.code, Some(0), "{}", found.run);
        let count = expected.len().min(limit as usize);
        assert_eq!(found.jobs, expected[..count]);
        let asked = google.asked().len() - before;
        before = google.asked().len();
        assert!(
            asked <= most && (limit != 100 || asked == 7),
            "{asked} requests for {limit} jobs"
        );
    }
}

#[test]
#[ignore = "needs Terraform 1.15, which make test fetches"]
fn a_region_of_more_jobs_than_a_page_is_read_page_by_page() {
    let cloud = Emulator::with(&["--operation-time", "0ms"]);
    let terraform = super::terraform(VERSION).against(&cloud);
    initialised(&terraform);
    let job = job_with_gpu(&json!({}));
    for at in 0..510 {
        cloud.create_job(&format!("job-{at}"), &job);
    }
    cloud.clear_requests();
    let mut found = in_region(&terraform, 1000).jobs;
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 510);
    assert_eq!(cloud.lines(), ["GET /jobs"; 2]);
}

/// Whatever the service says, a query ends, with what it has found until then.
#[test]
#[ignore = "needs Terraform 1.15, which make test fetches"]
fn a_list_that_breaks_off_or_has_no_end_is_a_warning_beside_what_it_has_told() {
    let denied = json!({ "error": { "code": 403, "status": "PERMISSION_DENIED", "message": "no longer" } });
    type Answer = Box<dyn Fn(usize) -> (u16, Value) + Send + Sync>;
    let page = |token: usize| {
        (
            200,
            json!({ "jobs": [job_named("only")], "nextPageToken": format!("{token}") }),
        )
    };
    let cases: [(Answer, usize, &str); 3] = [
        (
            Box::new(move |number| {
                if number == 0 {
                    page(1)
                } else {
                    (403, denied.clone())
                }
            }),
            2,
            "Some of its jobs are listed",
        ),
        (
            Box::new(move |number| page(number + 1)),
            1001,
            "must end, got another page token after 1001 pages",
        ),
        (
            Box::new(move |number| page((number + 1) % 2)),
            3,
            "must end, got a page token that was there before",
        ),
    ];
    for (answer, most, reason) in cases {
        let number = std::sync::atomic::AtomicUsize::new(0);
        let google = StandIn::new(move |_| answer(number.fetch_add(1, std::sync::atomic::Ordering::SeqCst)));
        let terraform = asking(&google);
        let found = in_region(&terraform, 100);
        assert_eq!(found.run.code, Some(0), "{}", found.run);
        assert_eq!(found.jobs, [format!("{REGION}/only")], "{reason}");
        assert_eq!(google.asked().len(), most);
        assert_eq!(found.warnings.len(), 1, "{}", found.run);
        assert!(found.warnings[0].contains(reason), "{:?}", found.warnings);
    }
}

#[cfg(unix)]
#[test]
#[ignore = "needs Terraform 1.15, which make test fetches"]
fn ctrl_c_ends_a_query_that_would_go_on() {
    let number = std::sync::atomic::AtomicUsize::new(0);
    let google = StandIn::new(move |_| {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let jobs = [job_named(&format!("job-{number}"))];
        // Slow enough that the end does not come first.
        std::thread::sleep(std::time::Duration::from_millis(100));
        (200, json!({ "jobs": jobs, "nextPageToken": number.to_string() }))
    });
    let terraform = asking(&google);
    terraform.write(
        "all.tfquery.hcl",
        "list \"facets_gpu_cloudrun_job\" \"all\" {\n  provider = facets\n  limit = 100000\n}\n",
    );
    let run = terraform
        .start(&["query"])
        .wait_until("Google is asked", || google.asked().len() > 5);
    run.interrupt();
    let run = run.finish();
    assert_ne!(run.code, Some(0), "{run}");
    assert!(google.asked().len() < 1000, "{run}");
}
