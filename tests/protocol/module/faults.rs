//! Google's bad days as Terraform 1.5.7 sees them: what the state says afterwards, and what the next plan makes of it.

use serde_json::{Value, json};

use super::{NAME, job, job_with, provider, writes};
use crate::{
    core::{Action, Change, Stored, Workspace},
    harness::Emulator,
    terraform::errors,
    version::V1_5_7,
};

/// Applies a plan that must fail, and gives back the state that is left.
async fn fails(workspace: &mut Workspace, plan: Change, config: &Value) -> Option<Stored> {
    let told = workspace.apply(plan, config).await;
    assert!(!errors(&told).is_empty(), "{told:?}");
    workspace.state.clone()
}

async fn succeeds(workspace: &mut Workspace, plan: Change, config: &Value) {
    let told = workspace.apply(plan, config).await;
    assert!(errors(&told).is_empty(), "{told:?}");
}

async fn created(emulator: &Emulator) -> Workspace {
    let mut workspace = Workspace::new(V1_5_7, provider(emulator));
    let plan = workspace.plan(&job()).await.unwrap();
    succeeds(&mut workspace, plan, &job()).await;
    emulator.clear_requests();
    workspace
}

async fn is_settled(workspace: &mut Workspace, config: &Value) {
    assert_eq!(workspace.plan(config).await.unwrap().action, Action::NoOp);
}

#[tokio::test]
async fn a_creation_that_fails_half_way_is_tainted_and_made_again() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(V1_5_7, provider(&emulator));
    let plan = workspace.plan(&job()).await.unwrap();
    emulator.arm("operation-error", 1);
    let left = fails(&mut workspace, plan, &job()).await.expect("the job exists");
    assert!(left.tainted);
    assert_eq!(left.value["name"], NAME);
    assert_eq!(left.value["uid"], emulator.job(NAME).unwrap()["uid"]);
    assert_eq!(writes(&emulator), ["POST /jobs"]);

    let plan = workspace.plan(&job()).await.unwrap();
    assert_eq!((plan.action, plan.replacing.len()), (Action::Replace, 0));
    succeeds(&mut workspace, plan, &job()).await;
    assert_eq!(
        writes(&emulator),
        [format!("DELETE /jobs/{NAME}"), "POST /jobs".to_owned()]
    );
    let stored = workspace.state.clone().unwrap();
    assert!(!stored.tainted && stored.value["uid"] != left.value["uid"]);
    is_settled(&mut workspace, &job()).await;
}

#[tokio::test]
async fn a_creation_that_is_refused_leaves_nothing_behind() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(V1_5_7, provider(&emulator));
    let plan = workspace.plan(&job()).await.unwrap();
    emulator.arm("quota-exceeded", 1);
    assert_eq!(fails(&mut workspace, plan, &job()).await, None);
    assert_eq!(emulator.jobs(), Vec::<Value>::new());
    let plan = workspace.plan(&job()).await.unwrap();
    assert_eq!(plan.action, Action::Create);
    succeeds(&mut workspace, plan, &job()).await;
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_is_one_job() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(V1_5_7, provider(&emulator));
    let plan = workspace.plan(&job()).await.unwrap();
    emulator.arm("create-lost-answer", 1);
    succeeds(&mut workspace, plan, &job()).await;
    let uid = workspace.state.as_ref().unwrap().value["uid"].clone();
    assert_eq!(emulator.job(NAME).unwrap()["uid"], uid);
    assert_eq!(emulator.jobs().len(), 1);
    is_settled(&mut workspace, &job()).await;
}

#[tokio::test]
async fn a_change_that_fails_is_planned_again_and_taints_nothing() {
    let emulator = Emulator::start();
    let mut workspace = created(&emulator).await;
    let changed = job_with(json!({ "job": { "max_retries": 0 } }));
    let plan = workspace.plan(&changed).await.unwrap();
    emulator.arm("permission-denied-on-write", 1);
    let left = fails(&mut workspace, plan, &changed).await.unwrap();
    assert!(!left.tainted);
    assert_eq!(left.value["job"]["max_retries"], 3, "the job is as it was");
    let plan = workspace.plan(&changed).await.unwrap();
    assert_eq!(plan.action, Action::Update);
    succeeds(&mut workspace, plan, &changed).await;
    is_settled(&mut workspace, &changed).await;
}

#[tokio::test]
async fn a_deletion_that_is_refused_keeps_the_state() {
    let emulator = Emulator::start();
    let mut workspace = created(&emulator).await;
    let before = workspace.state.clone();
    let plan = workspace.plan_destroy(&job()).await.unwrap();
    emulator.arm("permission-denied-on-write", 1);
    assert_eq!(fails(&mut workspace, plan, &Value::Null).await, before);
    let plan = workspace.plan_destroy(&job()).await.unwrap();
    succeeds(&mut workspace, plan, &Value::Null).await;
    assert_eq!(workspace.state, None);
    assert_eq!(emulator.jobs(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_replacement_whose_deletion_is_refused_does_not_go_on() {
    let emulator = Emulator::start();
    let mut workspace = created(&emulator).await;
    let moved = job_with(json!({ "facets": { "environment": "media-prod" } }));
    let plan = workspace.plan(&moved).await.unwrap();
    assert_eq!(plan.action, Action::Replace);
    emulator.arm("permission-denied-on-write", 1);
    let left = fails(&mut workspace, plan, &moved).await.unwrap();
    assert_eq!((left.value["name"].as_str(), left.tainted), (Some(NAME), false));
    assert_eq!(writes(&emulator), [format!("DELETE /jobs/{NAME}")]);
}

#[tokio::test]
async fn a_job_that_cannot_be_read_ends_the_plan_and_leaves_the_state() {
    let emulator = Emulator::start();
    let mut workspace = created(&emulator).await;
    let before = workspace.state.clone();
    emulator.arm("permission-denied", 1);
    let told = workspace.plan(&job()).await.unwrap_err();
    assert_eq!(errors(&told).len(), 1, "{told:?}");
    assert_eq!(workspace.state, before);
    is_settled(&mut workspace, &job()).await;
}
