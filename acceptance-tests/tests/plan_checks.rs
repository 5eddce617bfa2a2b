//! `plan_checks = "live"`: a plan is shown to Google, which stores nothing and says what it thinks.

use serde_json::json;

use super::{RENDER, job, with_job};
use crate::harness::{Emulator, Request, StandIn, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_plan_tells_what_google_would_refuse_at_the_attribute_that_it_names() {
    let (cloud, terraform) = asking();
    for (fault, line, words) in [
        (
            "quota-exceeded",
            "parallelism = 2",
            "NvidiaRtxPro6000GpuAllocNoZonalRedundancyPerProjectRegion",
        ),
        (
            "memory-quota-exceeded",
            "parallelism = 2",
            "MemAllocPerProjectRegion",
        ),
        ("launch-stage-refused", "launch_stage = \"ALPHA\"", "launch_stage"),
    ] {
        cloud.arm(fault, 1);
        let run = terraform
            .plan(&[])
            .fails_with("Google would refuse this job")
            .says(words);
        let pointed = run.words().contains(&format!(": {line}")) || run.words().contains(line);
        assert!(pointed, "{fault} should be told at {line}\n{run}");
        cloud.disarm();
    }
    assert!(cloud.jobs().is_empty(), "nothing is stored by asking");
    assert!(cloud.requests().iter().all(is_question), "{:?}", cloud.lines());
    terraform.apply().succeeds();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_the_same_apply_may_provide_is_a_warning() {
    let (cloud, mut terraform) = asking();
    let expected = planned(&terraform);
    let is_warned_of = |terraform: &Terraform, words: &str| {
        terraform
            .plan(&["-out=asked.tfplan"])
            .says("Warning: Unmet prerequisite of the job")
            .says(words)
            .says("Ignore this warning if the same apply provides it")
            .does_not_say("Error:");
        let asked = terraform
            .run(&["show", "-json", "asked.tfplan"])
            .succeeds()
            .json();
        assert_eq!(asked["resource_changes"], expected, "{words}");
    };
    for (fault, words) in [
        ("api-not-enabled", "gcloud services enable run.googleapis.com"),
        ("service-agent-denied", "roles/iam.serviceAccountTokenCreator"),
    ] {
        cloud.arm(fault, 1);
        is_warned_of(&terraform, words);
        cloud.disarm();
    }
    for message in [
        "template.template.containers[0].env[0].value_source.secret_key_ref.secret: Secret projects/1/secrets/gpu-quota/\
         versions/latest was not found",
        "VPC connector projects/p/locations/us-central1/connectors/c does not exist, or Cloud Run does not have \
         permission to use it.",
        "Service account runner@acme-batch.iam.gserviceaccount.com does not exist.",
        "Subnetwork projects/p/regions/us-central1/subnetworks/s could not be found.",
        "CryptoKey projects/p/locations/us-central1/keyRings/r/cryptoKeys/k not found.",
    ] {
        let refusal = json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT", "message": message } });
        let google = StandIn::new(move |_| (400, refusal.clone()));
        terraform.set(
            "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
            &format!("{}/v2/", google.address()),
        );
        is_warned_of(&terraform, message);
        assert_eq!(google.asked().len(), 1);
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_plan_without_a_change_asks_nothing() {
    let (cloud, terraform) = asking();
    terraform.apply().succeeds();
    cloud.clear_requests();
    terraform.has_nothing_to_do();
    assert_eq!(
        cloud.lines(),
        ["GET /jobs/render"],
        "one refresh, and no question"
    );

    terraform.write(
        "main.tf",
        &job(&SETTINGS.replace("task_count = 4", "task_count = 5")),
    );
    cloud.clear_requests();
    assert_eq!(terraform.plan(&["-refresh=false"]).code, Some(2));
    assert_eq!(cloud.lines(), ["GET /jobs/render", "PATCH /jobs/render"]);
    assert!(
        cloud
            .requests()
            .iter()
            .filter(|request| request.is_write())
            .all(is_question)
    );
    assert_eq!(cloud.job("render").expect("the job")["template"]["taskCount"], 4);

    // What Google never sees is not worth a question either.
    terraform.write(
        "main.tf",
        &job(&format!("{SETTINGS}\ndeletion_protection = true")),
    );
    cloud.clear_requests();
    assert_eq!(terraform.plan(&["-refresh=false"]).code, Some(2));
    assert_eq!(cloud.lines(), Vec::<String>::new());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn whoever_may_not_ask_plans_with_a_warning() {
    let (cloud, mut terraform) = asking();
    let expected = planned(&terraform);
    for (fault, way_out) in [
        (
            "permission-denied-on-write",
            "run.jobs.create and run.jobs.update",
        ),
        ("act-as-denied", "iam.serviceAccounts.actAs"),
        ("html-502", "HTTPS_PROXY"),
        ("token-expired", "access token was not accepted"),
    ] {
        cloud.arm(fault, 100);
        terraform
            .plan(&["-out=asked.tfplan"])
            .says("Google could not be asked about this job")
            .says(way_out)
            .says("plan_checks = \"local\"")
            .does_not_say("Error:");
        cloud.disarm();
        let asked = terraform
            .run(&["show", "-json", "asked.tfplan"])
            .succeeds()
            .json();
        assert_eq!(asked["resource_changes"], expected, "{fault} changes the plan");
    }
    // Nobody at the endpoint: told once, however many jobs there are.
    terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", "http://127.0.0.1:9/v2/");
    terraform.write(
        "main.tf",
        &job("count = 3").replace("\"render\"\n", "\"render-${count.index}\"\n"),
    );
    let run = terraform
        .plan(&[])
        .says("Google could not be asked")
        .does_not_say("similar warnings");
    assert_eq!(run.code, Some(2), "{run}");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_name_that_is_taken_is_told_at_plan_and_a_replacement_goes_on() {
    let (cloud, terraform) = asking();
    cloud.create_job(
        "render",
        &json!({ "template": { "template": { "containers": [{ "image": super::IMAGE }] } } }),
    );
    terraform
        .plan(&[])
        .says("A job of this name is there already")
        .says("import");
    cloud.delete_job("render");
    terraform.apply().succeeds();
    terraform
        .run(&[
            "apply",
            "-auto-approve",
            "-input=false",
            &format!("-replace={RENDER}"),
        ])
        .succeeds()
        .says("1 added, 0 changed, 1 destroyed");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_that_is_not_known_yet_is_not_asked_about() {
    let (cloud, terraform) = asking();
    let with_unknown = job("env = { TOKEN = terraform_data.later.id }");
    terraform.write(
        "main.tf",
        &format!("{with_unknown}\nresource \"terraform_data\" \"later\" {{}}\n"),
    );
    terraform.plan(&[]).does_not_say("Warning").does_not_say("Error");
    assert_eq!(cloud.lines(), Vec::<String>::new());
    terraform.apply().succeeds();
    terraform.has_nothing_to_do();
}

/// An emulator, and a provider that shows it every plan.
fn asking() -> (Emulator, Terraform) {
    let (cloud, terraform) = super::cloud();
    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  plan_checks = \"live\"\n}\n",
    );
    with_job(&terraform, SETTINGS);
    (cloud, terraform)
}

fn planned(terraform: &Terraform) -> serde_json::Value {
    terraform.planned()["resource_changes"].clone()
}

fn is_question(request: &Request) -> bool {
    request.0["query"].to_string().contains("validateOnly")
}

const SETTINGS: &str = r#"  resources = {
    memory = "80Gi"
  }
  job = {
    task_count = 4
    parallelism = 2
  }
  launch_stage = "ALPHA"
  service_account = "runner@acme-batch.iam.gserviceaccount.com""#;
