//! A job of `google_cloud_run_v2_job` becomes this resource's by a `moved` block, which takes Terraform 1.8. The job in
//! Google is not touched.
//!
//! What was needed: `terraform init` and the plan want every provider that the state names, so the Google provider must
//! be installed as long as the state knows it. It is asked for its schemas and for nothing else: it need not even
//! have the resource, and core hands the state over as it is stored. So this provider's own binary stands in for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::{IMAGE, RENDER};
use crate::harness::{Emulator, Installation, Terraform, binaries};

#[test]
#[ignore = "needs terraform on the PATH, left out before 1.8; make test runs it"]
fn a_job_that_is_as_the_configuration_says_moves_without_a_write() {
    let (cloud, terraform) = of_google(|_| ());
    if !has_moves(&terraform) {
        return;
    }
    terraform.copy_from(&example("moved"));
    terraform.init().succeeds();
    let before = cloud.job("render").expect("the job of old");
    let plan = terraform.planned();
    let change = &plan["resource_changes"][0];
    assert_eq!(change["previous_address"], "google_cloud_run_v2_job.render");
    assert_eq!(change["change"]["actions"], json!(["no-op"]), "{change:#}");
    for refresh in ["-refresh=false", "-refresh=true"] {
        terraform
            .plan(&[refresh])
            .says("google_cloud_run_v2_job.render has moved to facets_gpu_cloudrun_job.render")
            .says("0 to add, 0 to change, 0 to destroy")
            .does_not_say("Warning");
    }
    terraform
        .apply()
        .succeeds()
        .says("0 added, 0 changed, 0 destroyed");
    assert_eq!(cloud.job("render"), Some(before.clone()));
    is_not_written(&cloud);

    // The block may go, and the other provider with it. The labels of others were not taken over.
    terraform.write("main.tf", &without_block(&example_text("moved")));
    terraform.init().succeeds().does_not_say("hashicorp/google");
    terraform.has_nothing_to_do();
    let state = terraform.state(RENDER);
    assert_eq!(state["uid"], before["uid"]);
    assert_eq!(state["effective_labels"], json!({ "team": "media" }));
    terraform.destroy().fails_with("Job is protected from deletion");
}

#[test]
#[ignore = "needs terraform on the PATH, left out before 1.8; make test runs it"]
fn what_is_terraform_s_business_alone_changes_without_a_write() {
    let (cloud, terraform) = of_google(|_| ());
    if !has_moves(&terraform) {
        return;
    }
    // Nothing of protection, and the secrets in another order: that resource had them in none.
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
    let plan = terraform.planned();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["before"]["deletion_protection"], true);
    assert_eq!(change["after"]["deletion_protection"], false);
    assert_eq!(change["after"]["secrets"][0]["env_var"], "A_KEY");
    terraform
        .apply()
        .succeeds()
        .says("0 added, 1 changed, 0 destroyed");
    is_not_written(&cloud);
    terraform.has_nothing_to_do();
    terraform.destroy().succeeds();
    assert_eq!(cloud.job("render"), None);
}

#[test]
#[ignore = "needs terraform on the PATH, left out before 1.8; make test runs it"]
fn a_job_that_differs_is_changed_in_place() {
    let (cloud, terraform) = of_google(|_| ());
    if !has_moves(&terraform) {
        return;
    }
    let configuration = example_text("moved").replace("= 10", "= 7");
    terraform.write("main.tf", &configuration);
    terraform.init().succeeds();
    let before = cloud.job("render").expect("the job of old");
    terraform
        .plan(&[])
        .says("0 to add, 1 to change, 0 to destroy")
        .says("task_count = 10 -> 7");
    terraform
        .apply()
        .succeeds()
        .says("0 added, 1 changed, 0 destroyed");
    let after = cloud.job("render").expect("the same job");
    assert_eq!(after["uid"], before["uid"]);
    assert_eq!(after["template"]["taskCount"], 7);
    assert_eq!(after["labels"], before["labels"], "labels of others stay");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH, left out before 1.8; make test runs it"]
fn what_does_not_come_along_is_told_with_the_plan() {
    let (_cloud, terraform) = of_google(|stored| {
        stored["deletion_policy"] = json!("PREVENT");
        let task = &mut stored["template"][0]["template"][0];
        task["node_selector"] = json!([]);
        let containers = task["containers"].as_array_mut();
        let containers = containers.expect("a list of containers");
        containers[0]["resources"] = json!([]);
        containers.push(json!({ "name": "proxy", "image": IMAGE }));
    });
    if !has_moves(&terraform) {
        return;
    }
    terraform.copy_from(&example("moved"));
    terraform.init().succeeds();
    terraform
        .plan(&[])
        .says("Warning: Moved job will change")
        .says("it has no GPU")
        .says("Warning: Deletion policy not moved")
        .says("Set deletion_protection = true");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn where_there_are_no_moves_the_same_job_is_forgotten_and_imported() {
    let (cloud, terraform) = of_google(|_| ());
    terraform.copy_from(&example("import"));
    terraform
        .run(&["state", "rm", "google_cloud_run_v2_job.render"])
        .succeeds();
    terraform.init().succeeds();
    let was = cloud.job("render").expect("the job of old");
    terraform
        .apply()
        .succeeds()
        .says("Warning: Imported labels stay on the job")
        .says("1 imported, 0 added, 1 changed, 0 destroyed");
    terraform.has_nothing_to_do();
    let is = cloud.job("render").expect("the same job");
    assert_eq!((&is["uid"], &is["template"]), (&was["uid"], &was["template"]));
    assert_eq!(
        is["labels"], was["labels"],
        "also what the configuration does not have"
    );
    assert_eq!(terraform.state(RENDER)["deletion_protection"], true);
}

/// A job that the Google provider has made and stored. Its state is edited; the job in Google is always the same.
fn of_google(edit: impl FnOnce(&mut Value)) -> (Emulator, Terraform) {
    let cloud = Emulator::start();
    let terraform = beside_the_google_provider().against(&cloud);
    cloud.create_job("render", &made());
    let mut attributes = stored(&cloud.job("render").expect("the job that was made"));
    edit(&mut attributes);
    terraform.write("terraform.tfstate", &state_file(&attributes).to_string());
    cloud.clear_requests();
    (cloud, terraform)
}

/// A working directory in whose mirror something stands in for the Google provider.
fn beside_the_google_provider() -> Terraform {
    let installation = Installation::new().unwrap_or_else(|reason| panic!("{reason}"));
    binaries::provider()
        .and_then(|google| installation.also(&google, "hashicorp/google", "7.10.0"))
        .unwrap_or_else(|reason| panic!("{reason}"));
    Terraform::new(&Arc::new(installation)).unwrap_or_else(|reason| panic!("{reason}"))
}

/// Whether a `moved` block may change the type; if not, that is said.
pub(super) fn has_moves(terraform: &Terraform) -> bool {
    let has_moves = terraform.is_at_least((1, 8), (1, 12));
    if !has_moves {
        eprintln!("left out: moves across types need Terraform 1.8 or OpenTofu 1.12");
    }
    has_moves
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/migration")
        .join(name)
}

fn example_text(name: &str) -> String {
    fs::read_to_string(example(name).join("main.tf")).expect("the example's text")
}

fn without_block(text: &str) -> String {
    let (before, rest) = text.split_once("moved {").expect("a block");
    let (_, after) = rest.split_once("}\n").expect("the end of the block");
    format!("{before}{after}")
}

fn is_not_written(cloud: &Emulator) {
    assert_eq!(cloud.writes(), [""; 0]);
}

/// The job as it is in Google.
fn made() -> Value {
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
fn stored(job: &Value) -> Value {
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
    let mut stored = json!({
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
        stored[name] = member.clone();
    }
    stored
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
