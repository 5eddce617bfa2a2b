//! The contract's example from its first plan to its end, and the folder that shows it.

use std::path::Path;

use serde_json::{Value, json};

use super::super::{IMAGE, cloud, terraform};
use super::{JOB, blueprint, yaml};
use crate::harness::Emulator;
use crate::harness::facets_platform::{Call, Root, copy, module};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_example_of_the_contract_lives_as_its_page_says() {
    let (cloud, terraform) = cloud();
    terraform.write("blueprint.yaml", &blueprint());
    root().lay(&terraform);
    terraform.init().succeeds();
    terraform
        .plan(&[])
        .says("1 to add, 0 to change, 0 to destroy")
        .says(&format!("execution_url = \"{URL}\""));
    assert_eq!(
        cloud.lines(),
        Vec::<String>::new(),
        "the plan of a new job asks Google nothing"
    );
    terraform
        .apply()
        .succeeds()
        .says("1 added, 0 changed, 0 destroyed");
    let made = is_as_the_blueprint_says(&cloud, 2);
    let uid = made["uid"].as_str().expect("a uid");
    let given = terraform.output("my_video_processor");
    assert_eq!(given, outputs(2, uid));
    are_as_their_type_says(&given["attributes"]);
    terraform.has_nothing_to_do();

    terraform.write(
        "blueprint.yaml",
        &blueprint().replace("parallelism: 2", "parallelism: 5"),
    );
    terraform
        .apply()
        .succeeds()
        .says("0 added, 1 changed, 0 destroyed");
    let changed = is_as_the_blueprint_says(&cloud, 5);
    assert_eq!(changed["uid"], made["uid"], "the job is the same one");
    assert_eq!(terraform.output("my_video_processor"), outputs(5, uid));
    terraform.has_nothing_to_do();

    // The URL of the outputs starts the job, with an empty POST.
    let path = URL
        .strip_prefix("https://run.googleapis.com")
        .expect("Google's host");
    assert_eq!(cloud.api("POST", path, Some(&json!({}))).0, 200);
    terraform.has_nothing_to_do();

    terraform.destroy().succeeds().says("1 destroyed");
    assert_eq!(cloud.jobs(), Vec::<Value>::new());
}

/// Holds the job against the blueprint, field by field, and passes it on.
#[track_caller]
fn is_as_the_blueprint_says(cloud: &Emulator, parallelism: u64) -> Value {
    let job = cloud.job(ID).expect("the job of the blueprint");
    let mut template = job["template"].clone();
    let task = template["template"].as_object_mut().expect("a task");
    assert_eq!(
        task.remove("executionEnvironment"),
        Some(json!("EXECUTION_ENVIRONMENT_GEN2"))
    );
    assert!(task.remove("serviceAccount").is_some(), "Google fills it in");
    assert_eq!(
        template,
        json!({
            "taskCount": 10,
            "parallelism": parallelism,
            "template": {
                "containers": [{
                    "image": IMAGE,
                    "env": [{
                        "name": "API_KEY",
                        "valueSource": { "secretKeyRef": { "secret": "my-api-key", "version": "latest" } },
                    }],
                    "resources": { "limits": { "cpu": "20", "memory": "80Gi", "nvidia.com/gpu": "1" } },
                }],
                "nodeSelector": { "accelerator": "nvidia-rtx-pro-6000" },
                "gpuZonalRedundancyDisabled": true,
                "maxRetries": 3,
                "timeout": "3600s",
            },
        })
    );
    assert_eq!(
        job["labels"],
        json!({
            "managed-by": "facets",
            "instance": "my-video-processor",
            "environment": "media-demo",
            "facetscontrolplane": "demo-console-facets-cloud",
        })
    );
    // Google answers with the stage of what the job uses; what counts is what was sent.
    let sent = cloud.requests().into_iter().rfind(|request| request.is_write());
    assert_eq!(sent.expect("a write").body()["launchStage"], "ALPHA");
    job
}

/// What the resources wired to this one see.
fn outputs(parallelism: u64, uid: &str) -> Value {
    json!({
        "attributes": {
            "job_name": ID,
            "job_id": format!("projects/acme-batch/locations/us-central1/jobs/{ID}"),
            "job_uid": uid,
            "location": "us-central1",
            "project_id": "acme-batch",
            "execution_url": URL,
            "gpu_enabled": true,
            "gpu_type": "nvidia-rtx-pro-6000",
            "task_count": 10,
            "parallelism": parallelism,
            "max_retries": 3,
            "task_timeout": "3600s",
        },
        "interfaces": {},
    })
}

/// Holds the outputs against outputs.yaml, which is what the platform shows of them.
fn are_as_their_type_says(attributes: &Value) {
    let described = &yaml("outputs/cloudrun_attributes/outputs.yaml")["properties"]["properties"];
    let described = described["attributes"]["properties"]
        .as_object()
        .expect("attributes");
    let attributes = attributes.as_object().expect("an object");
    assert!(described.keys().eq(attributes.keys()), "{described:?}");
    for (name, value) in attributes {
        let kind = match value {
            Value::String(_) => "string",
            Value::Number(_) => "number",
            Value::Bool(_) => "boolean",
            other => panic!("{name} is {other}"),
        };
        assert_eq!(described[name]["type"], kind, "{name}");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_folder_that_shows_the_module_applies_and_is_stable() {
    let (cloud, mut terraform) = cloud();
    let repository = terraform.folder().join("repository");
    for folder in ["modules/cloudrun/gpu-job/1.0", "examples/module"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        copy(&from, &repository.join(folder));
    }
    terraform.enter("repository/examples/module");
    // Its provider block has project and region; the rest comes from the environment.
    terraform.unset("GOOGLE_PROJECT");
    terraform.unset("GOOGLE_REGION");
    terraform.init().succeeds();
    terraform
        .apply()
        .succeeds()
        .says("1 added, 0 changed, 0 destroyed");
    let job = cloud.job(ID).expect("the job of the example");
    assert_eq!(job["template"]["taskCount"], 10);
    let state = terraform.state(&format!("module.my_video_processor.{JOB}"));
    assert_eq!(state["uid"], job["uid"]);
    terraform.has_nothing_to_do();
    terraform.destroy().succeeds().says("1 destroyed");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_module_is_valid_by_itself() {
    let terraform = terraform();
    terraform.copy_from(&module());
    terraform.init().succeeds();
    let told = terraform.validate();
    assert_eq!(told["valid"], true, "{told:#}");
    assert_eq!(told["diagnostics"], json!([]), "{told:#}");
    terraform.run(&["fmt", "-check", "-diff"]).succeeds();
}

/// The blueprint's resource, as the platform calls the module for it.
fn root() -> Root {
    let instance = "${yamldecode(file(\"${path.module}/blueprint.yaml\"))}";
    let mut call = Call::new("my-video-processor", json!(instance));
    call.environment["cloud_tags"] = json!({ "FacetsControlPlane": "demo.console.facets.cloud" });
    Root::new().calling("my_video_processor", &call)
}

const ID: &str = "media-demo-my-video-processor";
const URL: &str = "https://run.googleapis.com/v2/projects/acme-batch/locations/us-central1/jobs/media-demo-my-video-processor:run";
