//! Imports a job of `google_cloud_run_v2_job` into the module by the steps of `docs/guides/facets.md`, with Terraform 1.5.7
//! features only.

use serde_json::{Value, json};

use super::super::{IMAGE, setup};
use super::{JOB, blueprint};
use crate::harness::facets_platform::{ModuleCall, RootModule};
use crate::harness::{Emulator, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn google_provider_job_is_imported_into_module() {
    let (emulator, terraform) = setup();
    emulator.create_job(ID, &google_provider_job());
    let before = emulator.job(ID).expect("the existing job");
    terraform.write("terraform.tfstate", &google_provider_state(&before).to_string());

    // 1. Remove the job and the enabled API from the state. The google provider is not installed here.
    terraform
        .run(&[
            "state",
            "rm",
            "module.my_video_processor.google_cloud_run_v2_job.this",
            "module.my_video_processor.google_project_service.run",
        ])
        .succeeds()
        .prints("Successfully removed 2 resource instance(s).");

    // 2 and 3. Replace the module and add an import block.
    let mut call = write_module(&terraform);
    terraform.write(
        "import.tf",
        &format!(
            "import {{\n  to = module.my_video_processor.{JOB}\n  id = \"projects/acme-batch/locations/us-central1/jobs/{ID}\"\n}}\n"
        ),
    );
    terraform.init().succeeds();

    // 4. Plan.
    emulator.clear_requests();
    terraform
        .plan(&[])
        .prints("1 to import, 0 to add, 1 to change, 0 to destroy")
        .does_not_print("Missing GPU");

    // 5. Apply and remove the import block.
    terraform
        .apply()
        .succeeds()
        .prints("1 imported, 0 added, 1 changed, 0 destroyed");
    terraform.remove("import.tf");
    terraform.assert_no_changes();
    let writes = emulator.writes();
    assert_eq!(writes, [format!("PATCH /jobs/{ID}")], "the job was replaced");
    assert_same_job(&emulator, &before);
    let outputs = terraform.output("my_video_processor");
    assert_eq!(outputs["attributes"]["job_name"], ID);
    assert_eq!(outputs["attributes"]["job_uid"], before["uid"]);

    // Another environment later creates another job, named by this module.
    call.environment["unique_name"] = json!("media-prod");
    RootModule::new()
        .with_call("my_video_processor", &call)
        .write_to(&terraform);
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 0 changed, 1 destroyed");
    assert!(emulator.job(ID).is_none() && emulator.job("media-prod-my-video-processor").is_some());
}

/// Replaces the published module by this one.
fn write_module(terraform: &Terraform) -> ModuleCall {
    terraform.write("blueprint.yaml", &blueprint());
    let mut call = ModuleCall::new(
        "my-video-processor",
        json!("${yamldecode(file(\"blueprint.yaml\"))}"),
    );
    call.environment["cloud_tags"] = json!({ "FacetsControlPlane": "demo.console.facets.cloud" });
    RootModule::new()
        .with_call("my_video_processor", &call)
        .write_to(terraform);
    call
}

/// Asserts that the job is unchanged except for its labels.
fn assert_same_job(emulator: &Emulator, before: &Value) {
    let after = emulator.job(ID).expect("the existing job");
    assert_eq!(after["uid"], before["uid"]);
    assert_eq!(after["template"], before["template"], "the template changed");
    assert_eq!(after["generation"], json!("2"));
    assert_eq!(
        after["labels"],
        json!({
            "goog-terraform-provisioned": "true",
            "managed-by": "facets",
            "instance": "my-video-processor",
            "environment": "media-demo",
            "facetscontrolplane": "demo-console-facets-cloud",
        })
    );
}

/// The job of the contract's example as created by the published module.
fn google_provider_job() -> Value {
    json!({
        "launchStage": "ALPHA",
        "client": "terraform",
        "labels": {
            "goog-terraform-provisioned": "true",
            "managed-by": "facets",
            "instance": "my-video-processor",
            "environment": "media-demo",
        },
        "template": {
            "taskCount": 10,
            "parallelism": 2,
            "template": {
                "maxRetries": 3,
                "timeout": "3600s",
                "nodeSelector": { "accelerator": "nvidia-rtx-pro-6000" },
                "gpuZonalRedundancyDisabled": true,
                "containers": [{
                    "image": IMAGE,
                    "resources": { "limits": { "cpu": "20", "memory": "80Gi", "nvidia.com/gpu": "1" } },
                    "env": [{
                        "name": "API_KEY",
                        "valueSource": { "secretKeyRef": { "secret": "my-api-key", "version": "latest" } },
                    }],
                }],
            },
        },
    })
}

/// The parts of the published module's state file that `state rm` reads.
fn google_provider_state(job: &Value) -> Value {
    let resource = |kind: &str, name: &str, attributes: Value| {
        json!({
            "module": "module.my_video_processor",
            "mode": "managed",
            "type": kind,
            "name": name,
            "provider": "provider[\"registry.terraform.io/hashicorp/google\"]",
            "instances": [{ "schema_version": 0, "attributes": attributes, "sensitive_attributes": [] }],
        })
    };
    json!({
        "version": 4,
        "terraform_version": "1.5.7",
        "serial": 7,
        "lineage": "0f5b7c9e-5a43-4d0c-8d6a-6a1d6d5d9a11",
        "outputs": {},
        "resources": [
            resource("google_cloud_run_v2_job", "this", json!({ "id": job["name"], "name": ID, "uid": job["uid"] })),
            resource("google_project_service", "run", json!({ "service": "run.googleapis.com" })),
        ],
        "check_results": null,
    })
}

/// The published module joins the parts of the name in the other order.
const ID: &str = "my-video-processor-media-demo";
