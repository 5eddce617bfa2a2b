//! The two ways of `docs/guides/facets.md` to pass the provider: by the cloud account, and by a module of its own.

use serde_json::{Value, json};

use super::guide_blueprint::{ProviderSource, REFRESH_TOKEN, block_with, setup};
use super::platform::Blueprint;
use crate::harness::{Emulator, MockServer, TOKEN, Terraform};
use crate::tests::IMAGE;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn cloud_account_passes_provider() {
    let (emulator, tokens, terraform) = setup();
    let (mut blueprint, root) =
        apply_with_credentials(ProviderSource::CloudAccount, &emulator, &tokens, &terraform);

    // The root module of the guide is the same.
    let resource = blueprint.of_kind("cloudrun");
    let call = &root["module"]["my_video_processor"];
    let locals = json!({
        "module": { "gcp": root["module"]["gcp"] },
        "resource": root["resource"],
        "locals": { "instance": resource, "environment": call["environment"], "inputs": call["inputs"] },
    });
    terraform.write("main.tf.json", &locals.to_string());
    let guide = block_with("hcl", "alias       = \"provider_cloud_account_gcp\"");
    let folder = "./modules/my_video_processor";
    terraform.write(
        "main.tf",
        &guide.replace("./modules/cloudrun/gpu-job/1.0", folder),
    );
    terraform.init().succeeds();
    terraform.assert_no_changes();
    terraform.destroy().succeeds().prints("2 destroyed");
    assert_eq!(emulator.jobs(), Vec::<Value>::new());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn separate_module_passes_provider() {
    let (emulator, tokens, terraform) = setup();
    let (mut blueprint, _) =
        apply_with_credentials(ProviderSource::SeparateModule, &emulator, &tokens, &terraform);

    // Its output is sensitive, though this cloud account's is not.
    terraform.write(
        "leak.tf",
        "output \"leak\" {\n  value = module.gpu.attributes.credentials\n}\n",
    );
    terraform
        .plan(&[])
        .fails_with("Output refers to sensitive values");
    terraform.remove("leak.tf");

    // A resource named `default` has a provider block without alias, too.
    blueprint.of_kind("facets_gpu_provider")["metadata"]["name"] = json!("default");
    blueprint.of_kind("cloudrun")["inputs"]["facets_gpu_provider"]["resource_name"] = json!("default");
    let root = with_job_of_provider(blueprint.root(), "facets");
    assert_eq!(root["module"]["my_video_processor"]["providers"], Value::Null);
    blueprint.write_to(&terraform, &root);
    terraform.init().succeeds();
    terraform.assert_no_changes();
    terraform.destroy().succeeds().prints("2 destroyed");
    assert_eq!(emulator.jobs(), Vec::<Value>::new());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn separate_module_accepts_account_without_credentials() {
    let (emulator, tokens, mut terraform) = setup();
    terraform.set("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN);
    let mut blueprint = ProviderSource::SeparateModule.blueprint(&["cloudrun"]);
    let mut modules = blueprint.modules.iter_mut();
    let account = modules.find(|module| module.facets["intent"] == "cloud_account");
    let account = account.expect("the cloud account");
    let outputs = account.files.get_mut("outputs.tf").expect("outputs.tf");
    *outputs = outputs.replace("credentials = file", "other = file");
    blueprint.write_to(&terraform, &blueprint.root());
    terraform.init().succeeds();
    terraform.apply().succeeds().prints("1 added");
    assert_eq!(emulator.jobs().len(), 1);
    assert!(tokens.requests().is_empty());
}

/// Adds a job whose project and region come from the provider.
fn with_job_of_provider(mut root: Value, provider: &str) -> Value {
    let job = json!({ "provider": provider, "name": "probe", "container": { "image": IMAGE } });
    root["resource"] = json!({ "facets_gpu_cloudrun_job": { "probe": job } });
    root
}

/// Applies the job of the guide and another one, and asserts that credentials, project and region come from the cloud account,
/// and that the credentials are not stored. Returns the blueprint and the root module.
fn apply_with_credentials(
    source: ProviderSource,
    emulator: &Emulator,
    tokens: &MockServer,
    terraform: &Terraform,
) -> (Blueprint, Value) {
    let blueprint = source.blueprint(&["cloudrun"]);
    let root = with_job_of_provider(blueprint.root(), source.alias());
    blueprint.write_to(terraform, &root);
    terraform.init().succeeds();
    let applied = terraform.apply().succeeds().prints("2 added").output();
    for job in ["media-demo-my-video-processor", "probe"] {
        assert!(
            emulator.job(job).is_some(),
            "{job} is not in the account's region"
        );
    }
    let requests = tokens.requests();
    assert!(!requests.is_empty(), "the credentials were not used");
    assert!(
        requests
            .iter()
            .all(|request| request.body.contains(REFRESH_TOKEN))
    );

    let state = terraform.state_file();
    assert!(state.contains("probe"), "the state has the job");
    let requests = emulator
        .requests()
        .into_iter()
        .map(|request| request.0.to_string());
    for text in requests.chain([applied, state, terraform.plan_json().to_string()]) {
        assert!(!text.contains(REFRESH_TOKEN), "{text}");
    }
    terraform.assert_no_changes();
    (blueprint, root)
}
