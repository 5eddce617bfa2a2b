//! How the provider is passed to the module, and unknown provider values.

use std::fs;
use std::sync::Arc;

use serde_json::json;

use super::super::setup;
use super::guide_blueprint::block_with;
use super::root_module::{ModuleCall, RootModule};
use super::{read, spec};
use crate::harness::{Emulator, Installation, PROJECT, REGION, TOKEN, Terraform, binaries};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn provider_without_arguments_uses_environment() {
    let (emulator, terraform) = setup();
    let mut root = RootModule::new().with_call("job", &call());
    root.0["module"]["job"]
        .as_object_mut()
        .expect("a call")
        .remove("providers");
    root.0["provider"] = json!({ "facets": {} });
    root.write_to(&terraform);
    terraform.init().succeeds();
    terraform.apply().succeeds().prints("1 added");
    terraform.assert_no_changes();

    root.0.as_object_mut().expect("a root").remove("provider");
    root.write_to(&terraform);
    terraform.assert_no_changes();
    assert_eq!(emulator.jobs().len(), 1);
}

/// The two solutions in `docs/guides/facets.md`, with its own snippets.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn module_coexists_with_published_provider() {
    let emulator = Emulator::start();
    let terraform = terraform_with_published_provider().with_emulator(&emulator);
    let assert_lifecycle = || {
        terraform.init().succeeds();
        terraform.apply().succeeds().prints("2 added");
        assert_eq!(terraform.output("job")["attributes"]["project_id"], PROJECT);
        assert_eq!(
            terraform.state("facets_gpu_cloudrun_job.other")["project"],
            "other-provider"
        );
        terraform.assert_no_changes();
        terraform.destroy().succeeds().prints("2 destroyed");
    };
    // Another local name for the published provider in the root module.
    root_with_published_provider("published").write_to(&terraform);
    assert_lifecycle();

    // Another local name for this provider in the module.
    let mut root = root_with_published_provider("facets");
    root.0["module"]["job"]["providers"] = json!({ "facets-gpu": "facets-gpu.provider_cloud_account_gcp" });
    root.write_to(&terraform);
    let head = "resource \"facets_gpu_cloudrun_job\" \"this\" {\n";
    let block = block_with("hcl", head);
    let (replacement, _) = block.rsplit_once('}').expect("a block");
    let resource = read("modules/cloudrun/gpu-job/1.0/main.tf");
    assert!(resource.contains(head), "{resource}");
    terraform.write("gpu-job/main.tf", &resource.replace(head, replacement));
    terraform.write("gpu-job/versions.tf", &block_with("hcl", "required_version"));
    assert_lifecycle();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn another_module_may_require_published_provider() {
    let emulator = Emulator::start();
    let terraform = terraform_with_published_provider().with_emulator(&emulator);
    let mut root = RootModule::new().with_call("job", &call());
    root.0["module"]["other"] = json!({ "source": "./other" });
    root.write_to(&terraform);
    fs::create_dir(terraform.folder().join("other")).expect("the folder is writable");
    let other = super::super::job("").replace("facets-cloud/facets-gpu", "facets-cloud/facets");
    terraform.write("other/main.tf", &other);
    terraform.init().succeeds();
    terraform.apply().succeeds().prints("2 added");
    assert!(terraform.state_file().contains("/facets-cloud/facets\\\""));
    terraform.assert_no_changes();
}

/// A root module that uses the published provider by this local name, and ours as `facets-gpu`.
fn root_with_published_provider(published: &str) -> RootModule {
    let mut root = RootModule::new().with_call("job", &call());
    root.0["terraform"]["required_providers"] = json!({
        published: { "source": "facets-cloud/facets" },
        "facets-gpu": { "source": "facets-cloud/facets-gpu" },
    });
    root.0["provider"] = json!({
        published: { "project": "other-provider" },
        "facets-gpu": { "alias": "provider_cloud_account_gcp", "project": PROJECT, "region": REGION },
    });
    root.0["module"]["job"]["providers"] = json!({ "facets": "facets-gpu.provider_cloud_account_gcp" });
    let other =
        json!({ "provider": published, "name": "other", "container": { "image": super::super::IMAGE } });
    root.0["resource"] = json!({ "facets_gpu_cloudrun_job": { "other": other } });
    root
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn cloud_account_may_be_unknown_at_plan() {
    let (emulator, mut terraform) = setup();
    for variable in ["GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_PROJECT", "GOOGLE_REGION"] {
        terraform.unset(variable);
    }
    let account = |attribute: &str| json!(format!("${{terraform_data.account.output.{attribute}}}"));
    let mut call = call();
    call.instance["spec"]["container"]["image"] = account("image");
    call.inputs["cloud_account"]["attributes"] =
        json!({ "project_id": account("project_id"), "region": account("region") });
    call.environment["cloud_tags"] = json!({ "team": account("team") });
    let mut root = RootModule::new().with_call("job", &call);
    root.0["resource"] = json!({ "terraform_data": { "account": { "input": {
        "project_id": PROJECT, "region": REGION, "token": TOKEN, "team": "media", "image": super::super::IMAGE,
    } } } });
    root.0["provider"]["facets"][0] = json!({
        "alias": "provider_cloud_account_gcp",
        "project": account("project_id"),
        "region": account("region"),
        "access_token": account("token"),
    });
    root.write_to(&terraform);
    terraform.init().succeeds();
    terraform.plan(&[]).prints("2 to add, 0 to change, 0 to destroy");
    assert_eq!(emulator.request_lines(), Vec::<String>::new());
    terraform.apply().succeeds().prints("2 added");
    let job = emulator.job("media-demo-render").expect("the job");
    assert_eq!(job["labels"]["team"], "media");
    let outputs = terraform.output("job");
    assert_eq!(outputs["attributes"]["job_uid"], job["uid"]);
    assert_eq!(outputs["attributes"]["project_id"], PROJECT);
    terraform.assert_no_changes();
    terraform.destroy().succeeds().prints("2 destroyed");
    assert!(emulator.jobs().is_empty());
}

fn call() -> ModuleCall {
    ModuleCall::new("render", json!({ "spec": spec(&json!({})) }))
}

/// A mirror that also has the published provider; our binary is used for it.
fn terraform_with_published_provider() -> Terraform {
    let installation = Installation::new().expect("a mirror");
    let binary = binaries::provider().expect("the binary");
    installation
        .add_provider(&binary, "facets-cloud/facets", "1.0.0")
        .expect("a writable mirror");
    Terraform::new(&Arc::new(installation)).expect("a working directory")
}
