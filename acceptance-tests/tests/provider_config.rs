//! The provider's own configuration, and what happens without it.

use serde_json::json;

use super::{RENDER, cloud, job, terraform, with_job};
use crate::harness::{PROJECT, REGION, TOKEN};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn arguments_win_over_the_environment() {
    let (cloud, mut terraform) = cloud();
    let endpoint = cloud.endpoint();
    terraform.set("GOOGLE_PROJECT", "of-the-environment");
    terraform.set("GOOGLE_REGION", "asia-south2");
    terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", "http://127.0.0.1:9/v2/");
    terraform.write(
        "provider.tf",
        &format!(
            "provider \"facets\" {{\n  project = \"{PROJECT}\"\n  region = \"{REGION}\"\n  access_token = \
             \"{TOKEN}\"\n  cloud_run_endpoint = \"{endpoint}\"\n}}\n"
        ),
    );
    with_job(&terraform, "");
    terraform.apply().succeeds();
    assert_eq!(
        terraform.state(RENDER)["id"],
        "projects/acme-batch/locations/us-central1/jobs/render"
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn default_labels_reach_every_job_and_lose_against_its_own() {
    let (cloud, terraform) = cloud();
    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  default_labels = { team = \"platform\", tier = \"batch\" }\n}\n",
    );
    with_job(&terraform, r#"labels = { team = "media" }"#);
    terraform.apply().succeeds();
    let expected = json!({ "team": "media", "tier": "batch" });
    assert_eq!(cloud.job("render").expect("the job")["labels"], expected);
    assert_eq!(terraform.state(RENDER)["effective_labels"], expected);
    assert_eq!(terraform.state(RENDER)["labels"], json!({ "team": "media" }));
    terraform.has_nothing_to_do();

    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  default_labels = { tier = \"spot\" }\n}\n",
    );
    terraform.apply().succeeds().says("1 changed");
    assert_eq!(
        cloud.job("render").expect("the job")["labels"],
        json!({ "team": "media", "tier": "spot" })
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_region_of_the_provider_is_checked_too() {
    let (_cloud, mut terraform) = cloud();
    terraform.set("GOOGLE_REGION", "us-east4");
    with_job(&terraform, "");
    terraform.plan(&[]).fails_with("Region without this GPU");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_place_that_nobody_names_is_asked_for_at_plan() {
    let (_cloud, mut terraform) = cloud();
    terraform.unset("GOOGLE_PROJECT");
    terraform.unset("GOOGLE_REGION");
    with_job(&terraform, "");
    terraform
        .plan(&[])
        .fails_with("Job without a project")
        .says("Job without a region")
        .says("GOOGLE_REGION");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn validating_and_planning_a_new_job_need_no_credentials_and_no_network() {
    let (cloud, mut terraform) = cloud();
    terraform.unset("GOOGLE_OAUTH_ACCESS_TOKEN");
    with_job(&terraform, "");
    assert_eq!(terraform.validate()["valid"], true);
    assert_eq!(terraform.plan(&[]).code, Some(2), "there is something to do");
    assert_eq!(cloud.lines(), Vec::<String>::new());

    // Not even the configuration of the provider.
    let bare = super::terraform();
    with_job(&bare, "");
    assert_eq!(bare.validate()["valid"], true);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn mistakes_in_the_provider_block_are_told_at_their_line() {
    let terraform = terraform();
    terraform.write("main.tf", &job(""));
    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  cloud_run_endpoint = \"http://run.example.com/v2/\"\n  request_timeout = \"soon\"\n}\n",
    );
    terraform.init().succeeds();
    let told = terraform.validate();
    let mut lines: Vec<_> = told["diagnostics"]
        .as_array()
        .expect("diagnostics")
        .iter()
        .map(|told| {
            (
                told["range"]["start"]["line"].as_u64().unwrap_or_default(),
                told["summary"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [(2, "Unusable endpoint"), (3, "Unusable request timeout")],
        "{told:#}"
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn several_providers_serve_several_regions() {
    let (cloud, terraform) = cloud();
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
    assert_eq!(cloud.jobs().len(), 1);
}
