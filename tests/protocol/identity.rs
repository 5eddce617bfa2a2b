//! Which job a resource is, as Terraform 1.12 and later keep it: in every answer, and as the way to import a job.

use serde_json::{Value, json};

use crate::{
    codec::UNKNOWN,
    core::{Action, Workspace},
    harness::{Emulator, PROJECT, REGION, TOKEN},
    terraform::{Terraform, errors},
    version::{V1_5_7, V1_12_2, V1_16_0},
};

fn provider(emulator: &Emulator) -> Value {
    json!({
        "project": PROJECT,
        "region": REGION,
        "access_token": TOKEN,
        "cloud_run_endpoint": emulator.endpoint(),
    })
}

fn job(name: impl Into<Value>) -> Value {
    json!({ "name": name.into(), "container": { "image": "us-docker.pkg.dev/acme-batch/media/render:1" } })
}

/// The identity of a job of this name.
fn identity(name: &str) -> Value {
    json!({ "project": PROJECT, "location": REGION, "name": name })
}

async fn created(workspace: &mut Workspace, name: &str) {
    let plan = workspace.plan(&job(name)).await.unwrap();
    assert_eq!(workspace.apply(plan, &job(name)).await, []);
}

#[tokio::test]
async fn an_identity_is_planned_stored_and_kept() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(V1_12_2, provider(&emulator));
    let plan = workspace.plan(&job("nightly")).await.unwrap();
    assert_eq!(plan.identity, Some(identity("nightly")));
    assert_eq!(workspace.apply(plan, &job("nightly")).await, []);
    let stored = workspace.state.clone().unwrap();
    assert_eq!(stored.identity, Some(identity("nightly")));
    workspace.calls();

    let plan = workspace.plan(&job("nightly")).await.unwrap();
    assert_eq!(
        (plan.action, plan.identity),
        (Action::NoOp, Some(identity("nightly")))
    );
    assert_eq!(plan.refreshed, Some(stored));
    assert_eq!(
        workspace.calls(),
        [
            "GetProviderSchema GetResourceIdentitySchemas",
            "ValidateProviderConfig ValidateResourceConfig",
            "ValidateProviderConfig ConfigureProvider UpgradeResourceState UpgradeResourceIdentity ReadResource \
             ValidateResourceConfig PlanResourceChange",
        ]
    );
}

#[tokio::test]
async fn another_name_is_another_job_with_an_identity_of_its_own() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(V1_12_2, provider(&emulator));
    created(&mut workspace, "nightly").await;
    let plan = workspace.plan(&job("weekly")).await.unwrap();
    assert_eq!(
        (plan.action, &plan.identity),
        (Action::Replace, &Some(identity("weekly")))
    );
    assert_eq!(workspace.apply(plan, &job("weekly")).await, []);
    assert_eq!(workspace.state.unwrap().identity, Some(identity("weekly")));
}

#[tokio::test]
async fn an_identity_that_is_not_known_at_plan_is_not_planned_and_known_after_the_apply() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(V1_16_0, provider(&emulator));
    let plan = workspace.plan(&job(UNKNOWN)).await.unwrap();
    assert_eq!(plan.identity, None);
    assert_eq!(workspace.apply(plan, &job("nightly")).await, []);
    assert_eq!(
        workspace.state.as_ref().unwrap().identity,
        Some(identity("nightly"))
    );
    // The job may become another one then, and it may not.
    let plan = workspace.plan(&job(UNKNOWN)).await.unwrap();
    assert_eq!((plan.action, plan.identity), (Action::Replace, None));
}

#[tokio::test]
async fn a_state_without_an_identity_gets_one_when_it_is_read() {
    let emulator = Emulator::start();
    let mut older = Workspace::new(V1_5_7, provider(&emulator));
    created(&mut older, "nightly").await;
    let stored = older.state.unwrap();
    assert_eq!(stored.identity, None, "1.5.7 hears of none");
    let mut newer = Workspace::new(V1_12_2, provider(&emulator));
    newer.state = Some(stored);
    let plan = newer.plan(&job("nightly")).await.unwrap();
    assert_eq!(
        (plan.action, plan.identity),
        (Action::NoOp, Some(identity("nightly")))
    );
    assert_eq!(plan.refreshed.unwrap().identity, Some(identity("nightly")));
}

#[tokio::test]
async fn a_creation_that_leaves_a_job_leaves_its_identity_and_one_that_does_not_leaves_none() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(V1_12_2, provider(&emulator));
    for (fault, is_left) in [("permission-denied-on-write", false), ("operation-error", true)] {
        let plan = workspace.plan(&job("nightly")).await.unwrap();
        emulator.arm(fault, 1);
        // The walk holds every answer against the rule: an identity where there is a state, and none where not.
        let told = workspace.apply(plan, &job("nightly")).await;
        assert!(!errors(&told).is_empty(), "{fault}");
        let left = workspace.state.clone().and_then(|stored| stored.identity);
        assert_eq!(left, is_left.then(|| identity("nightly")), "{fault}");
    }
}

#[tokio::test]
async fn a_job_is_imported_by_its_identity_which_the_providers_project_completes() {
    let emulator = Emulator::start();
    let mut maker = Workspace::new(V1_12_2, provider(&emulator));
    created(&mut maker, "nightly").await;
    let made = maker.state.unwrap();
    for wanted in [
        identity("nightly"),
        json!({ "location": REGION, "name": "nightly" }),
        json!(made.value["id"]),
    ] {
        let mut workspace = Workspace::new(V1_12_2, provider(&emulator));
        let plan = workspace
            .plan_import(wanted.clone(), &job("nightly"))
            .await
            .unwrap();
        assert_eq!(plan.action, Action::NoOp, "{wanted}");
        assert_eq!(plan.refreshed.as_ref(), Some(&made), "{wanted}");
    }
}

#[tokio::test]
async fn an_identity_that_names_no_job_is_refused_in_the_words_of_whoever_wrote_it() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(V1_12_2, provider(&emulator));
    for (wanted, expected) in [
        (json!({ "location": REGION }), "name is missing"),
        (
            json!({ "location": REGION, "name": UNKNOWN }),
            "name is not known yet",
        ),
        (
            json!({ "location": REGION, "name": "a/b" }),
            "has another number of parts",
        ),
        (json!({}), "location is missing, and name is missing"),
        (identity("weekly"), "weekly"),
    ] {
        emulator.clear_requests();
        let told = workspace
            .plan_import(wanted.clone(), &job("n"))
            .await
            .unwrap_err();
        let [error] = errors(&told)[..] else {
            panic!("{told:?}")
        };
        assert!(error.detail.contains(expected), "{wanted}: {}", error.detail);
        assert_eq!(emulator.requests().is_empty(), expected != "weekly", "{wanted}");
    }
    // Terraform sends neither when it has neither; a client that does is told so.
    let mut terraform = Terraform::start(V1_12_2).await;
    terraform.schemas().await;
    let answer = terraform.import_value("", None).await;
    assert!(
        answer.diagnostics[0].detail.contains("Neither is given"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_stored_identity_is_read_however_incomplete_it_is_but_not_of_a_newer_provider() {
    let mut terraform = Terraform::start(V1_12_2).await;
    terraform.schemas().await;
    for (version, stored, expected) in [
        (0, r#"{"project": "p", "location": "l", "name": "n"}"#, None),
        (0, r#"{"name": "n", "of_another_version": [1e400]}"#, None),
        (0, "{}", None),
        (0, "", None),
        (-1, "null", None),
        (1, r#"{"name": "n"}"#, Some("one of version 1")),
        (
            i64::MAX,
            "{}",
            Some("Use the version of the provider that wrote it"),
        ),
        (0, r#"{"name": 1}"#, Some("name: expected a string")),
        (0, "[]", Some("expected an object")),
        (0, "{", Some("Unreadable")),
        (0, "\"p/l/n\"", Some("expected an object")),
    ] {
        let answer = terraform.upgrade_identity(version, stored.as_bytes()).await;
        match expected {
            None => {
                assert_eq!(answer.diagnostics, [], "{stored}");
                assert!(answer.upgraded_identity.is_some(), "{stored}");
            }
            Some(expected) => {
                let [told] = answer.diagnostics.as_slice() else {
                    panic!("{stored}: {answer:?}")
                };
                let words = format!("{} {}", told.summary, told.detail);
                assert!(words.contains(expected), "{stored}: {words}");
                assert!(answer.upgraded_identity.is_none(), "{stored}");
            }
        }
    }
}
