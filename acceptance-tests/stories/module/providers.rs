//! The ways in which the provider reaches the module, and what it may not know yet when it does.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::cloud;
use super::{JOB, spec};
use crate::harness::platform::{Call, Root};
use crate::harness::{Emulator, Installation, PROJECT, REGION, TOKEN, Terraform, binaries};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_empty_provider_block_or_none_takes_the_environment() {
    let (cloud, terraform) = cloud();
    let mut root = Root::new().calling("job", &call());
    root.0["module"]["job"]
        .as_object_mut()
        .expect("a call")
        .remove("providers");
    root.0["provider"] = json!({ "facets": {} });
    root.lay(&terraform);
    terraform.init().succeeds();
    terraform.apply().succeeds().says("1 added");
    terraform.has_nothing_to_do();

    root.0.as_object_mut().expect("a root").remove("provider");
    root.lay(&terraform);
    terraform.has_nothing_to_do();
    assert_eq!(cloud.jobs().len(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_root_may_use_the_published_provider_too_under_names_of_its_own() {
    let cloud = Emulator::start();
    let terraform = beside_the_published_provider().against(&cloud);
    beside("published").lay(&terraform);
    let init = terraform.init().succeeds();
    init.says("Installing facets-cloud/facets v1.0.0")
        .says("Installing facets-cloud/facets-gpu v");
    terraform.apply().succeeds().says("2 added");
    let used = |address: &str| {
        let state: Value = serde_json::from_str(&terraform.state_file()).expect("the state");
        let resources = state["resources"].as_array().expect("resources").clone();
        let resource = resources
            .into_iter()
            .find(|resource| resource["module"] == json!(address));
        resource.map_or(Value::Null, |resource| resource["provider"].clone())
    };
    // The host before it is Terraform's or OpenTofu's.
    let of_the_job = used("module.job");
    assert!(
        of_the_job
            .as_str()
            .is_some_and(|used| used.ends_with("/facets-cloud/facets-gpu\"].cloud_account_gcp")),
        "{of_the_job}"
    );
    let state = |address: &str| terraform.state(address)["project"].clone();
    assert_eq!(state(&format!("module.job.{JOB}")), PROJECT);
    assert_eq!(state("facets_gpu_cloudrun_job.other"), "of-the-other-provider");
    terraform.has_nothing_to_do();
    terraform.destroy().succeeds().says("2 destroyed");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_root_whose_facets_is_another_provider_is_refused_by_terraform() {
    let terraform = beside_the_published_provider();
    // Terraform looks the module's own name of a provider up in the root, and finds the other one there.
    beside("facets").lay(&terraform);
    terraform
        .init()
        .fails_with("Provider type mismatch")
        .says("\"facets\" in module.job represents \"facets-cloud/facets-gpu\"");
}

/// A root that calls the published provider so, ours `facets-gpu`, and uses both.
pub(super) fn beside(published: &str) -> Root {
    let mut root = Root::new().calling("job", &call());
    root.0["terraform"]["required_providers"] = json!({
        published: { "source": "facets-cloud/facets" },
        "facets-gpu": { "source": "facets-cloud/facets-gpu" },
    });
    root.0["provider"] = json!({
        published: { "project": "of-the-other-provider" },
        "facets-gpu": { "alias": "cloud_account_gcp", "project": PROJECT, "region": REGION },
    });
    root.0["module"]["job"]["providers"] = json!({ "facets": "facets-gpu.cloud_account_gcp" });
    let other =
        json!({ "provider": published, "name": "other", "container": { "image": super::super::IMAGE } });
    root.0["resource"] = json!({ "facets_gpu_cloudrun_job": { "other": other } });
    root
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_cloud_account_made_in_the_same_apply_is_enough() {
    let (cloud, mut terraform) = cloud();
    for variable in ["GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_PROJECT", "GOOGLE_REGION"] {
        terraform.unset(variable);
    }
    let account = |attribute: &str| json!(format!("${{terraform_data.account.output.{attribute}}}"));
    let mut call = call();
    call.instance["spec"]["container"]["image"] = account("image");
    call.inputs["cloud_account"]["attributes"] =
        json!({ "project_id": account("project_id"), "region": account("region") });
    call.environment["cloud_tags"] = json!({ "team": account("team") });
    let mut root = Root::new().calling("job", &call);
    root.0["resource"] = json!({ "terraform_data": { "account": { "input": {
        "project_id": PROJECT, "region": REGION, "token": TOKEN, "team": "media", "image": super::super::IMAGE,
    } } } });
    root.0["provider"]["facets"][0] = json!({
        "alias": "cloud_account_gcp",
        "project": account("project_id"),
        "region": account("region"),
        "access_token": account("token"),
    });
    root.lay(&terraform);
    terraform.init().succeeds();
    terraform.plan(&[]).says("2 to add, 0 to change, 0 to destroy");
    assert_eq!(cloud.lines(), Vec::<String>::new());
    terraform.apply().succeeds().says("2 added");
    let job = cloud.job("media-demo-render").expect("the job");
    assert_eq!(job["labels"]["team"], "media");
    let outputs = terraform.output("job");
    assert_eq!(outputs["attributes"]["job_uid"], job["uid"]);
    assert_eq!(outputs["attributes"]["project_id"], PROJECT);
    terraform.has_nothing_to_do();
    terraform.destroy().succeeds().says("2 destroyed");
    assert!(cloud.jobs().is_empty());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_turns_out_wrong_during_the_apply_is_refused_in_the_same_words() {
    let (cloud, terraform) = cloud();
    let mut call = call();
    call.instance["spec"]["resources"] = json!({ "cpu": "${terraform_data.size.output}" });
    let mut root = Root::new().calling("job", &call);
    root.0["resource"] = json!({ "terraform_data": { "size": { "input": "8" } } });
    root.lay(&terraform);
    terraform.init().succeeds();
    terraform.plan(&[]).says("2 to add");
    terraform
        .apply()
        .fails_with("spec.resources.cpu must be \"20\", \"24\" or \"32\". It is \"8\".");
    assert!(cloud.jobs().is_empty());
}

fn call() -> Call {
    Call::new("render", json!({ "spec": spec(&json!({})) }))
}

/// A mirror that also has an address which other people's provider uses; ours will do to be installed there.
pub(super) fn beside_the_published_provider() -> Terraform {
    let installation = Installation::new().expect("a mirror");
    let binary = binaries::provider().expect("the binary");
    installation
        .also(&binary, "facets-cloud/facets", "1.0.0")
        .expect("a place in the mirror");
    Terraform::new(&Arc::new(installation)).expect("a working directory")
}
