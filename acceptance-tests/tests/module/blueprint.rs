//! The example of the contract from plan to destroy, and `examples/module`.

use std::path::Path;

use serde_json::{Value, json};

use super::super::{IMAGE, setup, terraform};
use super::root_module::{ModuleCall, RootModule, copy, module};
use super::{JOB, blueprint, yaml};
use crate::harness::Emulator;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn contract_example_lifecycle() {
    let (emulator, terraform) = setup();
    terraform.write("blueprint.yaml", &blueprint());
    root().write_to(&terraform);
    terraform.init().succeeds();
    terraform
        .plan(&[])
        .prints("1 to add, 0 to change, 0 to destroy")
        .prints(&format!("execution_url = \"{URL}\""));
    assert_eq!(
        emulator.request_lines(),
        Vec::<String>::new(),
        "the plan of a new job sent requests"
    );
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 0 changed, 0 destroyed");
    let created = assert_matches_blueprint(&emulator, 2);
    let uid = created["uid"].as_str().expect("a uid");
    let output = terraform.output("my_video_processor");
    assert_eq!(output, outputs(2, uid));
    let output_type = yaml("outputs/cloudrun_attributes/outputs.yaml");
    assert_has_type(&output, &output_type["properties"], "output");
    terraform.assert_no_changes();

    terraform.write(
        "blueprint.yaml",
        &blueprint().replace("parallelism: 2", "parallelism: 5"),
    );
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 1 changed, 0 destroyed");
    let updated = assert_matches_blueprint(&emulator, 5);
    assert_eq!(updated["uid"], created["uid"], "the job was replaced");
    assert_eq!(terraform.output("my_video_processor"), outputs(5, uid));
    terraform.assert_no_changes();

    // The interface executes the job.
    let jobs_api = &output["interfaces"]["jobs_api"];
    let endpoint = jobs_api["endpoint"].as_str().expect("a URL");
    let path = endpoint.strip_prefix("https://run.googleapis.com");
    let path = path.expect("a URL of the Cloud Run API");
    let method = jobs_api["http_method"].as_str().expect("a method");
    assert_eq!(emulator.api(method, path, Some(&json!({}))).0, 200);
    assert_eq!(emulator.executions().len(), 1);
    terraform.assert_no_changes();

    terraform.destroy().succeeds().prints("1 destroyed");
    assert_eq!(emulator.jobs(), Vec::<Value>::new());
}

/// Asserts that the job has the values of the blueprint, and returns it.
#[track_caller]
fn assert_matches_blueprint(emulator: &Emulator, parallelism: u64) -> Value {
    let job = emulator.job(ID).expect("the job of the blueprint");
    let mut template = job["template"].clone();
    let task = template["template"].as_object_mut().expect("a task");
    assert_eq!(
        task.remove("executionEnvironment"),
        Some(json!("EXECUTION_ENVIRONMENT_GEN2"))
    );
    assert!(task.remove("serviceAccount").is_some(), "the API fills it in");
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
    // The API may return another launch stage than was sent.
    let sent = emulator
        .requests()
        .into_iter()
        .rfind(|request| request.is_write());
    assert_eq!(sent.expect("a write").body()["launchStage"], "ALPHA");
    job
}

/// The expected outputs of the module.
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
        "interfaces": {
            "jobs_api": {
                "endpoint": URL,
                "http_method": "POST",
                "content_type": "application/json",
                "description": "Starts an execution of the job; needs an access token and a body such as {}",
            },
        },
    })
}

/// Compares an output with outputs.yaml, its type on the platform.
fn assert_has_type(value: &Value, schema: &Value, path: &str) {
    let kind = match value {
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::Object(_) => "object",
        other => panic!("{path} is {other}"),
    };
    assert_eq!(schema["type"], kind, "{path}");
    if let Value::Object(fields) = value {
        let properties = schema["properties"].as_object().expect(path);
        assert!(
            properties.keys().eq(fields.keys()),
            "{path}: {value}, not {schema}"
        );
        for (name, field) in fields {
            assert_has_type(field, &properties[name], &format!("{path}.{name}"));
        }
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn module_example_applies() {
    let (emulator, mut terraform) = setup();
    let repository = terraform.folder().join("repository");
    for folder in ["modules/cloudrun/gpu-job/1.0", "examples/module"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        copy(&from, &repository.join(folder));
    }
    terraform.change_directory("repository/examples/module");
    // Its provider block sets project and region.
    terraform.unset("GOOGLE_PROJECT");
    terraform.unset("GOOGLE_REGION");
    terraform.init().succeeds();
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 0 changed, 0 destroyed");
    let job = emulator.job(ID).expect("the job of the example");
    assert_eq!(job["template"]["taskCount"], 10);
    let state = terraform.state(&format!("module.my_video_processor.{JOB}"));
    assert_eq!(state["uid"], job["uid"]);
    terraform.assert_no_changes();
    terraform.destroy().succeeds().prints("1 destroyed");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn module_validates() {
    let terraform = terraform();
    terraform.copy_from(&module());
    terraform.init().succeeds();
    let result = terraform.validate();
    assert_eq!(result["valid"], true, "{result:#}");
    assert_eq!(result["diagnostics"], json!([]), "{result:#}");
    terraform.run(&["fmt", "-check", "-diff"]).succeeds();
}

/// A root module that calls the module with the blueprint.
fn root() -> RootModule {
    let instance = "${yamldecode(file(\"${path.module}/blueprint.yaml\"))}";
    let mut call = ModuleCall::new("my-video-processor", json!(instance));
    call.environment["cloud_tags"] = json!({ "FacetsControlPlane": "demo.console.facets.cloud" });
    RootModule::new().with_call("my_video_processor", &call)
}

const ID: &str = "media-demo-my-video-processor";
const URL: &str = "https://run.googleapis.com/v2/projects/acme-batch/locations/us-central1/jobs/media-demo-my-video-processor:run";
