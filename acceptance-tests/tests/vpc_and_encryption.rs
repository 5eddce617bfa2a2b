//! The way into a VPC without a connector, and what guards a job: its key, and the policy that its image is held
//! against.

use serde_json::{Value, json};

use super::{RENDER, cloud, job, with_job};
use crate::harness::Emulator;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn tasks_get_an_interface_and_change_to_a_connector_and_back() {
    let (cloud, terraform) = cloud();
    let interface = r#"vpc_access = { network = "media", subnetwork = "batch", tags = ["gpu", "nfs"], egress = "all-traffic" }"#;
    let told = json!({
        "egress": "ALL_TRAFFIC",
        "networkInterfaces": [{ "network": "media", "subnetwork": "batch", "tags": ["gpu", "nfs"] }],
    });
    with_job(&terraform, interface);
    terraform.apply().succeeds();
    assert_eq!(access(&cloud), told);
    terraform.has_nothing_to_do();
    let made = terraform.state(RENDER);

    terraform.write("main.tf", &job(r#"vpc_access = { connector = "corpus" }"#));
    terraform
        .apply()
        .succeeds()
        .says("0 added, 1 changed, 0 destroyed");
    assert_eq!(
        access(&cloud),
        json!({ "egress": "PRIVATE_RANGES_ONLY", "connector": "projects/acme-batch/locations/us-central1/connectors/corpus" })
    );
    terraform.has_nothing_to_do();

    terraform.write("main.tf", &job(interface));
    terraform
        .apply()
        .succeeds()
        .says("0 added, 1 changed, 0 destroyed");
    assert_eq!(access(&cloud), told);
    terraform.has_nothing_to_do();

    terraform.write("main.tf", &job(""));
    terraform
        .apply()
        .succeeds()
        .says("0 added, 1 changed, 0 destroyed");
    assert_eq!(access(&cloud), Value::Null);
    terraform.has_nothing_to_do();
    assert_eq!(terraform.state(RENDER)["uid"], made["uid"]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_network_has_three_spellings_and_tags_have_no_order() {
    let (cloud, terraform) = cloud();
    with_job(
        &terraform,
        r#"vpc_access = { network = "media", subnetwork = "batch", tags = ["gpu", "nfs"] }"#,
    );
    terraform.apply().succeeds();
    cloud.clear_requests();
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
        terraform.has_nothing_to_do();
    }
    for tags in [r#"["nfs", "gpu"]"#, r#"["nfs", "gpu", "gpu", "nfs"]"#] {
        let access = format!(r#"vpc_access = {{ network = "media", subnetwork = "batch", tags = {tags} }}"#);
        terraform.write("main.tf", &job(&access));
        terraform.has_nothing_to_do();
        terraform.apply().succeeds().says("0 changed");
    }
    assert_eq!(cloud.writes(), [""; 0]);

    // Somebody, or Google, tells the same otherwise.
    cloud.edit_job("render", |job| {
        job["template"]["template"]["vpcAccess"]["networkInterfaces"] = json!([{
            "network": "projects/acme-batch/global/networks/media",
            "subnetwork": "projects/acme-batch/regions/us-central1/subnetworks/batch",
            "tags": ["nfs", "gpu"],
        }]);
    });
    terraform.has_nothing_to_do();
    cloud.edit_job("render", |job| {
        job["template"]["template"]["vpcAccess"]["networkInterfaces"][0]["tags"] = json!(["nfs"]);
    });
    terraform.apply().succeeds().says("1 changed");
    let mut tags = access(&cloud)["networkInterfaces"][0]["tags"].clone();
    tags.as_array_mut()
        .expect("tags")
        .sort_by_key(ToString::to_string);
    assert_eq!(tags, json!(["gpu", "nfs"]));
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_google_finds_of_a_network_is_no_change() {
    let (cloud, terraform) = cloud();
    for (given, found) in [
        (
            r#"network = "media""#,
            json!({ "network": "media", "subnetwork": "media" }),
        ),
        (
            r#"subnetwork = "batch""#,
            json!({ "network": "media", "subnetwork": "batch" }),
        ),
    ] {
        with_job(&terraform, &format!("vpc_access = {{ {given} }}"));
        terraform.apply().succeeds();
        cloud.edit_job("render", |job| {
            job["template"]["template"]["vpcAccess"]["networkInterfaces"] = json!([found]);
        });
        terraform.has_nothing_to_do();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn key_and_policy_are_set_changed_imported_and_taken_away() {
    let (cloud, terraform) = cloud();
    let key =
        |name: &str| format!("projects/acme-keys/locations/us-central1/keyRings/batch/cryptoKeys/{name}");
    let policy = "projects/acme-batch/platforms/cloudRun/policies/signed";
    with_job(
        &terraform,
        &format!(
            "encryption_key = \"{}\"\nbinary_authorization = {{ use_default = true }}",
            key("old")
        ),
    );
    terraform.apply().succeeds();
    assert_eq!(guards(&cloud), (json!(key("old")), json!({ "useDefault": true })));
    terraform.has_nothing_to_do();

    let guarded = format!(
        "encryption_key = \"{}\"\nbinary_authorization = {{ policy = \"{policy}\", breakglass_justification = \"INC-1\" }}",
        key("new")
    );
    terraform.write("main.tf", &job(&guarded));
    terraform
        .apply()
        .succeeds()
        .says("0 added, 1 changed, 0 destroyed");
    let told = json!({ "policy": policy, "breakglassJustification": "INC-1" });
    assert_eq!(guards(&cloud), (json!(key("new")), told.clone()));
    terraform.has_nothing_to_do();

    // Others take the policy away, and it comes back.
    cloud.edit_job("render", |job| {
        job.as_object_mut().expect("a job").remove("binaryAuthorization");
    });
    terraform.apply().succeeds().says("1 changed");
    assert_eq!(guards(&cloud).1, told);

    terraform.write("main.tf", &job(""));
    terraform.apply().succeeds().says("1 changed");
    assert_eq!(guards(&cloud), (Value::Null, Value::Null));
    terraform.has_nothing_to_do();
}

/// The way into a VPC as Google has it.
fn access(cloud: &Emulator) -> Value {
    cloud.job("render").expect("the job")["template"]["template"]["vpcAccess"].clone()
}

/// The key and the policy as Google has them.
fn guards(cloud: &Emulator) -> (Value, Value) {
    let job = cloud.job("render").expect("the job");
    (
        job["template"]["template"]["encryptionKey"].clone(),
        job["binaryAuthorization"].clone(),
    )
}
