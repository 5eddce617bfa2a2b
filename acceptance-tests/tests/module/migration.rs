//! A job that `google_cloud_run_v2_job` made moves into the module without being made anew: the recipe of
//! `docs/guides/facets.md`, in words that Terraform 1.5.7 knows.

use serde_json::{Value, json};

use super::super::{IMAGE, cloud};
use super::{JOB, blueprint};
use crate::harness::facets_platform::{Call, Root};
use crate::harness::{Emulator, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_of_the_google_provider_moves_into_the_module_as_it_is() {
    let (cloud, terraform) = cloud();
    cloud.create_job(ID, &made_by_the_google_provider());
    let before = cloud.job(ID).expect("the job of old");
    terraform.write(
        "terraform.tfstate",
        &state_of_the_google_provider(&before).to_string(),
    );

    // 1. The state forgets the job and the switched-on API. The google provider is not installed here.
    terraform
        .run(&[
            "state",
            "rm",
            "module.my_video_processor.google_cloud_run_v2_job.this",
            "module.my_video_processor.google_project_service.run",
        ])
        .succeeds()
        .says("Successfully removed 2 resource instance(s).");

    // 2 and 3. This module in the place of the other, and where the job is.
    let mut call = lay_the_module(&terraform);
    terraform.write(
        "import.tf",
        &format!(
            "import {{\n  to = module.my_video_processor.{JOB}\n  id = \"projects/acme-batch/locations/us-central1/jobs/{ID}\"\n}}\n"
        ),
    );
    terraform.init().succeeds();

    // 4. The plan.
    cloud.clear_requests();
    terraform
        .plan(&[])
        .says("1 to import, 0 to add, 1 to change, 0 to destroy")
        .does_not_say("Imported job will change");

    // 5. The apply, and the end of the block.
    terraform
        .apply()
        .succeeds()
        .says("1 imported, 0 added, 1 changed, 0 destroyed");
    terraform.remove("import.tf");
    terraform.has_nothing_to_do();
    let writes = cloud.writes();
    assert_eq!(
        writes,
        [format!("PATCH /jobs/{ID}")],
        "nothing is made or deleted"
    );
    is_the_job_of_old(&cloud, &before);
    let outputs = terraform.output("my_video_processor");
    assert_eq!(outputs["attributes"]["job_name"], ID);
    assert_eq!(outputs["attributes"]["job_uid"], before["uid"]);

    // Later: another environment is another job, under a name of the new kind.
    call.environment["unique_name"] = json!("media-prod");
    Root::new().calling("my_video_processor", &call).lay(&terraform);
    terraform
        .apply()
        .succeeds()
        .says("1 added, 0 changed, 1 destroyed");
    assert!(cloud.job(ID).is_none() && cloud.job("media-prod-my-video-processor").is_some());
}

/// This module in the place of the other.
fn lay_the_module(terraform: &Terraform) -> Call {
    terraform.write("blueprint.yaml", &blueprint());
    let mut call = Call::new(
        "my-video-processor",
        json!("${yamldecode(file(\"blueprint.yaml\"))}"),
    );
    call.environment["cloud_tags"] = json!({ "FacetsControlPlane": "demo.console.facets.cloud" });
    Root::new().calling("my_video_processor", &call).lay(terraform);
    call
}

/// What stays, and what comes.
fn is_the_job_of_old(cloud: &Emulator, before: &Value) {
    let now = cloud.job(ID).expect("the job under its old name");
    assert_eq!(now["uid"], before["uid"]);
    assert_eq!(now["template"], before["template"], "what runs is the same");
    assert_eq!(now["generation"], json!("2"));
    assert_eq!(
        now["labels"],
        json!({
            "goog-terraform-provisioned": "true",
            "managed-by": "facets",
            "instance": "my-video-processor",
            "environment": "media-demo",
            "facetscontrolplane": "demo-console-facets-cloud",
        })
    );
}

/// The job of the contract's example as the published module has it made.
fn made_by_the_google_provider() -> Value {
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

/// A state file as Terraform leaves it after an apply of the published module, as far as `state rm` reads it.
fn state_of_the_google_provider(job: &Value) -> Value {
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

/// The published module names jobs the other way round.
const ID: &str = "my-video-processor-media-demo";
