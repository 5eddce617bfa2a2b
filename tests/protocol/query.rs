//! `terraform query`: which jobs are found, in which order, how many of them, and what Google is asked for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use facets_gpu::wire::proto::tfplugin6::{Diagnostic, diagnostic::Severity, stop_provider};
use serde_json::{Value, json};

use crate::{
    codec,
    core::{Action, Query, Workspace},
    harness::{Emulator, PROJECT, REGION, StandIn, TOKEN},
    process::PATIENCE,
    terraform::{JOB, Terraform, attributes, errors},
    version::{V1_14_0, V1_15_9, V1_16_0},
};

/// Another region that offers the GPU.
const OTHER_REGION: &str = "europe-west4";

fn provider(endpoint: &str) -> Value {
    json!({
        "project": PROJECT,
        "region": REGION,
        "access_token": TOKEN,
        "cloud_run_endpoint": endpoint,
        "default_labels": { "managed": "here" },
    })
}

fn workspace(emulator: &Emulator) -> Workspace {
    Workspace::new(V1_14_0, provider(&emulator.endpoint()))
}

/// A job as Google has it.
fn remote(accelerator: Option<&str>, labels: Value) -> Value {
    let mut job = json!({
        "labels": labels,
        "template": { "template": { "containers": [{ "image": "us-docker.pkg.dev/acme-batch/media/render:1" }] } },
    });
    if let Some(accelerator) = accelerator {
        job["launchStage"] = json!("ALPHA");
        let task = &mut job["template"]["template"];
        task["nodeSelector"] = json!({ "accelerator": accelerator });
        task["gpuZonalRedundancyDisabled"] = json!(true);
        let limits = json!({ "cpu": "20", "memory": "80Gi", "nvidia.com/gpu": "1" });
        task["containers"][0]["resources"] = json!({ "limits": limits });
    }
    job
}

fn with_gpu() -> Value {
    remote(Some("nvidia-rtx-pro-6000"), json!({}))
}

fn create_in(emulator: &Emulator, region: &str, id: &str, job: &Value) {
    let path = format!("/v2/projects/{PROJECT}/locations/{region}/jobs?jobId={id}");
    let (status, answer) = emulator.api("POST", &path, Some(job));
    assert_eq!(status, 200, "{answer}");
}

/// What is found, as `region/name`, and the warnings.
async fn found(workspace: &mut Workspace, query: &Query) -> (Vec<String>, Vec<Diagnostic>) {
    let (found, told) = workspace.query(query).await.unwrap();
    let names = found.iter().map(|found| {
        assert_eq!(found.identity["name"], found.name.as_str());
        format!("{}/{}", found.identity["location"].as_str().unwrap(), found.name)
    });
    (names.collect(), told)
}

#[tokio::test]
async fn jobs_with_the_gpu_are_found_in_all_its_regions() {
    let emulator = Emulator::start();
    for (region, id) in [(REGION, "a"), (OTHER_REGION, "b"), (REGION, "c")] {
        create_in(&emulator, region, id, &with_gpu());
    }
    create_in(&emulator, REGION, "plain", &remote(None, json!({})));
    create_in(&emulator, "us-east1", "elsewhere", &remote(None, json!({})));
    emulator.clear_requests();
    let mut workspace = workspace(&emulator);
    let expected = [
        format!("{REGION}/c"),
        format!("{REGION}/a"),
        format!("{OTHER_REGION}/b"),
    ];
    for _ in 0..5 {
        let all = found(&mut workspace, &Query::new(json!({}))).await;
        assert_eq!(all, (expected.to_vec(), Vec::new()), "the same each time");
    }
    assert_eq!(
        workspace.calls()[..3],
        [
            "GetProviderSchema GetResourceIdentitySchemas",
            "ValidateProviderConfig ValidateListResourceConfig",
            "ValidateProviderConfig ConfigureProvider ValidateListResourceConfig ListResource",
        ]
    );
    let mut asked: Vec<_> = emulator
        .requests()
        .iter()
        .map(|asked| asked.path().to_owned())
        .collect();
    asked.truncate(4);
    asked.sort();
    let regions = ["asia-south2", "asia-southeast1", OTHER_REGION, REGION];
    assert_eq!(
        asked,
        regions.map(|region| format!("/v2/projects/{PROJECT}/locations/{region}/jobs")),
        "one request for each region"
    );
}

#[tokio::test]
async fn a_query_chooses_project_regions_and_labels() {
    let emulator = Emulator::start();
    let labelled = |labels: Value| remote(Some("nvidia-rtx-pro-6000"), labels);
    create_in(
        &emulator,
        REGION,
        "a",
        &labelled(json!({ "team": "render", "tier": "batch" })),
    );
    create_in(
        &emulator,
        OTHER_REGION,
        "b",
        &labelled(json!({ "team": "render" })),
    );
    create_in(
        &emulator,
        REGION,
        "c",
        &labelled(json!({ "team": "audio", "tier": "batch" })),
    );
    let mut workspace = workspace(&emulator);
    for (config, expected) in [
        (json!({ "locations": [REGION] }), vec!["c", "a"]),
        (
            json!({ "locations": [OTHER_REGION, REGION, OTHER_REGION] }),
            vec!["b", "c", "a"],
        ),
        (json!({ "labels": { "team": "render" } }), vec!["a", "b"]),
        (
            json!({ "labels": { "team": "render", "tier": "batch" } }),
            vec!["a"],
        ),
        (json!({ "labels": { "team": "" } }), vec![]),
        (json!({ "project": "another-project" }), vec![]),
    ] {
        let (names, told) = found(&mut workspace, &Query::new(config.clone())).await;
        let names: Vec<_> = names
            .iter()
            .map(|name| name.rsplit('/').next().unwrap())
            .collect();
        assert_eq!((names, told), (expected, Vec::new()), "{config}");
    }
}

#[tokio::test]
async fn a_job_comes_with_the_state_that_an_import_of_it_has() {
    let emulator = Emulator::start();
    let labels = json!({ "team": "render", "managed": "here" });
    emulator.create_job("a", &remote(Some("nvidia-rtx-pro-6000"), labels));
    let mut workspace = workspace(&emulator);
    let query = Query {
        include_resource: true,
        ..Query::new(json!({}))
    };
    let (found, told) = workspace.query(&query).await.unwrap();
    assert_eq!((found.len(), told), (1, Vec::new()));
    let resource = found[0].resource.clone().unwrap();
    assert_eq!(resource["labels"], json!({ "team": "render" }));
    let config = json!({
        "name": "a", "container": { "image": "us-docker.pkg.dev/acme-batch/media/render:1" },
        "labels": { "team": "render" },
    });
    let plan = workspace
        .plan_import(found[0].identity.clone(), &config)
        .await
        .unwrap();
    assert_eq!(plan.refreshed.unwrap().value, resource);
}

#[tokio::test]
async fn what_is_written_for_a_job_that_was_found_takes_it_over_without_a_change() {
    let emulator = Emulator::start();
    let labels = json!({ "team": "render", "managed": "here", "goog-of-googles": "x" });
    let mut strange = remote(Some("nvidia-rtx-pro-6000"), labels);
    let task = &mut strange["template"]["template"];
    task["maxRetries"] = json!(0);
    task["containers"][0]["args"] = json!(["--fast"]);
    emulator.create_job("a", &strange);
    // The provider's label would be added to a job without it.
    let provided = json!({ "managed": "here" });
    emulator.create_job("b", &remote(Some("nvidia-rtx-pro-6000"), provided));
    let mut workspace = Workspace::new(V1_15_9, provider(&emulator.endpoint()));
    let query = Query {
        include_resource: true,
        ..Query::new(json!({}))
    };
    let (found, _) = workspace.query(&query).await.unwrap();
    assert_eq!(found.len(), 2);
    for found in found {
        let resource = found.resource.as_ref().unwrap();
        let config = workspace.written_for(resource).await.unwrap();
        assert!(config["labels"].get("managed").is_none(), "{config}");
        assert!(
            config["gpu"].is_null() && config["resources"].is_null(),
            "{config}"
        );
        let plan = workspace.plan_import(found.identity, &config).await.unwrap();
        assert_eq!((plan.action, &plan.after), (Action::NoOp, &plan.before));
    }
}

#[tokio::test]
async fn a_terraform_that_does_not_say_of_which_state_is_told_so() {
    let emulator = Emulator::start();
    emulator.create_job("a", &with_gpu());
    let mut workspace = workspace(&emulator);
    let query = Query {
        include_resource: true,
        ..Query::new(json!({}))
    };
    let (found, _) = workspace.query(&query).await.unwrap();
    let resource = found[0].resource.as_ref().unwrap();
    let told = workspace.written_for(resource).await.unwrap_err();
    let [error] = errors(&told)[..] else {
        panic!("{told:?}")
    };
    assert!(
        error.detail.contains("Terraform 1.14.0 never sends it"),
        "{}",
        error.detail
    );
}

#[tokio::test]
async fn jobs_that_go_are_not_found_and_a_project_of_other_jobs_is_told_so() {
    let emulator = Emulator::with(&["--operation-time", "3600s"]);
    create_in(&emulator, REGION, "going", &with_gpu());
    let (status, _) = emulator.api(
        "DELETE",
        &format!("/v2/projects/{PROJECT}/locations/{REGION}/jobs/going"),
        None,
    );
    assert_eq!(
        (status, emulator.jobs().len()),
        (200, 1),
        "its operation takes an hour"
    );
    let mut workspace = workspace(&emulator);
    let nothing = found(&mut workspace, &Query::new(json!({}))).await;
    assert_eq!(nothing, (Vec::new(), Vec::new()));

    create_in(&emulator, REGION, "plain", &remote(None, json!({})));
    create_in(&emulator, OTHER_REGION, "plain", &remote(None, json!({})));
    let (names, told) = found(&mut workspace, &Query::new(json!({}))).await;
    assert_eq!((names.len(), told.len()), (0, 1));
    assert!(told[0].detail.contains("has 2 other jobs"), "{told:?}");
    create_in(&emulator, REGION, "a", &with_gpu());
    let (names, told) = found(&mut workspace, &Query::new(json!({}))).await;
    assert_eq!(
        (names.len(), told.len()),
        (1, 0),
        "other jobs are nobody's concern then"
    );
}

#[tokio::test]
async fn a_region_that_cannot_be_asked_is_a_warning_while_others_can_be() {
    let emulator = Emulator::start();
    create_in(&emulator, REGION, "a", &with_gpu());
    create_in(&emulator, OTHER_REGION, "b", &with_gpu());
    let mut workspace = workspace(&emulator);
    let query = Query::new(json!({ "locations": [REGION, OTHER_REGION] }));
    emulator.arm("permission-denied", 1);
    let (names, told) = found(&mut workspace, &query).await;
    let [warning] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(warning.severity(), Severity::Warning);
    assert_eq!(names.len(), 1);
    let silent = if names[0].starts_with(REGION) {
        OTHER_REGION
    } else {
        REGION
    };
    let expected = format!("projects/{PROJECT}/locations/{silent}: Google refused the request: HTTP 403");
    assert!(warning.detail.starts_with(&expected), "{}", warning.detail);

    emulator.arm("permission-denied", 2);
    let told = workspace.query(&query).await.unwrap_err();
    let [error] = told.as_slice() else {
        panic!("core reads the first error only: {told:?}")
    };
    assert_eq!(errors(&told), [error]);
    assert!(error.detail.contains("HTTP 403"), "{}", error.detail);
}

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
async fn asking(
    google: &StandIn,
) -> (
    Terraform,
    Option<facets_gpu::wire::proto::tfplugin6::DynamicValue>,
) {
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
