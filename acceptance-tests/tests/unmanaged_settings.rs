//! An update changes what the configuration changes, and nothing else of the job.

use serde_json::{Value, json};

use super::{IMAGE, RENDER, cloud, job};
use crate::harness::{Emulator, Terraform};

/// A job with one of each, as this resource makes it.
const ARGUMENTS: &str = r#"
  env     = { MODE = "final" }
  secrets = [{ env_var = "KEY", secret_name = "key" }]
  volumes = [
    { name = "models", gcs = { bucket = "models" } },
    { name = "keys", secret = { secret = "k", items = [{ path = "a" }] } },
  ]
  vpc_access = { network = "n", tags = ["t"] }
  binary_authorization = { use_default = true }"#;

/// The same, with its volumes mounted.
fn configuration(image: &str) -> String {
    job(ARGUMENTS).replace(
        &format!("{{ image = \"{IMAGE}\" }}"),
        &format!(
            r#"{{ image = "{image}", volume_mounts = [
    {{ name = "models", mount_path = "/models" }}, {{ name = "keys", mount_path = "/keys" }}] }}"#
        ),
    )
}

fn applied() -> (Emulator, Terraform) {
    let cloud = Emulator::with(&["--keep-unknown-fields"]);
    let terraform = super::terraform().against(&cloud);
    terraform.write("main.tf", &configuration(IMAGE));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    (cloud, terraform)
}

/// What others may set of a job that this resource does not manage, and members that no API has yet at every level.
fn settings_of_others(job: &mut Value) {
    let invented = json!({ "level": [1, { "deep": null }], "number": 0.1 });
    for message in [
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
        job.pointer_mut(message)
            .unwrap_or_else(|| panic!("there is no {message}"))["nextYear"] = invented.clone();
    }
    job["labels"] = json!({ "theirs": "1" });
    let template = &mut job["template"];
    template["labels"] = json!({ "theirs": "1" });
    template["annotations"] = json!({ "acme.example/theirs": "1" });
    template["delayExecution"] = json!(true);
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
            "name": "proxy", "image": "gcr.io/theirs/proxy:1", "nextYear": invented,
            "ports": [{ "containerPort": 8080 }], "resources": { "limits": { "cpu": "1", "memory": "512Mi" } },
            "startupProbe": { "httpGet": { "path": "/ready", "port": 8080 } },
            "volumeMounts": [{ "name": "cloudsql", "mountPath": "/cloudsql" }],
        }),
    );
}

/// The job without what every write changes.
fn definition(cloud: &Emulator) -> Value {
    let mut job = cloud.job("render").expect("the job");
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
fn what_others_have_set_survives() {
    let (cloud, terraform) = applied();
    cloud.edit_job("render", settings_of_others);
    terraform.has_nothing_to_do();
    let mut expected = definition(&cloud);
    assert!(expected["template"]["template"]["containers"][0]["nextYear"].is_object());

    let next = "us-docker.pkg.dev/acme-batch/media/renderer:1.5";
    terraform.write("main.tf", &configuration(next));
    terraform.apply().succeeds().says("1 changed");
    expected["template"]["template"]["containers"][1]["image"] = json!(next);
    assert_eq!(definition(&cloud), expected);
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_is_removed_from_the_configuration_is_removed_beside_it() {
    let (cloud, terraform) = applied();
    cloud.edit_job("render", settings_of_others);
    let account = terraform.state(RENDER)["service_account"].clone();
    terraform.write("main.tf", &job(""));
    terraform.apply().succeeds().says("1 changed");
    let job = definition(&cloud);
    let task = &job["template"]["template"];
    let container = &task["containers"][1];
    for (gone, place) in [
        ("env", container),
        ("volumeMounts", container),
        ("vpcAccess", task),
        ("binaryAuthorization", &job),
    ] {
        assert_eq!(place.get(gone), None, "{gone} in {job:#}");
    }
    assert_eq!(task["volumes"].as_array().map(Vec::len), Some(1), "{job:#}");
    assert_eq!(container["startupProbe"]["periodSeconds"], 7);
    assert_eq!(task["serviceAccount"], account);
    assert_eq!(task["containers"][0]["image"], "gcr.io/theirs/proxy:1");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_live_plan_shows_the_document_of_the_apply() {
    let (cloud, mut terraform) = applied();
    cloud.edit_job("render", settings_of_others);
    terraform.write("main.tf", &configuration("gcr.io/acme-batch/next:1"));
    terraform.set("FACETS_GPU_PLAN_CHECKS", "live");
    terraform.write(
        "provider.tf",
        "provider \"facets\" {\n  plan_checks = \"live\"\n}\n",
    );
    cloud.clear_requests();
    terraform.apply().succeeds();
    let sent: Vec<Value> = cloud
        .requests()
        .iter()
        .filter(|request| request.method() == "PATCH")
        .map(|request| request.body().clone())
        .collect();
    assert!(sent.len() > 1, "{:?}", cloud.lines());
    assert!(sent.iter().all(|document| *document == sent[0]));
    assert_eq!(sent[0]["template"]["template"]["containers"][0]["name"], "proxy");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_replacement_warns_of_what_is_lost() {
    let (cloud, terraform) = applied();
    terraform.write(
        "main.tf",
        &configuration(IMAGE).replace("\"render\"\n", "\"other\"\n"),
    );
    terraform
        .plan(&[])
        .says("must be replaced")
        .does_not_say("Unmanaged settings");
    cloud.edit_job("render", settings_of_others);
    terraform
        .plan(&[])
        .says("Warning: Unmanaged settings will be lost")
        .says("template.template.containers[0]")
        .says("template.delayExecution");
}

/// `default_labels` that are not known at plan make an update planned, and turn out to be the same.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_update_that_changes_nothing_sends_nothing() {
    let (cloud, terraform) = cloud();
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
    cloud.clear_requests();
    terraform.write("main.tf", &configuration("media-2"));
    terraform.apply().succeeds().says("Plan: 0 to add, 2 to change");
    assert_eq!(cloud.writes(), [""; 0]);
    assert_eq!(terraform.state(RENDER), before);
    terraform.has_nothing_to_do();
}
