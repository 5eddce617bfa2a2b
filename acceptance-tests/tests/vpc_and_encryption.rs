//! Direct VPC egress, the encryption key, and Binary Authorization.

use serde_json::{Value, json};

use super::{RENDER, init_job, job, setup};
use crate::harness::Emulator;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn network_interface_and_connector_switch_in_place() {
    let (emulator, terraform) = setup();
    let interface = r#"vpc_access = { network = "media", subnetwork = "batch", tags = ["gpu", "nfs"], egress = "all-traffic" }"#;
    let expected = json!({
        "egress": "ALL_TRAFFIC",
        "networkInterfaces": [{ "network": "media", "subnetwork": "batch", "tags": ["gpu", "nfs"] }],
    });
    init_job(&terraform, interface);
    terraform.apply().succeeds();
    assert_eq!(vpc_access(&emulator), expected);
    terraform.assert_no_changes();
    let created = terraform.state(RENDER);

    terraform.write("main.tf", &job(r#"vpc_access = { connector = "corpus" }"#));
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 1 changed, 0 destroyed");
    assert_eq!(
        vpc_access(&emulator),
        json!({ "egress": "PRIVATE_RANGES_ONLY", "connector": "projects/acme-batch/locations/us-central1/connectors/corpus" })
    );
    terraform.assert_no_changes();

    terraform.write("main.tf", &job(interface));
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 1 changed, 0 destroyed");
    assert_eq!(vpc_access(&emulator), expected);
    terraform.assert_no_changes();

    terraform.write("main.tf", &job(""));
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 1 changed, 0 destroyed");
    assert_eq!(vpc_access(&emulator), Value::Null);
    terraform.assert_no_changes();
    assert_eq!(terraform.state(RENDER)["uid"], created["uid"]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn equivalent_networks_and_tags_plan_no_change() {
    let (emulator, terraform) = setup();
    init_job(
        &terraform,
        r#"vpc_access = { network = "media", subnetwork = "batch", tags = ["gpu", "nfs"] }"#,
    );
    terraform.apply().succeeds();
    emulator.clear_requests();
    for host in ["", "https://www.googleapis.com/compute/v1/"] {
        terraform.write(
            "main.tf",
            &job(&format!(
                r#"vpc_access = {{
                     network    = "{host}projects/acme-batch/global/networks/media"
                     subnetwork = "{host}projects/acme-batch/regions/us-central1/subnetworks/batch"
                     tags       = ["gpu", "nfs"]
                   }}"#
            )),
        );
        terraform.assert_no_changes();
    }
    for tags in [r#"["nfs", "gpu"]"#, r#"["nfs", "gpu", "gpu", "nfs"]"#] {
        let vpc_access =
            format!(r#"vpc_access = {{ network = "media", subnetwork = "batch", tags = {tags} }}"#);
        terraform.write("main.tf", &job(&vpc_access));
        terraform.assert_no_changes();
        terraform.apply().succeeds().prints("0 changed");
    }
    assert_eq!(emulator.writes(), [""; 0]);

    // The API may return an equivalent form.
    emulator.edit_job("render", |job| {
        job["template"]["template"]["vpcAccess"]["networkInterfaces"] = json!([{
            "network": "projects/acme-batch/global/networks/media",
            "subnetwork": "projects/acme-batch/regions/us-central1/subnetworks/batch",
            "tags": ["nfs", "gpu"],
        }]);
    });
    terraform.assert_no_changes();
    emulator.edit_job("render", |job| {
        job["template"]["template"]["vpcAccess"]["networkInterfaces"][0]["tags"] = json!(["nfs"]);
    });
    terraform.apply().succeeds().prints("1 changed");
    let mut tags = vpc_access(&emulator)["networkInterfaces"][0]["tags"].clone();
    tags.as_array_mut()
        .expect("tags")
        .sort_by_key(ToString::to_string);
    assert_eq!(tags, json!(["gpu", "nfs"]));
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn inferred_network_plans_no_change() {
    let (emulator, terraform) = setup();
    for (arguments, actual) in [
        (
            r#"network = "media""#,
            json!({ "network": "media", "subnetwork": "media" }),
        ),
        (
            r#"subnetwork = "batch""#,
            json!({ "network": "media", "subnetwork": "batch" }),
        ),
    ] {
        init_job(&terraform, &format!("vpc_access = {{ {arguments} }}"));
        terraform.apply().succeeds();
        emulator.edit_job("render", |job| {
            job["template"]["template"]["vpcAccess"]["networkInterfaces"] = json!([actual]);
        });
        terraform.assert_no_changes();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn encryption_key_and_binary_authorization_update() {
    let (emulator, terraform) = setup();
    let key =
        |name: &str| format!("projects/acme-keys/locations/us-central1/keyRings/batch/cryptoKeys/{name}");
    let policy = "projects/acme-batch/platforms/cloudRun/policies/signed";
    init_job(
        &terraform,
        &format!(
            "encryption_key = \"{}\"\nbinary_authorization = {{ use_default = true }}",
            key("old")
        ),
    );
    terraform.apply().succeeds();
    assert_eq!(
        encryption_and_policy(&emulator),
        (json!(key("old")), json!({ "useDefault": true }))
    );
    terraform.assert_no_changes();

    let arguments = format!(
        "encryption_key = \"{}\"\nbinary_authorization = {{ policy = \"{policy}\", breakglass_justification = \"INC-1\" }}",
        key("new")
    );
    terraform.write("main.tf", &job(&arguments));
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 1 changed, 0 destroyed");
    let expected = json!({ "policy": policy, "breakglassJustification": "INC-1" });
    assert_eq!(
        encryption_and_policy(&emulator),
        (json!(key("new")), expected.clone())
    );
    terraform.assert_no_changes();

    // A policy removed outside of Terraform is restored.
    emulator.edit_job("render", |job| {
        job.as_object_mut().expect("a job").remove("binaryAuthorization");
    });
    terraform.apply().succeeds().prints("1 changed");
    assert_eq!(encryption_and_policy(&emulator).1, expected);

    terraform.write("main.tf", &job(""));
    terraform.apply().succeeds().prints("1 changed");
    assert_eq!(encryption_and_policy(&emulator), (Value::Null, Value::Null));
    terraform.assert_no_changes();
}

/// The job's VPC access as the API returns it.
fn vpc_access(emulator: &Emulator) -> Value {
    emulator.job("render").expect("the job")["template"]["template"]["vpcAccess"].clone()
}

/// The job's encryption key and Binary Authorization as the API returns them.
fn encryption_and_policy(emulator: &Emulator) -> (Value, Value) {
    let job = emulator.job("render").expect("the job");
    (
        job["template"]["template"]["encryptionKey"].clone(),
        job["binaryAuthorization"].clone(),
    )
}
