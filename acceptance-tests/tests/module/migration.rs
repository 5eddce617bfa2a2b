//! Imports a job of `google_cloud_run_v2_job` into the module with the commands of `docs/guides/facets.md`.

use serde_json::{Value, json};

use super::super::guides::shell::{Programs, blocks, output_text, section};
use super::super::{IMAGE, setup};
use super::root_module::{ModuleCall, RootModule};
use super::{JOB, blueprint};
use crate::harness::{Emulator, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn import_keeps_current_name() {
    let name = "media-demo-my-video-processor";
    assert_import_keeps_name("my-video-processor", name, name);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn import_keeps_name_in_older_order() {
    assert_import_keeps_name(
        "my-video-processor",
        "my-video-processor-media-demo",
        "media-demo-my-video-processor",
    );
}

/// The published module gives the MD5 hash of a name with more than 63 characters.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn import_keeps_hashed_name() {
    assert_import_keeps_name(
        "transcoding-of-all-uploaded-customer-videos-in-every-resolution",
        "de000fc2d9934c84192f2ad0409793a3",
        "media-demo-transcoding-of-all-uploaded-customer-videos-8cd31ac7",
    );
}

/// Follows the guide with the job of an instance. A replacement gives it this module's name.
fn assert_import_keeps_name(instance: &str, name: &str, replacement: &str) {
    let (emulator, terraform) = setup();
    emulator.create_job(name, &google_provider_job(instance));
    let before = emulator.job(name).expect("the existing job");
    terraform.write("terraform.tfstate", &google_provider_state(&before).to_string());
    let section = section("facets", "Moving a job of google_cloud_run_v2_job");
    // The google provider, which `terraform state show` needs, is not installed here.
    let [(_, show), (_, remove), (_, import), ..] = &blocks(&section)[..] else {
        panic!("three blocks")
    };
    assert!(show.starts_with("terraform state show"), "{show}");

    let output = Programs::new().run(&terraform, &[], remove);
    let text = output_text(&output);
    assert!(
        text.contains("Successfully removed 2 resource instance(s)."),
        "{text}"
    );
    write_module(&terraform, instance);
    let example = "media-demo-my-video-processor";
    assert!(import.contains(example), "{import}");
    terraform.write("import.tf", &import.replace(example, name));
    terraform.init().succeeds();
    terraform
        .plan(&[])
        .prints("1 to import, 0 to add, 1 to change, 0 to destroy")
        .does_not_print("Missing GPU");
    emulator.clear_requests();
    terraform
        .apply()
        .succeeds()
        .prints("1 imported, 0 added, 1 changed, 0 destroyed");
    terraform.remove("import.tf");
    terraform.assert_no_changes();
    assert_eq!(emulator.writes(), [format!("PATCH /jobs/{name}")]);
    assert_same_job(&emulator, &before, instance);
    let attributes = &terraform.output("my_video_processor")["attributes"];
    assert_eq!(attributes["job_name"], name);
    assert_eq!(attributes["job_uid"], before["uid"]);

    let replace = format!("-replace=module.my_video_processor.{JOB}");
    terraform
        .run(&["apply", "-auto-approve", "-input=false", &replace])
        .succeeds()
        .prints("1 added, 0 changed, 1 destroyed");
    let jobs = emulator.jobs();
    let names: Vec<_> = jobs
        .iter()
        .filter_map(|job| job["name"].as_str()?.rsplit('/').next())
        .collect();
    assert_eq!(names, [replacement]);
}

/// Replaces the published module by this one.
fn write_module(terraform: &Terraform, instance: &str) {
    terraform.write("blueprint.yaml", &blueprint());
    let mut call = ModuleCall::new(instance, json!("${yamldecode(file(\"blueprint.yaml\"))}"));
    call.environment["cloud_tags"] = json!({ "FacetsControlPlane": "demo.console.facets.cloud" });
    RootModule::new()
        .with_call("my_video_processor", &call)
        .write_to(terraform);
}

/// Asserts that the job is unchanged except for its labels.
fn assert_same_job(emulator: &Emulator, before: &Value, instance: &str) {
    let jobs = emulator.jobs();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    let after = &jobs[0];
    assert_eq!(after["name"], before["name"]);
    assert_eq!(after["uid"], before["uid"]);
    assert_eq!(after["template"], before["template"], "the template changed");
    assert_eq!(after["generation"], json!("2"));
    assert_eq!(
        after["labels"],
        json!({
            "goog-terraform-provisioned": "true",
            "managed-by": "facets",
            "instance": instance,
            "environment": "media-demo",
            "facetscontrolplane": "demo-console-facets-cloud",
        })
    );
}

/// The job of the contract's example as created by the published module.
fn google_provider_job(instance: &str) -> Value {
    json!({
        "launchStage": "ALPHA",
        "client": "terraform",
        "labels": {
            "goog-terraform-provisioned": "true",
            "managed-by": "facets",
            "instance": instance,
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
            resource("google_cloud_run_v2_job", "this", json!({ "id": job["name"], "uid": job["uid"] })),
            resource("google_project_service", "run", json!({ "service": "run.googleapis.com" })),
        ],
        "check_results": null,
    })
}
