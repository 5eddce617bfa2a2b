//! The provider configuration and its environment variables.

use serde_json::json;

use super::{RENDER, init_job, job, setup, terraform};
use crate::harness::{PROJECT, REGION, TOKEN};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn arguments_override_environment() {
    let (emulator, mut terraform) = setup();
    let endpoint = emulator.endpoint();
    terraform.set("GOOGLE_PROJECT", "from-environment");
    terraform.set("GOOGLE_REGION", "asia-south2");
    terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", "http://127.0.0.1:9/v2/");
    terraform.write(
        "provider.tf",
        &format!(
            "provider \"facets\" {{\n  project = \"{PROJECT}\"\n  region = \"{REGION}\"\n  access_token = \
             \"{TOKEN}\"\n  cloud_run_endpoint = \"{endpoint}\"\n}}\n"
        ),
    );
    init_job(&terraform, "");
    terraform.apply().succeeds();
    assert_eq!(
        terraform.state(RENDER)["id"],
        "projects/acme-batch/locations/us-central1/jobs/render"
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn resource_labels_override_default_labels() {
    let (emulator, terraform) = setup();
    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  default_labels = { team = \"platform\", tier = \"batch\" }\n}\n",
    );
    init_job(&terraform, r#"labels = { team = "media" }"#);
    terraform.apply().succeeds();
    let expected = json!({ "team": "media", "tier": "batch" });
    assert_eq!(emulator.job("render").expect("the job")["labels"], expected);
    assert_eq!(terraform.state(RENDER)["effective_labels"], expected);
    assert_eq!(terraform.state(RENDER)["labels"], json!({ "team": "media" }));
    terraform.assert_no_changes();

    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  default_labels = { tier = \"spot\" }\n}\n",
    );
    terraform.apply().succeeds().prints("1 changed");
    assert_eq!(
        emulator.job("render").expect("the job")["labels"],
        json!({ "team": "media", "tier": "spot" })
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn provider_region_is_validated() {
    let (_emulator, mut terraform) = setup();
    terraform.set("GOOGLE_REGION", "us-east4");
    init_job(&terraform, "");
    terraform.plan(&[]).fails_with("Region without this GPU");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn missing_project_and_region_fail_plan() {
    let (_emulator, mut terraform) = setup();
    terraform.unset("GOOGLE_PROJECT");
    terraform.unset("GOOGLE_REGION");
    init_job(&terraform, "");
    terraform
        .plan(&[])
        .fails_with("Missing project")
        .prints("Missing region")
        .prints("GOOGLE_REGION");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn planning_new_job_needs_no_credentials() {
    let (emulator, mut terraform) = setup();
    terraform.unset("GOOGLE_OAUTH_ACCESS_TOKEN");
    init_job(&terraform, "");
    assert_eq!(terraform.validate()["valid"], true);
    assert_eq!(terraform.plan(&[]).code, Some(2), "the plan has changes");
    assert_eq!(emulator.request_lines(), Vec::<String>::new());

    // Validation does not even need a provider configuration.
    let unconfigured = super::terraform();
    init_job(&unconfigured, "");
    assert_eq!(unconfigured.validate()["valid"], true);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn provider_errors_point_at_their_line() {
    let terraform = terraform();
    terraform.write("main.tf", &job(""));
    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  cloud_run_endpoint = \"http://run.example.com/v2/\"\n  request_timeout = \"soon\"\n}\n",
    );
    terraform.init().succeeds();
    let result = terraform.validate();
    let mut lines: Vec<_> = result["diagnostics"]
        .as_array()
        .expect("diagnostics")
        .iter()
        .map(|diagnostic| {
            (
                diagnostic["range"]["start"]["line"].as_u64().unwrap_or_default(),
                diagnostic["summary"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [(2, "Invalid endpoint"), (3, "Invalid request timeout")],
        "{result:#}"
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn provider_alias_sets_region() {
    let (emulator, terraform) = setup();
    terraform.write(
        "main.tf",
        &format!(
            "{}{}",
            "provider \"facets\" {\n  alias = \"europe\"\n  region = \"europe-west4\"\n}\n",
            job("").replace("\"render\" {", "\"render\" {\n  provider = facets.europe")
        ),
    );
    terraform.init().succeeds();
    terraform.apply().succeeds();
    assert_eq!(terraform.state(RENDER)["location"], "europe-west4");
    assert_eq!(emulator.jobs().len(), 1);
}
