//! `terraform query`: which jobs are found, in which order, what is told of them, and what Google is asked for it.

mod pages;

use facets_gpu::wire::proto::tfplugin6::{Diagnostic, diagnostic::Severity};
use serde_json::{Value, json};

use crate::{
    core::{Action, Query, Workspace},
    harness::{Emulator, PROJECT, REGION, TOKEN},
    terraform::errors,
    version::{V1_14_0, V1_15_9},
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
