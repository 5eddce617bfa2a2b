//! The ways in which the provider reaches the module, and what it may not know yet when it does.

use std::sync::Arc;

use serde_json::json;

use super::super::cloud;
use super::{read, spec};
use crate::harness::facets_platform::{Call, Root};
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

/// The ways out that `docs/guides/facets.md` shows, with its own fragments.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_module_and_the_published_provider_live_in_one_root() {
    let cloud = Emulator::start();
    let terraform = beside_the_published_provider().against(&cloud);
    let lives = || {
        terraform.init().succeeds();
        terraform.apply().succeeds().says("2 added");
        assert_eq!(terraform.output("job")["attributes"]["project_id"], PROJECT);
        assert_eq!(
            terraform.state("facets_gpu_cloudrun_job.other")["project"],
            "of-the-other-provider"
        );
        terraform.has_nothing_to_do();
        terraform.destroy().succeeds().says("2 destroyed");
    };
    // The other one has another name in the root.
    beside("published").lay(&terraform);
    lives();

    // This one has another name in the module.
    let mut root = beside("facets");
    root.0["module"]["job"]["providers"] = json!({ "facets-gpu": "facets-gpu.cloud_account_gcp" });
    root.lay(&terraform);
    let guide = read("docs/guides/facets.md");
    let head = "resource \"facets_gpu_cloudrun_job\" \"this\" {\n";
    let (told, _) = fragment(&guide, head).rsplit_once('}').expect("a block");
    let resource = read("modules/cloudrun/gpu-job/1.0/main.tf");
    assert!(resource.contains(head), "{resource}");
    terraform.write("gpu-job/main.tf", &resource.replace(head, told));
    terraform.write("gpu-job/versions.tf", fragment(&guide, "required_version"));
    lives();
}

/// The fragment in Terraform's language that holds a text.
fn fragment<'a>(guide: &'a str, text: &str) -> &'a str {
    let rests = guide.split("```hcl\n").skip(1);
    let mut fragments = rests.filter_map(|rest| rest.split("```").next());
    fragments
        .find(|fragment| fragment.contains(text))
        .unwrap_or_else(|| panic!("the guide has no fragment with {text:?}"))
}

/// A root that calls the published provider so, ours `facets-gpu`, and uses both.
fn beside(published: &str) -> Root {
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

fn call() -> Call {
    Call::new("render", json!({ "spec": spec(&json!({})) }))
}

/// A mirror that also has an address which other people's provider uses; ours will do to be installed there.
fn beside_the_published_provider() -> Terraform {
    let installation = Installation::new().expect("a mirror");
    let binary = binaries::provider().expect("the binary");
    installation
        .also(&binary, "facets-cloud/facets", "1.0.0")
        .expect("a place in the mirror");
    Terraform::new(&Arc::new(installation)).expect("a working directory")
}
