//! `plan_checks = "live"`: planned changes are sent with `validateOnly`.

use serde_json::json;

use super::{RENDER, init_job, job};
use crate::harness::{Emulator, MockServer, Request, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn rejections_point_at_attribute() {
    let (emulator, terraform) = setup();
    for (fault, line, expected) in [
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
        emulator.inject_fault(fault, 1);
        let run = terraform
            .plan(&[])
            .fails_with("Cloud Run rejected the planned job")
            .prints(expected);
        let points_at_line = run.output().contains(&format!(": {line}")) || run.output().contains(line);
        assert!(points_at_line, "{fault} should point at {line}\n{run}");
        emulator.clear_faults();
    }
    assert!(emulator.jobs().is_empty(), "the check stored a job");
    assert!(
        emulator.requests().iter().all(is_check),
        "{:?}",
        emulator.request_lines()
    );
    terraform.apply().succeeds();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn missing_prerequisites_are_warnings() {
    let (emulator, mut terraform) = setup();
    let unchecked = planned_changes(&terraform);
    let assert_warning = |terraform: &Terraform, summary: &str, expected: &str| {
        terraform
            .plan(&["-out=checked.tfplan"])
            .prints(&format!("Warning: {summary}"))
            .prints(expected)
            .prints("Ignore this warning if the same apply")
            .does_not_print("Error:");
        let checked = terraform
            .run(&["show", "-json", "checked.tfplan"])
            .succeeds()
            .json();
        assert_eq!(checked["resource_changes"], unchecked, "{expected}");
    };
    for (fault, expected) in [
        ("api-not-enabled", "gcloud services enable run.googleapis.com"),
        ("service-agent-denied", "roles/iam.serviceAccountTokenCreator"),
    ] {
        emulator.inject_fault(fault, 1);
        assert_warning(&terraform, "Missing permission or API", expected);
        emulator.clear_faults();
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
        let rejection = json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT", "message": message } });
        let server = MockServer::new(move |_| (400, rejection.clone()));
        terraform.set(
            "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
            &format!("{}/v2/", server.address()),
        );
        assert_warning(&terraform, "Referenced resource not found", message);
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unchanged_plan_sends_no_check() {
    let (emulator, terraform) = setup();
    terraform.apply().succeeds();
    emulator.clear_requests();
    terraform.assert_no_changes();
    assert_eq!(emulator.request_lines(), ["GET /jobs/render"], "only one refresh");

    terraform.write(
        "main.tf",
        &job(&SETTINGS.replace("task_count = 4", "task_count = 5")),
    );
    emulator.clear_requests();
    assert_eq!(terraform.plan(&["-refresh=false"]).code, Some(2));
    assert_eq!(
        emulator.request_lines(),
        ["GET /jobs/render", "PATCH /jobs/render"]
    );
    assert!(
        emulator
            .requests()
            .iter()
            .filter(|request| request.is_write())
            .all(is_check)
    );
    assert_eq!(
        emulator.job("render").expect("the job")["template"]["taskCount"],
        4
    );

    // Arguments that are not sent to the API need no check.
    terraform.write(
        "main.tf",
        &job(&format!("{SETTINGS}\ndeletion_protection = true")),
    );
    emulator.clear_requests();
    assert_eq!(terraform.plan(&["-refresh=false"]).code, Some(2));
    assert_eq!(emulator.request_lines(), Vec::<String>::new());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unavailable_check_is_a_warning() {
    let (emulator, mut terraform) = setup();
    let unchecked = planned_changes(&terraform);
    for (fault, expected) in [
        ("permission-denied-on-write", "run.jobs.create, run.jobs.update"),
        ("act-as-denied", "iam.serviceAccounts.actAs"),
        ("html-502", "HTTPS_PROXY"),
        ("token-expired", "access token is invalid or has expired"),
    ] {
        emulator.inject_fault(fault, 100);
        terraform
            .plan(&["-out=checked.tfplan"])
            .prints("Skipped plan check")
            .prints(expected)
            .prints("plan_checks = \"local\"")
            .does_not_print("Error:");
        emulator.clear_faults();
        let checked = terraform
            .run(&["show", "-json", "checked.tfplan"])
            .succeeds()
            .json();
        assert_eq!(checked["resource_changes"], unchecked, "{fault} changes the plan");
    }
    // An unreachable endpoint is reported once for all jobs.
    terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", "http://127.0.0.1:9/v2/");
    terraform.write(
        "main.tf",
        &job("count = 3").replace("\"render\"\n", "\"render-${count.index}\"\n"),
    );
    let run = terraform
        .plan(&[])
        .prints("Skipped plan check")
        .does_not_print("similar warnings");
    assert_eq!(run.code, Some(2), "{run}");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn existing_name_is_reported_at_plan() {
    let (emulator, terraform) = setup();
    emulator.create_job(
        "render",
        &json!({ "template": { "template": { "containers": [{ "image": super::IMAGE }] } } }),
    );
    terraform.plan(&[]).prints("Job name is taken").prints("import");
    emulator.delete_job("render");
    terraform.apply().succeeds();
    terraform
        .run(&[
            "apply",
            "-auto-approve",
            "-input=false",
            &format!("-replace={RENDER}"),
        ])
        .succeeds()
        .prints("1 added, 0 changed, 1 destroyed");
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unknown_values_skip_check() {
    let (emulator, terraform) = setup();
    let with_unknown = job("env = { TOKEN = terraform_data.later.id }");
    terraform.write(
        "main.tf",
        &format!("{with_unknown}\nresource \"terraform_data\" \"later\" {{}}\n"),
    );
    terraform
        .plan(&[])
        .does_not_print("Warning")
        .does_not_print("Error");
    assert_eq!(emulator.request_lines(), Vec::<String>::new());
    terraform.apply().succeeds();
    terraform.assert_no_changes();
}

/// An emulator, and a provider with live plan checks.
fn setup() -> (Emulator, Terraform) {
    let (emulator, terraform) = super::setup();
    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  plan_checks = \"live\"\n}\n",
    );
    init_job(&terraform, SETTINGS);
    (emulator, terraform)
}

fn planned_changes(terraform: &Terraform) -> serde_json::Value {
    terraform.plan_json()["resource_changes"].clone()
}

fn is_check(request: &Request) -> bool {
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
