//! `plan_checks = "full"`: a plan looks up what a job refers to, and tells what is not there.

use serde_json::{Value, json};

use super::{job, with_job};
use crate::harness::{Asked, Emulator, StandIn, TOKEN, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_is_not_there_is_told_at_its_line_and_stops_nothing() {
    let (cloud, google, terraform) = looking();
    let job = job(r#"secrets = [
  { env_var = "GOOD", secret_name = "good" },
  { env_var = "GONE", secret_name = "gone", version = "7" },
]
vpc_access = { connector = "destroyed" }
service_account = "denied@acme-batch.iam.gserviceaccount.com""#);
    terraform.write("main.tf", &job);
    let line = |text: &str| {
        1 + job
            .lines()
            .position(|line| line.contains(text))
            .expect("it is there")
    };
    let run = terraform
        .plan(&[])
        .says("Not there yet")
        .says("There is no secret version projects/acme-batch/secrets/gone/versions/7")
        .says(&format!("on main.tf line {}", line("GONE")))
        .says("VPC connector projects/acme-batch/locations/us-central1/connectors/destroyed is ERROR")
        .says(&format!("on main.tf line {}", line("destroyed")))
        .says("roles/iam.serviceAccountViewer")
        .says(&format!("on main.tf line {}", line("denied@")))
        .does_not_say("Error: ")
        .does_not_say("secrets/good");
    assert_eq!(run.code, Some(2), "{run}");
    let mut asked: Vec<String> = google.asked().into_iter().map(|asked| asked.line).collect();
    asked.sort();
    assert_eq!(
        asked,
        [
            "GET /iam/projects/-/serviceAccounts/denied@acme-batch.iam.gserviceaccount.com",
            "GET /secrets/projects/acme-batch/secrets/gone/versions/7",
            "GET /secrets/projects/acme-batch/secrets/good/versions/latest",
            "GET /vpc/projects/acme-batch/locations/us-central1/connectors/destroyed",
        ]
    );
    assert!(
        google
            .asked()
            .iter()
            .all(|asked| asked.has_header(&format!("authorization: Bearer {TOKEN}")))
    );
    assert_eq!(cloud.lines(), ["POST /jobs"], "it is shown to Google too");
    terraform.apply().succeeds();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_many_jobs_share_is_looked_up_once_and_without_a_change_nothing_is() {
    let (_cloud, google, terraform) = looking();
    let many = job("count = 12\nsecrets = [{ env_var = \"GONE\", secret_name = \"gone\" }]")
        .replace("\"render\"\n", "\"render-${count.index}\"\n");
    terraform.write("main.tf", &many);
    terraform.plan(&[]).says("There is no secret version");
    assert_eq!(google.asked().len(), 1);
    terraform.apply().succeeds();
    let before = google.asked().len();
    terraform.has_nothing_to_do();
    assert_eq!(google.asked().len(), before);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn whoever_stands_in_for_cloud_run_alone_has_nobody_else_asked() {
    let (_cloud, google, mut terraform) = looking();
    for service in SERVICES {
        terraform.unset(&variable(service.1));
    }
    terraform.write(
        "main.tf",
        &job(r#"service_account = "gone@acme-batch.iam.gserviceaccount.com""#),
    );
    terraform.plan(&[]).does_not_say("Warning").does_not_say("Error");
    assert!(google.asked().is_empty());
    terraform.set(&variable("IAM"), "http://example.com/v1/");
    terraform
        .plan(&[])
        .fails_with("GOOGLE_IAM_CUSTOM_ENDPOINT")
        .says("by https");
}

/// An emulator, Google's other services, and a provider that looks things up at them.
fn looking() -> (Emulator, StandIn, Terraform) {
    let (cloud, mut terraform) = super::cloud();
    let google = StandIn::new(know);
    for (path, service) in SERVICES {
        terraform.set(&variable(service), &format!("{}/{path}/", google.address()));
    }
    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  plan_checks = \"full\"\n}\n",
    );
    with_job(&terraform, "");
    (cloud, google, terraform)
}

fn variable(service: &str) -> String {
    format!("GOOGLE_{service}_CUSTOM_ENDPOINT")
}

/// What the services know, by what a thing is called.
fn know(asked: &Asked) -> (u16, Value) {
    let refused = |http: u16, status: &str| {
        (
            http,
            json!({ "error": { "code": http, "status": status, "message": asked.line } }),
        )
    };
    match asked.line.as_str() {
        line if line.contains("gone") => refused(404, "NOT_FOUND"),
        line if line.contains("denied") => refused(403, "PERMISSION_DENIED"),
        line if line.contains("destroyed") => (200, json!({ "name": line, "state": "ERROR" })),
        line => (200, json!({ "name": line, "state": "ENABLED" })),
    }
}

const SERVICES: [(&str, &str); 3] = [
    ("secrets", "SECRET_MANAGER"),
    ("vpc", "VPC_ACCESS"),
    ("iam", "IAM"),
];
