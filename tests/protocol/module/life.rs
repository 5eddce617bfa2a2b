//! The module deployed, changed, taken over and destroyed, with every call that Terraform makes for it.

use serde_json::{Value, json};

use super::{NAME, job, job_with, provider, writes};
use crate::{
    core::{Action, Workspace},
    harness::{Emulator, PROJECT, REGION},
    version::{V1_5_7, V1_11_4, V1_12_2, V1_15_9, V1_16_0, Version},
};

/// What 1.5.7 asks each process of a plan of something new.
const PLAN_OF_NEW: [&str; 3] = [
    "GetProviderSchema",
    "GetProviderSchema ValidateProviderConfig ValidateResourceConfig",
    "GetProviderSchema ValidateProviderConfig ConfigureProvider ValidateResourceConfig PlanResourceChange",
];
/// The last process of a plan of something that is there already.
const PLAN_OF_OLD: &str = "GetProviderSchema ValidateProviderConfig ConfigureProvider UpgradeResourceState \
    ReadResource ValidateResourceConfig PlanResourceChange";
/// What applies of saved plans ask their second process.
const CREATE: &str = "GetProviderSchema ValidateProviderConfig ConfigureProvider ValidateResourceConfig \
    PlanResourceChange ApplyResourceChange";
const UPDATE: &str = "GetProviderSchema ValidateProviderConfig ConfigureProvider UpgradeResourceState \
    ValidateResourceConfig PlanResourceChange ApplyResourceChange";
const REPLACE: &str = "GetProviderSchema ValidateProviderConfig ConfigureProvider UpgradeResourceState \
    ApplyResourceChange ValidateResourceConfig PlanResourceChange ApplyResourceChange";
const DELETE: &str = "GetProviderSchema ValidateProviderConfig ConfigureProvider UpgradeResourceState \
    ApplyResourceChange";

async fn created(emulator: &Emulator, version: Version) -> Workspace {
    let mut workspace = Workspace::new(version, provider(emulator));
    let plan = workspace.plan(&job()).await.unwrap();
    let told = workspace.apply(plan, &job()).await;
    assert_eq!(told, []);
    workspace.calls();
    emulator.clear_requests();
    workspace
}

/// Asserts that a plan finds nothing to do.
async fn is_settled(workspace: &mut Workspace, config: &Value) {
    let plan = workspace.plan(config).await.unwrap();
    assert_eq!((plan.action, &plan.after), (Action::NoOp, &plan.before));
    let stored = workspace.state.as_ref();
    assert_eq!(plan.refreshed.as_ref(), stored, "reading back changes nothing");
}

#[tokio::test]
async fn the_platform_deploys_the_module() {
    let emulator = Emulator::start();
    let mut workspace = Workspace::new(V1_5_7, provider(&emulator));
    let told = workspace.validate(&job()).await.unwrap();
    assert_eq!(told, []);
    assert_eq!(workspace.calls(), PLAN_OF_NEW[..2]);

    let plan = workspace.plan(&job()).await.unwrap();
    assert_eq!(workspace.calls(), PLAN_OF_NEW);
    assert_eq!(
        (plan.action, plan.told.as_slice()),
        (Action::Create, [].as_slice())
    );
    assert_eq!(plan.after["name"], NAME);
    assert_eq!(emulator.lines(), [""; 0], "a plan of something new asks nobody");

    let told = workspace.apply(plan, &job()).await;
    assert_eq!(told, []);
    assert_eq!(workspace.calls(), [PLAN_OF_NEW[0], CREATE]);
    assert_eq!(writes(&emulator), ["POST /jobs"]);

    let stored = workspace.state.clone().unwrap();
    let id = format!("projects/{PROJECT}/locations/{REGION}/jobs/{NAME}");
    assert_eq!(stored.value["id"], id);
    assert_eq!(
        stored.value["execution_url"],
        format!("https://run.googleapis.com/v2/{id}:run")
    );
    assert!(!stored.tainted);

    is_settled(&mut workspace, &job()).await;
    assert_eq!(workspace.calls(), [PLAN_OF_NEW[0], PLAN_OF_NEW[1], PLAN_OF_OLD]);
    assert_eq!(writes(&emulator), [""; 0]);
}

#[tokio::test]
async fn a_change_of_the_blueprint_is_one_patch() {
    let emulator = Emulator::start();
    let mut workspace = created(&emulator, V1_5_7).await;
    let uid = workspace.state.as_ref().unwrap().value["uid"].clone();
    let changed = job_with(json!({
        "container": { "image": "us-docker.pkg.dev/acme-batch/media/video-processor:1.5", "args": ["--fast"] },
        "job": { "task_count": 20 },
        "env": { "LEVEL": "debug" },
        "secrets": [],
    }));
    let plan = workspace.plan(&changed).await.unwrap();
    assert_eq!(
        (plan.action, plan.replacing.as_slice()),
        (Action::Update, [].as_slice())
    );
    assert_eq!(plan.after["uid"], uid, "the job stays the same");
    workspace.calls();
    let told = workspace.apply(plan, &changed).await;
    assert_eq!(told, []);
    assert_eq!(workspace.calls(), [PLAN_OF_NEW[0], UPDATE]);
    assert_eq!(writes(&emulator), [format!("PATCH /jobs/{NAME}")]);
    is_settled(&mut workspace, &changed).await;
}

#[tokio::test]
async fn another_environment_is_another_job() {
    let emulator = Emulator::start();
    let mut workspace = created(&emulator, V1_5_7).await;
    let moved = job_with(json!({ "facets": { "environment": "media-prod" } }));
    let plan = workspace.plan(&moved).await.unwrap();
    assert_eq!(
        (plan.action, plan.replacing.as_slice()),
        (Action::Replace, ["name".to_owned()].as_slice())
    );
    let again = format!("{PLAN_OF_OLD} PlanResourceChange");
    assert_eq!(
        workspace.calls(),
        [PLAN_OF_NEW[0], PLAN_OF_NEW[1], again.as_str()]
    );
    let told = workspace.apply(plan, &moved).await;
    assert_eq!(told, []);
    assert_eq!(workspace.calls(), [PLAN_OF_NEW[0], REPLACE]);
    assert_eq!(
        writes(&emulator),
        [format!("DELETE /jobs/{NAME}"), "POST /jobs".to_owned()]
    );
    is_settled(&mut workspace, &moved).await;
}

#[tokio::test]
async fn the_platform_destroys_the_module() {
    let emulator = Emulator::start();
    let mut workspace = created(&emulator, V1_5_7).await;
    let plan = workspace.plan_destroy(&job()).await.unwrap();
    assert_eq!((plan.action, &plan.after), (Action::Delete, &Value::Null));
    let of_nothing = "GetProviderSchema ValidateProviderConfig ConfigureProvider UpgradeResourceState \
        PlanResourceChange";
    assert_eq!(
        workspace.calls(),
        [PLAN_OF_NEW[0], PLAN_OF_NEW[1], PLAN_OF_OLD, of_nothing]
    );
    let told = workspace.apply(plan, &Value::Null).await;
    assert_eq!(told, []);
    assert_eq!(workspace.calls(), [PLAN_OF_NEW[0], DELETE]);
    assert_eq!(writes(&emulator), [format!("DELETE /jobs/{NAME}")]);
    assert_eq!((workspace.state, emulator.jobs()), (None, Vec::new()));
}

#[tokio::test]
async fn an_import_block_takes_a_job_over_as_it_is() {
    let emulator = Emulator::start();
    let made = created(&emulator, V1_5_7).await.state.unwrap();
    let id = made.value["id"].as_str().unwrap().to_owned();
    let mut workspace = Workspace::new(V1_5_7, provider(&emulator));
    let plan = workspace.plan_import(id.as_str(), &job()).await.unwrap();
    let imported = "GetProviderSchema ValidateProviderConfig ConfigureProvider ImportResourceState ReadResource \
        ValidateResourceConfig PlanResourceChange";
    assert_eq!(workspace.calls(), [PLAN_OF_NEW[0], PLAN_OF_NEW[1], imported]);
    // The module writes out what is empty, which an import does not know of.
    assert_eq!(plan.action, Action::Update);
    assert_eq!(plan.after["uid"], made.value["uid"]);
    let before = emulator.job(NAME).unwrap();

    let told = workspace.apply(plan, &job()).await;
    assert_eq!(told, []);
    let writes = writes(&emulator);
    assert!(
        writes.iter().all(|write| write.starts_with("PATCH")),
        "{writes:?}"
    );
    let after = emulator.job(NAME).unwrap();
    for same in ["template", "labels", "uid"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    is_settled(&mut workspace, &job()).await;
}

#[tokio::test]
async fn what_terraform_keeps_for_the_provider_comes_back_as_it_was() {
    // 1.16 shows the plan of an apply what the plan before it has kept.
    for version in [V1_5_7, V1_12_2, V1_16_0] {
        kept_by(version).await;
    }
}

async fn kept_by(version: Version) {
    let emulator = Emulator::start();
    let mut workspace = created(&emulator, version).await;
    let private = br#"{"another version":["kept"]}"#.to_vec();
    workspace.state.as_mut().unwrap().private = private.clone();
    let changes = [
        (Action::NoOp, json!({})),
        (Action::Update, json!({ "job": { "task_count": 20 } })),
        (
            Action::Replace,
            json!({ "facets": { "environment": "media-prod" } }),
        ),
    ];
    for (action, change) in changes {
        let changed = job_with(change);
        let plan = workspace.plan(&changed).await.unwrap();
        assert_eq!((plan.action, &plan.private), (action, &private));
        assert_eq!(plan.refreshed.as_ref().unwrap().private, private, "{action:?}");
        assert_eq!(workspace.apply(plan, &changed).await, []);
        if action != Action::Replace {
            assert_eq!(workspace.state.as_ref().unwrap().private, private, "{action:?}");
        }
    }
}

#[tokio::test]
async fn a_job_that_is_gone_is_made_again() {
    let emulator = Emulator::start();
    let mut workspace = created(&emulator, V1_5_7).await;
    emulator.delete_job(NAME);
    emulator.clear_requests();
    let plan = workspace.plan(&job()).await.unwrap();
    assert_eq!((plan.action, plan.refreshed.as_ref()), (Action::Create, None));
    let told = workspace.apply(plan, &job()).await;
    assert_eq!(told, []);
    assert_eq!(writes(&emulator), ["POST /jobs"]);
    is_settled(&mut workspace, &job()).await;
}

#[tokio::test]
async fn every_version_comes_to_the_same_end_and_1_5_7_misses_nothing() {
    let mut ends = Vec::new();
    for version in [V1_5_7, V1_11_4, V1_12_2, V1_15_9, V1_16_0] {
        let emulator = Emulator::start();
        let mut workspace = created(&emulator, version).await;
        let changed = job_with(json!({ "job": { "parallelism": 4 } }));
        let plan = workspace.plan(&changed).await.unwrap();
        assert_eq!(plan.action, Action::Update);
        let told = workspace.apply(plan, &changed).await;
        assert_eq!(told, []);
        assert_eq!(writes(&emulator), [format!("PATCH /jobs/{NAME}")]);
        is_settled(&mut workspace, &changed).await;
        let mut state = workspace.state.clone().unwrap().value;
        for name in ["uid", "etag", "create_time", "update_time"] {
            assert!(state[name].take().is_string(), "{name}");
        }
        ends.push(state);

        // All that 1.5.7 does not hear of is that it need not ask every process for its schema, and which job it is, and that
        // jobs can be moved here, listed and written down.
        let unheard: Vec<_> = workspace.forgotten.iter().copied().collect();
        let expected: &[&str] = match version.protocol {
            3 => &[
                "generate_resource_config",
                "get_provider_schema_optional",
                "list_resource_schemas",
                "move_resource_state",
                "new_identity",
                "planned_identity",
            ],
            8 => &[
                "generate_resource_config",
                "list_resource_schemas",
                "new_identity",
                "planned_identity",
            ],
            9 => &["generate_resource_config", "list_resource_schemas"],
            _ => &[],
        };
        assert_eq!(unheard, expected, "{}", version.name);

        let plan = workspace.plan_destroy(&changed).await.unwrap();
        let told = workspace.apply(plan, &Value::Null).await;
        assert_eq!(told, []);
        assert_eq!(emulator.jobs(), Vec::<Value>::new());
    }
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:#?}");
}
