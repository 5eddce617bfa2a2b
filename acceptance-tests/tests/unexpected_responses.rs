//! Unexpected API responses are summarized in short, sanitized error messages.

use std::fs;

use serde_json::{Value, json};

use super::{IMAGE, RENDER, init_job, job, setup};
use crate::harness::{MockServer, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn vpc_service_controls_denial_suggests_no_role() {
    let (_emulator, mut terraform) = setup();
    terraform.write("provider.tf", LIVE_PLAN_CHECKS);
    init_job(&terraform, "");
    terraform.apply().succeeds();
    let server = MockServer::new(|_| (403, vpc_service_controls_denial()));
    use_server(&mut terraform, &server);
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
            .prints("vpcServiceControlsUniqueIdentifier")
            .prints("the unique identifier 9OXo-1_x leads to the denial in the troubleshooter")
            .does_not_print("roles/");
        assert_eq!(run.code != Some(0), fails, "{run}");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn long_message_is_truncated_and_sanitized() {
    let (_emulator, mut terraform) = setup();
    terraform.write("provider.tf", LIVE_PLAN_CHECKS);
    init_job(&terraform, "");
    terraform.apply().succeeds();
    let server = MockServer::new(|_| {
        let message = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}Nope. ".repeat(750_000);
        (
            403,
            json!({ "error": { "code": 403, "status": "PERMISSION_DENIED", "message": message } }),
        )
    });
    use_server(&mut terraform, &server);
    terraform.set("TF_LOG", "TRACE");
    terraform.set("TF_LOG_PATH", "trace.log");
    terraform.write("main.tf", &job("job = { task_count = 2 }"));
    for arguments in [
        &["plan"][..],
        &["plan", "-refresh=false"],
        &["destroy", "-auto-approve", "-refresh=false"],
    ] {
        let run = terraform
            .run(arguments)
            .prints("Nope.")
            .prints("roles/run.developer");
        let output = format!("{}{}", run.stdout, run.stderr);
        assert!(output.len() < 200_000, "{} bytes", output.len());
        assert!(!output.contains(CONTROL_CHARACTERS), "{output}");
    }
    let log = fs::read_to_string(terraform.folder().join("trace.log")).expect("the log");
    assert!(log.contains("Nope."));
    assert!(
        !log.contains(CONTROL_CHARACTERS),
        "the log has control characters"
    );
    assert!(
        log.lines().all(|line| line.len() < 70_000),
        "a line of the log is too long"
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unexpected_member_type_is_not_retried() {
    let (_emulator, mut terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    let server = MockServer::new(|_| {
        let task = json!({ "containers": [{ "image": IMAGE }], "maxRetries": "three" });
        (
            200,
            json!({ "name": RENDER_NAME, "generation": "1", "template": { "template": task } }),
        )
    });
    use_server(&mut terraform, &server);
    terraform
        .plan(&[])
        .fails_with("member template.template.maxRetries has an unexpected type")
        .does_not_print("HTTPS_PROXY");
    assert_eq!(server.requests().len(), 1, "a retry would not help");
    assert!(terraform.state_of(RENDER).is_some());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unreachable_endpoint_is_named() {
    let (_emulator, mut terraform) = setup();
    init_job(&terraform, "timeouts = { create = \"1s\" }");
    for address in [
        "http://127.0.0.1:9",
        "https://127.0.0.1:9",
        "https://nowhere.invalid",
    ] {
        terraform.set("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &format!("{address}/v2/"));
        terraform
            .apply()
            .fails_with("could not connect to Cloud Run")
            .prints(&format!("(at {address})"));
    }
}

fn use_server(terraform: &mut Terraform, server: &MockServer) {
    terraform.set(
        "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
        &format!("{}/v2/", server.address()),
    );
}

/// As documented: <https://cloud.google.com/vpc-service-controls/docs/troubleshooting>.
fn vpc_service_controls_denial() -> Value {
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
/// Characters that a terminal interprets.
const CONTROL_CHARACTERS: [char; 3] = ['\u{1b}', '\u{7}', '\u{202e}'];
const LIVE_PLAN_CHECKS: &str = "provider \"facets\" {\n  plan_checks = \"live\"\n}\n";
