//! An update keeps settings of the job that this resource does not manage.

use serde_json::{Value, json};

use super::{IMAGE, RENDER, job, setup};
use crate::harness::{Emulator, Terraform};

/// Arguments for each part of the job.
const ARGUMENTS: &str = r#"
  env     = { MODE = "final" }
  secrets = [{ env_var = "KEY", secret_name = "key" }]
  volumes = [
    { name = "models", gcs = { bucket = "models" } },
    { name = "keys", secret = { secret = "k", items = [{ path = "a" }] } },
  ]
  vpc_access = { network = "n", tags = ["t"] }
  binary_authorization = { use_default = true }"#;

/// A configuration with these arguments and mounted volumes.
fn configuration(image: &str) -> String {
    job(ARGUMENTS).replace(
        &format!("{{ image = \"{IMAGE}\" }}"),
        &format!(
            r#"{{ image = "{image}", volume_mounts = [
    {{ name = "models", mount_path = "/models" }}, {{ name = "keys", mount_path = "/keys" }}] }}"#
        ),
    )
}

fn setup_with_job() -> (Emulator, Terraform) {
    let emulator = Emulator::with_flags(&["--keep-unknown-fields"]);
    let terraform = super::terraform().with_emulator(&emulator);
    terraform.write("main.tf", &configuration(IMAGE));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    (emulator, terraform)
}

/// Adds settings that this resource does not manage, and unknown members at every level.
fn add_unmanaged_settings(job: &mut Value) {
    let unknown_member = json!({ "level": [1, { "deep": null }], "number": 0.1 });
    for path in [
        "",
        "/binaryAuthorization",
        "/template",
        "/template/template",
        "/template/template/containers/0",
        "/template/template/containers/0/env/0",
        "/template/template/containers/0/env/1/valueSource/secretKeyRef",
        "/template/template/containers/0/resources",
        "/template/template/containers/0/volumeMounts/0",
        "/template/template/volumes/0",
        "/template/template/volumes/0/gcs",
        "/template/template/volumes/1/secret/items/0",
        "/template/template/vpcAccess",
        "/template/template/vpcAccess/networkInterfaces/0",
        "/template/template/nodeSelector",
    ] {
        job.pointer_mut(path).unwrap_or_else(|| panic!("no {path}"))["nextYear"] = unknown_member.clone();
    }
    job["labels"] = json!({ "theirs": "1" });
    let template = &mut job["template"];
    template["labels"] = json!({ "theirs": "1" });
    template["annotations"] = json!({ "acme.example/theirs": "1" });
    let task = &mut template["template"];
    task["workloadIdentityConfig"] = json!({ "audience": "a" });
    task["volumes"]
        .as_array_mut()
        .expect("volumes")
        .push(json!({ "name": "cloudsql", "cloudSqlInstance": { "instances": ["p:us-central1:i"] } }));
    let containers = task["containers"].as_array_mut().expect("containers");
    containers[0]["name"] = json!("main");
    containers[0]["dependsOn"] = json!(["proxy"]);
    containers[0]["startupProbe"] = json!({ "tcpSocket": { "port": 8080 }, "periodSeconds": 7 });
    containers.insert(
        0,
        json!({
            "name": "proxy", "image": "gcr.io/theirs/proxy:1", "nextYear": unknown_member,
            "ports": [{ "containerPort": 8080 }], "resources": { "limits": { "cpu": "1", "memory": "512Mi" } },
            "startupProbe": { "httpGet": { "path": "/ready", "port": 8080 } },
            "volumeMounts": [{ "name": "cloudsql", "mountPath": "/cloudsql" }],
        }),
    );
}

/// The job without the members that every write changes.
fn job_without_metadata(emulator: &Emulator) -> Value {
    let mut job = emulator.job("render").expect("the job");
    for member in [
        "etag",
        "generation",
        "observedGeneration",
        "updateTime",
        "lastModifier",
        "terminalCondition",
        "launchStage",
        "client",
        "clientVersion",
    ] {
        job.as_object_mut().expect("an object").remove(member);
    }
    job
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn update_keeps_unmanaged_settings() {
    let (emulator, terraform) = setup_with_job();
    emulator.edit_job("render", add_unmanaged_settings);
    terraform.assert_no_changes();
    let mut expected = job_without_metadata(&emulator);
    assert!(expected["template"]["template"]["containers"][0]["nextYear"].is_object());

    let next = "us-docker.pkg.dev/acme-batch/media/renderer:1.5";
    terraform.write("main.tf", &configuration(next));
    terraform.apply().succeeds().prints("1 changed");
    expected["template"]["template"]["containers"][1]["image"] = json!(next);
    assert_eq!(job_without_metadata(&emulator), expected);
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn removed_arguments_keep_unmanaged_settings() {
    let (emulator, terraform) = setup_with_job();
    emulator.edit_job("render", add_unmanaged_settings);
    let account = terraform.state(RENDER)["service_account"].clone();
    terraform.write("main.tf", &job(""));
    terraform.apply().succeeds().prints("1 changed");
    let job = job_without_metadata(&emulator);
    let task = &job["template"]["template"];
    let container = &task["containers"][1];
    for (removed, object) in [
        ("env", container),
        ("volumeMounts", container),
        ("vpcAccess", task),
        ("binaryAuthorization", &job),
    ] {
        assert_eq!(object.get(removed), None, "{removed} in {job:#}");
    }
    assert_eq!(task["volumes"].as_array().map(Vec::len), Some(1), "{job:#}");
    assert_eq!(container["startupProbe"]["periodSeconds"], 7);
    assert_eq!(task["serviceAccount"], account);
    assert_eq!(task["containers"][0]["image"], "gcr.io/theirs/proxy:1");
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn live_check_sends_the_applied_document() {
    let (emulator, mut terraform) = setup_with_job();
    emulator.edit_job("render", add_unmanaged_settings);
    terraform.write("main.tf", &configuration("gcr.io/acme-batch/next:1"));
    terraform.set("FACETS_GPU_PLAN_CHECKS", "live");
    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  plan_checks = \"live\"\n}\n",
    );
    emulator.clear_requests();
    terraform.apply().succeeds();
    let sent: Vec<Value> = emulator
        .requests()
        .iter()
        .filter(|request| request.method() == "PATCH")
        .map(|request| request.body().clone())
        .collect();
    assert!(sent.len() > 1, "{:?}", emulator.request_lines());
    assert!(sent.iter().all(|document| *document == sent[0]));
    assert_eq!(sent[0]["template"]["template"]["containers"][0]["name"], "proxy");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn replacement_warns_about_lost_settings() {
    let (emulator, terraform) = setup_with_job();
    terraform.write(
        "main.tf",
        &configuration(IMAGE).replace("\"render\"\n", "\"other\"\n"),
    );
    terraform
        .plan(&[])
        .prints("must be replaced")
        .does_not_print("unmanaged settings");
    emulator.edit_job("render", add_unmanaged_settings);
    terraform
        .plan(&[])
        .prints("Warning: Loss of unmanaged settings")
        .prints("template.template.containers[0]")
        .prints("template.labels");
}

/// Unknown `default_labels` plan an update, and turn out to be the same.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn empty_update_sends_no_request() {
    let (emulator, terraform) = setup();
    let configuration = |input: &str| {
        format!(
            "{}\nresource \"terraform_data\" \"team\" {{\n  input = \"{input}\"\n}}\n\
             provider \"facets\" {{\n  default_labels = {{ team = substr(terraform_data.team.output, 0, 5) }}\n}}\n",
            job("")
        )
    };
    terraform.write("main.tf", &configuration("media"));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let before = terraform.state(RENDER);
    emulator.clear_requests();
    terraform.write("main.tf", &configuration("media-2"));
    terraform.apply().succeeds().prints("Plan: 0 to add, 2 to change");
    assert_eq!(emulator.writes(), [""; 0]);
    assert_eq!(terraform.state(RENDER), before);
    terraform.assert_no_changes();
}
