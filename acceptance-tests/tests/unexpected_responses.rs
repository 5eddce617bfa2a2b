//! What a user reads of answers that nobody expects: whatever they hold, little is printed, and it says what to do.

use std::fs;

use serde_json::{Value, json};

use super::{IMAGE, RENDER, cloud, job, with_job};
use crate::harness::{StandIn, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_perimeter_is_named_at_every_verb_and_no_role_is_asked_for() {
    let (_cloud, mut terraform) = cloud();
    terraform.write("provider.tf", LIVE);
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let google = StandIn::new(|_| (403, perimeter()));
    turn_to(&mut terraform, &google);
    let data = "data \"facets_gpu_cloudrun_job\" \"it\" {\n  name = \"render\"\n}\n";
    let changed = job("job = { task_count = 2 }");
    let another = changed.replace("\"render\"", "\"another\"");
    for (main, arguments, fails) in [
        (&changed, &["plan"][..], true),
        (&changed, &["plan", "-refresh=false"], false),
        (&changed, &["apply", "-auto-approve", "-refresh=false"], true),
        (&changed, &["destroy", "-auto-approve", "-refresh=false"], true),
        (&another, &["apply", "-auto-approve", "-refresh=false"], true),
        (&format!("{changed}{data}"), &["plan", "-refresh=false"], true),
        (
            &another,
            &["import", "facets_gpu_cloudrun_job.another", "us-central1/another"],
            true,
        ),
    ] {
        terraform.write("main.tf", main);
        let run = terraform
            .run(arguments)
            .says("vpcServiceControlsUniqueIdentifier")
            .says("by the unique identifier 9OXo-1_x in the troubleshooter of VPC Service Controls")
            .does_not_say("roles/");
        assert_eq!(run.code != Some(0), fails, "{run}");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_endless_message_with_escape_sequences_is_short_and_harmless() {
    let (_cloud, mut terraform) = cloud();
    terraform.write("provider.tf", LIVE);
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let google = StandIn::new(|_| {
        let message = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}Nope. ".repeat(750_000);
        (
            403,
            json!({ "error": { "code": 403, "status": "PERMISSION_DENIED", "message": message } }),
        )
    });
    turn_to(&mut terraform, &google);
    terraform.set("TF_LOG", "TRACE");
    terraform.set("TF_LOG_PATH", "trace.log");
    terraform.write("main.tf", &job("job = { task_count = 2 }"));
    for arguments in [
        &["plan"][..],
        &["plan", "-refresh=false"],
        &["destroy", "-auto-approve", "-refresh=false"],
    ] {
        let run = terraform.run(arguments).says("Nope.").says("roles/run.developer");
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.len() < 200_000, "{} bytes", said.len());
        assert!(!said.contains(DANGEROUS), "{said}");
    }
    let log = fs::read_to_string(terraform.folder().join("trace.log")).expect("the log");
    assert!(log.contains("Nope."));
    assert!(!log.contains(DANGEROUS), "the log is printed too");
    assert!(
        log.lines().all(|line| line.len() < 70_000),
        "and is read line by line"
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_member_of_an_unexpected_type_is_named_and_asked_for_once() {
    let (_cloud, mut terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let google = StandIn::new(|_| {
        let task = json!({ "containers": [{ "image": IMAGE }], "maxRetries": "three" });
        (
            200,
            json!({ "name": RENDER_NAME, "generation": "1", "template": { "template": task } }),
        )
    });
    turn_to(&mut terraform, &google);
    terraform
        .plan(&[])
        .fails_with("its member template.template.maxRetries has an unexpected type")
        .does_not_say("HTTPS_PROXY");
    assert_eq!(google.asked().len(), 1, "another one would be no better");
    assert!(terraform.state_of(RENDER).is_some());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_endpoint_where_nobody_is_is_named() {
    let (_cloud, mut terraform) = cloud();
    with_job(&terraform, "timeouts = { create = \"1s\" }");
    for address in [
        "http://127.0.0.1:9",
        "https://127.0.0.1:9",
        "https://nowhere.invalid",
    ] {
        terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &format!("{address}/v2/"));
        terraform
            .apply()
            .fails_with("could not be reached")
            .says(&format!("(at {address})"));
    }
}

fn turn_to(terraform: &mut Terraform, google: &StandIn) {
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("{}/v2/", google.address()),
    );
}

/// As Google documents it: <https://cloud.google.com/vpc-service-controls/docs/troubleshooting>.
fn perimeter() -> Value {
    json!({ "error": {
        "code": 403,
        "status": "PERMISSION_DENIED",
        "message": "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: 9OXo-1_x",
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.PreconditionFailure",
                "violations": [{ "type": "VPC_SERVICE_CONTROLS", "description": "9OXo-1_x" }]
            },
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SECURITY_POLICY_VIOLATED",
                "domain": "googleapis.com",
                "metadata": { "service": "run.googleapis.com", "consumer": "projects/123", "uid": "9OXo-1_x" }
            }
        ]
    } })
}

const RENDER_NAME: &str = "projects/acme-batch/locations/us-central1/jobs/render";
/// What acts on a terminal.
const DANGEROUS: [char; 3] = ['\u{1b}', '\u{7}', '\u{202e}'];
const LIVE: &str = "provider \"facets\" {\n  plan_checks = \"live\"\n}\n";
