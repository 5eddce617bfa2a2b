//! Values that other resources give during the apply: Terraform 1.5.7 plans with them unknown, whatever they are, since
//! it can defer nothing.

use serde_json::{Value, json};

use super::{NAME, job, provider, writes};
use crate::{
    codec::UNKNOWN,
    core::{Action, Walk, Workspace, incompatible},
    harness::{Emulator, TOKEN},
    terraform::{JOB, Terraform},
    version::V1_5_7,
};

/// The example with the value at a JSON pointer not known yet.
fn job_without(pointer: &str) -> Value {
    let mut job = job();
    *job.pointer_mut(pointer).unwrap() = json!(UNKNOWN);
    job
}

/// Every place in a value, the whole itself excepted.
fn places(at: &str, value: &Value) -> Vec<String> {
    let inside: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    inside
        .into_iter()
        .flat_map(|(name, value)| {
            let place = format!("{at}/{name}");
            let below = places(&place, value);
            std::iter::once(place).chain(below)
        })
        .collect()
}

#[tokio::test]
async fn any_one_value_may_be_unknown_and_the_plan_with_it_known_only_adds_to_the_first() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(V1_5_7, provider(&emulator));
    let plan = workspace.plan(&job()).await.unwrap();
    assert_eq!(workspace.apply(plan, &job()).await, []);

    let mut terraform = Terraform::start(V1_5_7).await;
    let schemas = terraform.schemas().await;
    let configured = terraform
        .configure(schemas.provider.as_ref().unwrap(), &provider(&emulator))
        .await;
    assert_eq!(configured, []);
    let mut walk = Walk {
        terraform: &mut terraform,
        schema: &schemas.resource_schemas[JOB],
    };
    let places = places("", &job());
    for place in ["/secrets", "/job", "/container/image", "/facets/cloud_tags"] {
        assert!(places.iter().any(|other| other == place), "{place}");
    }
    for place in places {
        for prior in [None, workspace.state.clone()] {
            let known = walk.plan(prior.clone(), &job(), None).await.unwrap();
            let unknown = walk.plan(prior, &job_without(&place), None).await.unwrap();
            let faults = incompatible(&unknown.after, &known.after);
            assert!(faults.is_empty(), "{place}: {faults:#?}");
            assert_ne!(unknown.action, Action::NoOp, "{place}");
        }
    }
}

#[tokio::test]
async fn what_is_unknown_at_plan_is_deployed_when_it_is_known() {
    for place in [
        "/container/image",
        "/container",
        "/job",
        "/secrets",
        "/secrets/0/version",
        "/facets",
        "/env",
    ] {
        let emulator = Emulator::start();
        let mut workspace = Workspace::new(V1_5_7, provider(&emulator));
        let plan = workspace.plan(&job_without(place)).await.unwrap();
        assert_eq!(plan.after.pointer(place), Some(&json!(UNKNOWN)), "{place}");
        assert_eq!(workspace.apply(plan, &job()).await, [], "{place}");
        assert_eq!(writes(&emulator), ["POST /jobs"], "{place}");
        let again = workspace.plan(&job()).await.unwrap();
        assert_eq!(again.action, Action::NoOp, "{place}");
    }
}

#[tokio::test]
async fn an_unknown_that_turns_out_to_be_what_it_was_changes_nothing() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(V1_5_7, provider(&emulator));
    let plan = workspace.plan(&job()).await.unwrap();
    assert_eq!(workspace.apply(plan, &job()).await, []);
    emulator.clear_requests();
    let before = workspace.state.clone();
    let plan = workspace.plan(&job_without("/container/image")).await.unwrap();
    assert_eq!(plan.action, Action::Update);
    assert_eq!(workspace.apply(plan, &job()).await, []);
    assert_eq!(writes(&emulator), [""; 0]);
    assert_eq!(workspace.state, before);
}

#[tokio::test]
async fn a_cloud_account_that_is_made_in_the_same_apply_is_unknown_at_plan() {
    let emulator = Emulator::start();
    let mut unknown = provider(&emulator);
    for name in [
        "project",
        "region",
        "credentials",
        "access_token",
        "cloud_run_endpoint",
    ] {
        unknown[name] = json!(UNKNOWN);
    }
    let mut workspace = Workspace::new(V1_5_7, unknown.clone());
    let mut placeless = job_without("/project");
    placeless["location"] = json!(UNKNOWN);
    let plan = workspace.plan(&placeless).await.unwrap();
    assert_eq!(plan.action, Action::Create);
    assert_eq!(
        (plan.after["name"].as_str(), plan.after["id"].as_str()),
        (Some(NAME), Some(UNKNOWN))
    );

    workspace.reconfigure(provider(&emulator));
    assert_eq!(workspace.apply(plan, &job()).await, []);
    assert_eq!(writes(&emulator), ["POST /jobs"]);

    // A key that is about to be replaced: the job is there, and cannot be looked at.
    workspace.reconfigure(unknown);
    let plan = workspace.plan(&job()).await.unwrap();
    assert_eq!(plan.action, Action::NoOp);
    assert_eq!(plan.refreshed, workspace.state);
}

#[tokio::test]
async fn a_provider_block_that_leaves_everything_to_the_job_needs_no_project() {
    let emulator = Emulator::start();
    let bare = json!({ "access_token": TOKEN, "cloud_run_endpoint": emulator.endpoint() });
    let mut workspace = Workspace::new(V1_5_7, bare);
    let plan = workspace.plan(&job()).await.unwrap();
    assert_eq!(workspace.apply(plan, &job()).await, []);
    assert_eq!(writes(&emulator), ["POST /jobs"]);
}

#[tokio::test]
async fn a_validation_knows_no_variable_of_the_root() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(V1_5_7, provider(&emulator));
    let everything: serde_json::Map<_, _> = job()
        .as_object()
        .unwrap()
        .keys()
        .map(|name| (name.clone(), json!(UNKNOWN)))
        .collect();
    let told = workspace.validate(&everything.into()).await.unwrap();
    assert_eq!(told, []);
    assert_eq!(emulator.lines(), [""; 0]);
}
