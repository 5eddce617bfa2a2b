//! Long lists: page by page, as far as somebody wants them and no further.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use facets_gpu::wire::proto::tfplugin6::{DynamicValue, diagnostic::Severity, stop_provider};
use serde_json::{Value, json};

use super::{create_in, found, provider, with_gpu, workspace};
use crate::{
    codec,
    core::{Query, Workspace},
    harness::{Emulator, REGION, StandIn},
    process::PATIENCE,
    terraform::{JOB, Terraform, attributes, errors},
    version::{V1_14_0, V1_16_0},
};

/// Google with pages of this many jobs, some of them empty, and a limit on how many it has at all.
fn pages(of: usize, all: usize) -> (StandIn, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let google = StandIn::new(move |request| {
        counted.fetch_add(1, Ordering::SeqCst);
        let (path, query) = request
            .line
            .trim_start_matches("GET /v2/")
            .split_once('?')
            .unwrap();
        assert!(query.contains("pageSize="), "{query}");
        let token = query.split_once("pageToken=").map_or("", |(_, token)| token);
        let from: usize = token.trim_start_matches("empty").parse().unwrap_or(0);
        // After each page comes one of nothing.
        if !token.is_empty() && !token.starts_with("empty") {
            return (200, json!({ "nextPageToken": format!("empty{from}") }));
        }
        let to = (from + of).min(all);
        let jobs: Vec<Value> = (from..to)
            .map(|at| {
                let mut job = with_gpu();
                job["name"] = format!("{path}/job-{at}").into();
                job
            })
            .collect();
        match to == all {
            true => (200, json!({ "jobs": jobs })),
            false => (200, json!({ "jobs": jobs, "nextPageToken": to.to_string() })),
        }
    });
    (google, asked)
}

#[tokio::test]
async fn every_page_is_read_and_none_that_nobody_wants() {
    let (google, asked) = pages(3, 10);
    let mut workspace = Workspace::new(V1_16_0, provider(google.address()));
    let all = Query::new(json!({ "locations": [REGION] }));
    let (names, told) = found(&mut workspace, &all).await;
    let expected: Vec<_> = (0..10).map(|at| format!("{REGION}/job-{at}")).collect();
    assert_eq!((names, told), (expected.clone(), Vec::new()));
    assert_eq!(
        asked.swap(0, Ordering::SeqCst),
        7,
        "four pages, and three of nothing between them"
    );

    for (limit, most) in [(1, 2), (3, 2), (4, 4), (10, 7)] {
        let some = Query { limit, ..all.clone() };
        let (names, _) = found(&mut workspace, &some).await;
        assert_eq!(names, expected[..usize::try_from(limit).unwrap()]);
        let asked = asked.swap(0, Ordering::SeqCst);
        assert!(
            asked <= most,
            "{asked} requests for {limit} jobs: one page ahead at most"
        );
    }
}

#[tokio::test]
async fn a_region_of_more_jobs_than_a_page_is_read_page_by_page() {
    let emulator = Emulator::start();
    let mut expected: Vec<String> = (0..510).map(|at| format!("job-{at}")).collect();
    for id in &expected {
        create_in(&emulator, REGION, id, &with_gpu());
    }
    emulator.clear_requests();
    let query = Query {
        limit: 1000,
        ..Query::new(json!({ "locations": [REGION] }))
    };
    let (found, told) = workspace(&emulator).query(&query).await.unwrap();
    let mut names: Vec<String> = found.into_iter().map(|found| found.name).collect();
    names.sort();
    expected.sort();
    assert_eq!((names, told), (expected, Vec::new()));
    assert_eq!(emulator.lines(), ["GET /jobs"; 2]);
}

#[tokio::test]
async fn no_limit_at_all_is_no_limit() {
    let (google, _) = pages(3, 10);
    for limit in [0, -1, i64::MIN] {
        let (mut terraform, config) = asking(&google).await;
        let mut events = terraform.list(config, limit, false).await;
        let mut count = 0;
        while let Some(event) = events.message().await.unwrap() {
            assert_eq!(event.diagnostic, []);
            count += 1;
        }
        assert_eq!(count, 10, "{limit}");
    }
}

/// A provider that asks this stand-in, and a query for one region.
async fn asking(google: &StandIn) -> (Terraform, Option<DynamicValue>) {
    let mut terraform = Terraform::start(V1_14_0).await;
    let schemas = terraform.schemas().await;
    let told = terraform
        .configure(schemas.provider.as_ref().unwrap(), &provider(google.address()))
        .await;
    assert_eq!(told, []);
    let schema = attributes(&schemas.list_resource_schemas[JOB]);
    let config = codec::object(schema, &json!({ "locations": [REGION] }));
    (terraform, Some(config))
}

#[tokio::test]
async fn google_is_asked_no_longer_when_nobody_listens() {
    let (google, asked) = pages(1, 1_000_000);
    let (mut terraform, config) = asking(&google).await;
    let mut events = terraform.list(config.clone(), 0, false).await;
    for _ in 0..3 {
        assert!(events.message().await.unwrap().unwrap().identity.is_some());
    }
    drop(events);
    let mut before = usize::MAX;
    let quiet = async {
        while before != asked.load(Ordering::SeqCst) {
            before = asked.load(Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    };
    tokio::time::timeout(PATIENCE, quiet).await.unwrap();
    assert!(asked.load(Ordering::SeqCst) < 1000);
    // The provider is there for the next one.
    let mut events = terraform.list(config, 1, false).await;
    assert!(events.message().await.unwrap().unwrap().identity.is_some());
    assert!(events.message().await.unwrap().is_none());
    terraform.end().await;
}

#[tokio::test]
async fn a_query_that_nobody_reads_to_its_end_does_not_keep_the_process() {
    let (google, _) = pages(1, 1_000_000);
    let (mut terraform, config) = asking(&google).await;
    let mut events = terraform.list(config, 0, false).await;
    assert!(events.message().await.unwrap().is_some());
    // Terraform says goodbye and waits for two seconds.
    terraform.end().await;
    drop(events);
}

#[tokio::test]
async fn a_wish_to_stop_ends_a_query_with_an_error() {
    let (google, _) = pages(1, 1_000_000);
    let (mut terraform, config) = asking(&google).await;
    let mut events = terraform.list(config, 0, false).await;
    assert!(events.message().await.unwrap().is_some());
    terraform
        .client
        .stop_provider(stop_provider::Request {})
        .await
        .unwrap();
    let ending = async {
        let mut last = None;
        while let Some(event) = events.message().await.unwrap() {
            last = Some(event);
        }
        last.unwrap()
    };
    let last = tokio::time::timeout(PATIENCE, ending).await.unwrap();
    assert!(last.identity.is_none());
    assert!(
        errors(&last.diagnostic)[0].detail.contains("asked to stop"),
        "{last:?}"
    );
    terraform.end().await;
}

#[tokio::test]
async fn a_region_that_answers_no_longer_is_a_warning_beside_what_it_has_told() {
    let google = StandIn::new(|request| {
        if request.line.contains("pageToken=") {
            let denied =
                json!({ "error": { "code": 403, "status": "PERMISSION_DENIED", "message": "no longer" } });
            return (403, denied);
        }
        let mut job = with_gpu();
        job["name"] = "projects/p/locations/l/jobs/first".into();
        (200, json!({ "jobs": [job], "nextPageToken": "t" }))
    });
    let mut workspace = Workspace::new(V1_16_0, provider(google.address()));
    let query = Query::new(json!({ "locations": [REGION] }));
    let (names, told) = found(&mut workspace, &query).await;
    assert_eq!(names, [format!("{REGION}/first")]);
    let [warning] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(warning.severity(), Severity::Warning);
    assert!(
        warning.detail.contains("Some of its jobs are listed"),
        "{}",
        warning.detail
    );
}

/// Whatever the service says, a query ends, with what it has found until then.
#[tokio::test]
async fn a_list_without_an_end_is_a_warning_beside_what_it_has_told() {
    for (ever_new, most, reason) in [
        (true, 1001, "must end, got another page token after 1001 pages"),
        (false, 3, "must end, got a page token that was there before"),
    ] {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let google = StandIn::new(move |_| {
            let page = counted.fetch_add(1, Ordering::SeqCst);
            let mut job = with_gpu();
            job["name"] = "projects/p/locations/l/jobs/only".into();
            let token = if ever_new { page } else { page % 2 };
            (
                200,
                json!({ "jobs": [job], "nextPageToken": format!("t{token}") }),
            )
        });
        let mut workspace = Workspace::new(V1_16_0, provider(google.address()));
        let query = Query::new(json!({ "locations": [REGION] }));
        let (names, told) = found(&mut workspace, &query).await;
        assert_eq!(names, [format!("{REGION}/only")]);
        assert_eq!(asked.load(Ordering::SeqCst), most);
        let [warning] = told.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!(warning.severity(), Severity::Warning);
        assert!(warning.detail.contains(reason), "{}", warning.detail);
    }
}
