//! Moves a `google_cloud_run_v2_job` to this resource by a `moved` block, which requires Terraform 1.8. The job itself does not
//! change.
//!
//! Terraform requires every provider named in the state, but only reads the schemas of the Google provider and passes the
//! stored state on. So this provider's binary is installed in its place.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::{IMAGE, RENDER};
use crate::harness::{Emulator, Feature, Installation, Terraform, binaries, requires};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn matching_job_moves_without_write() {
    if !requires(Feature::MoveAcrossTypes) {
        return;
    }
    let (emulator, terraform) = setup_google_job(|_| ());
    terraform.copy_from(&example("moved"));
    terraform.init().succeeds();
    let before = emulator.job("render").expect("the existing job");
    let plan = terraform.plan_json();
    let change = &plan["resource_changes"][0];
    assert_eq!(change["previous_address"], "google_cloud_run_v2_job.render");
    assert_eq!(change["change"]["actions"], json!(["no-op"]), "{change:#}");
    for refresh in ["-refresh=false", "-refresh=true"] {
        terraform
            .plan(&[refresh])
            .prints("google_cloud_run_v2_job.render has moved to facets_gpu_cloudrun_job.render")
            .prints("0 to add, 0 to change, 0 to destroy")
            .does_not_print("Warning");
    }
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 0 changed, 0 destroyed");
    assert_eq!(emulator.job("render"), Some(before.clone()));
    assert_no_writes(&emulator);

    // The block and the Google provider can be removed. Foreign labels are not in the state.
    terraform.write("main.tf", &without_moved_block(&example_text("moved")));
    terraform.init().succeeds().does_not_print("hashicorp/google");
    terraform.assert_no_changes();
    let state = terraform.state(RENDER);
    assert_eq!(state["uid"], before["uid"]);
    assert_eq!(state["effective_labels"], json!({ "team": "media" }));
    terraform.destroy().fails_with("Deletion protection enabled");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn provider_only_changes_move_without_write() {
    if !requires(Feature::MoveAcrossTypes) {
        return;
    }
    let (emulator, terraform) = setup_google_job(|_| ());
    // Without deletion protection, and with the secrets in another order: the Google provider has a set.
    let configuration = example_text("moved")
        .replace("deletion_protection = true", "")
        .replace("B_KEY", "?")
        .replace("A_KEY", "B_KEY")
        .replace("?", "A_KEY")
        .replace("\"b\"", "\"?\"")
        .replace("\"a\"", "\"b\"")
        .replace("\"?\"", "\"a\"");
    terraform.write("main.tf", &configuration);
    terraform.init().succeeds();
    let plan = terraform.plan_json();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["before"]["deletion_protection"], true);
    assert_eq!(change["after"]["deletion_protection"], false);
    assert_eq!(change["after"]["secrets"][0]["env_var"], "A_KEY");
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 1 changed, 0 destroyed");
    assert_no_writes(&emulator);
    terraform.assert_no_changes();
    terraform.destroy().succeeds();
    assert_eq!(emulator.job("render"), None);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn differing_job_updates_in_place() {
    if !requires(Feature::MoveAcrossTypes) {
        return;
    }
    let (emulator, terraform) = setup_google_job(|_| ());
    let configuration = example_text("moved").replace("= 10", "= 7");
    terraform.write("main.tf", &configuration);
    terraform.init().succeeds();
    let before = emulator.job("render").expect("the existing job");
    terraform
        .plan(&[])
        .prints("0 to add, 1 to change, 0 to destroy")
        .prints("task_count = 10 -> 7");
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 1 changed, 0 destroyed");
    let after = emulator.job("render").expect("the same job");
    assert_eq!(after["uid"], before["uid"]);
    assert_eq!(after["template"]["taskCount"], 7);
    assert_eq!(after["labels"], before["labels"], "unmanaged labels changed");
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unmoved_settings_are_warned_about() {
    if !requires(Feature::MoveAcrossTypes) {
        return;
    }
    let (_emulator, terraform) = setup_google_job(|attributes| {
        attributes["deletion_policy"] = json!("PREVENT");
        let task = &mut attributes["template"][0]["template"][0];
        task["node_selector"] = json!([]);
        let containers = task["containers"].as_array_mut();
        let containers = containers.expect("a list of containers");
        containers[0]["resources"] = json!([]);
        containers.push(json!({ "name": "proxy", "image": IMAGE }));
    });
    terraform.copy_from(&example("moved"));
    terraform.init().succeeds();
    terraform
        .plan(&[])
        .prints("Warning: Missing GPU")
        .prints("has no GPU")
        .prints("Warning: Deletion policy not moved")
        .prints("Set deletion_protection = true");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn state_rm_and_import_replaces_move() {
    let (emulator, terraform) = setup_google_job(|_| ());
    terraform.copy_from(&example("import"));
    terraform
        .run(&["state", "rm", "google_cloud_run_v2_job.render"])
        .succeeds();
    terraform.init().succeeds();
    let before = emulator.job("render").expect("the existing job");
    terraform
        .apply()
        .succeeds()
        .prints("Warning: Unmanaged imported labels")
        .prints("1 imported, 0 added, 1 changed, 0 destroyed");
    terraform.assert_no_changes();
    let after = emulator.job("render").expect("the same job");
    assert_eq!(
        (&after["uid"], &after["template"]),
        (&before["uid"], &before["template"])
    );
    assert_eq!(after["labels"], before["labels"], "unconfigured labels changed");
    assert_eq!(terraform.state(RENDER)["deletion_protection"], true);
}

/// A job created by the Google provider. `edit` changes its state, not the job.
fn setup_google_job(edit: impl FnOnce(&mut Value)) -> (Emulator, Terraform) {
    let emulator = Emulator::start();
    let terraform = terraform_with_google_provider().with_emulator(&emulator);
    emulator.create_job("render", &google_job());
    let mut attributes = google_attributes(&emulator.job("render").expect("the created job"));
    edit(&mut attributes);
    terraform.write("terraform.tfstate", &state_file(&attributes).to_string());
    emulator.clear_requests();
    (emulator, terraform)
}

/// A working directory whose mirror has this provider in place of the Google provider.
fn terraform_with_google_provider() -> Terraform {
    let installation = Installation::new().unwrap_or_else(|reason| panic!("{reason}"));
    binaries::provider()
        .and_then(|google| installation.add_provider(&google, "hashicorp/google", "7.10.0"))
        .unwrap_or_else(|reason| panic!("{reason}"));
    Terraform::new(&Arc::new(installation)).unwrap_or_else(|reason| panic!("{reason}"))
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/migration")
        .join(name)
}

fn example_text(name: &str) -> String {
    fs::read_to_string(example(name).join("main.tf")).expect("the example's text")
}

fn without_moved_block(text: &str) -> String {
    let (before, rest) = text.split_once("moved {").expect("a block");
    let (_, after) = rest.split_once("}\n").expect("the end of the block");
    format!("{before}{after}")
}

fn assert_no_writes(emulator: &Emulator) {
    assert_eq!(emulator.writes(), [""; 0]);
}

/// The job as the API returns it.
fn google_job() -> Value {
    let secret = |name: &str, secret: &str| json!({ "name": name, "valueSource": { "secretKeyRef": { "secret": secret, "version": "latest" } } });
    json!({
        "launchStage": "BETA",
        "client": "terraform",
        "labels": { "team": "media", "goog-terraform-provisioned": "true", "scanned": "yes" },
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
                    "env": [{ "name": "MODE", "value": "final" }, secret("B_KEY", "b"), secret("A_KEY", "a")],
                }],
            },
        },
    })
}

/// The attributes of a `google_cloud_run_v2_job` after its refresh.
fn google_attributes(job: &Value) -> Value {
    let secret = |name: &str, secret: &str| {
        let reference = json!([{ "secret": secret, "version": "latest" }]);
        json!({ "name": name, "value": "", "value_source": [{ "secret_key_ref": reference }] })
    };
    let container = json!({
        "args": null, "command": null, "depends_on": null, "image": IMAGE, "name": "", "ports": [],
        "env": [secret("B_KEY", "b"), { "name": "MODE", "value": "final", "value_source": [] }, secret("A_KEY", "a")],
        "resources": [{ "limits": { "cpu": "20", "memory": "80Gi", "nvidia.com/gpu": "1" } }],
        "startup_probe": [], "volume_mounts": [], "working_dir": "",
    });
    let task = json!({
        "containers": [container], "encryption_key": "", "execution_environment": "EXECUTION_ENVIRONMENT_GEN2",
        "gpu_zonal_redundancy_disabled": true, "max_retries": 3,
        "node_selector": [{ "accelerator": "nvidia-rtx-pro-6000" }],
        "service_account": job["template"]["template"]["serviceAccount"], "timeout": "3600s", "volumes": [], "vpc_access": [],
    });
    let template =
        json!({ "annotations": {}, "labels": {}, "parallelism": 2, "task_count": 10, "template": [task] });
    let mut attributes = json!({
        "annotations": {}, "binary_authorization": [], "client": "terraform", "client_version": "", "conditions": [],
        "creator": job["creator"], "create_time": job["createTime"], "update_time": job["updateTime"], "delete_time": "",
        "deletion_protection": true, "effective_annotations": {}, "effective_labels": job["labels"],
        "execution_count": 0, "expire_time": "", "id": job["name"], "labels": { "team": "media" },
    });
    let more = json!({
        "etag": job["etag"], "generation": job["generation"], "last_modifier": "", "latest_created_execution": [],
        "launch_stage": "BETA", "location": "us-central1", "name": "render", "observed_generation": job["generation"],
        "project": "acme-batch", "reconciling": false, "run_execution_token": null, "start_execution_token": null,
        "template": [template], "terminal_condition": [], "timeouts": null, "uid": job["uid"],
        "terraform_labels": { "team": "media", "goog-terraform-provisioned": "true" },
    });
    for (name, member) in more.as_object().expect("members of a job") {
        attributes[name] = member.clone();
    }
    attributes
}

fn state_file(attributes: &Value) -> Value {
    json!({
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 7,
        "lineage": "0f5b7c9e-5a43-4d0c-8d6a-6a1d6d5d9a11",
        "outputs": {},
        "resources": [{
            "mode": "managed",
            "type": "google_cloud_run_v2_job",
            "name": "render",
            "provider": "provider[\"registry.terraform.io/hashicorp/google\"]",
            "instances": [{ "schema_version": 0, "attributes": attributes, "sensitive_attributes": [] }],
        }],
        "check_results": null,
    })
}
