//! VPC access, encryption key and Binary Authorization.

use super::{cases, diagnostics, fails, passes, report};

#[test]
fn vpc_access_has_connector_or_interface() {
    let template = r#"{"vpc_access": …}"#;
    passes(
        template,
        r#"
            {"network": "default"}
            {"subnetwork": "batch", "egress": "all-traffic"}
            {"network": "projects/host/global/networks/n", "subnetwork": "projects/host/regions/us-central1/subnetworks/s", "tags": ["gpu", "batch-1"]}
            {"network": "https://www.googleapis.com/compute/v1/projects/p/global/networks/n"}
            {"connector": "?", "network": "n"}
            {"tags": ["gpu"], "network": "?"}
            {"connector": null, "egress": "private-ranges-only"}
        "#,
    );
    let reports = report(
        template,
        r#"
            {"connector": "c", "network": "n"}
            {"network": "projects/p/networks/n"}
            {"subnetwork": "projects/p/global/networks/n"}
            {"network": "n", "tags": ["GPU"]}
            {"tags": ["gpu"]}
            {"connector": "c", "tags": ["gpu"]}
            {"connector": "projects/p/locations/europe-west4/connectors/c/x"}
            {"connector": "c", "egress": "ALL_TRAFFIC"}
            {"connector": "c", "egress": "everything"}
        "#,
    );
    insta::assert_snapshot!(reports);
    for (expected, vpc) in [
        (
            "subnetwork: Conflicting VPC settings",
            r#"{"connector": "c", "subnetwork": "s"}"#,
        ),
        ("network: Invalid VPC network", r#"{"network": ""}"#),
        ("connector: Invalid VPC connector", r#"{"connector": ""}"#),
        (
            "connector: Invalid VPC connector",
            r#"{"connector": "projects/p/c"}"#,
        ),
        ("tags: Null element", r#"{"network": "n", "tags": [null]}"#),
    ] {
        fails(&format!("error at vpc_access.{expected}\n"), template, vpc);
    }
}

/// A shared VPC is in another project.
#[test]
fn references_must_be_in_the_region() {
    let lines = r#"
        "vpc_access": {"subnetwork": "https://www.googleapis.com/compute/v1/projects/host/regions/REGION/subnetworks/s"}
        "vpc_access": {"subnetwork": "https://compute.googleapis.com/compute/beta/projects/host/regions/REGION/subnetworks/s"}
        "vpc_access": {"subnetwork": "projects/host/regions/REGION/subnetworks/s"}
        "vpc_access": {"connector": "projects/host/locations/REGION/connectors/c"}
        "encryption_key": "projects/p/locations/REGION/keyRings/r/cryptoKeys/k"
    "#;
    passes("{…}", &lines.replace("REGION", "us-central1"));
    let other_region = lines.replace("REGION", "europe-west4");
    passes(r#"{"location": "?", …}"#, &other_region);
    passes(r#"{"location": null, …}"#, &other_region);
    for (line, changes) in cases("{…}", &other_region) {
        let warnings = diagnostics(&changes);
        assert!(warnings.contains(": Region mismatch\n"), "{line}: {warnings}");
    }
    insta::assert_snapshot!(report(
        "{…}",
        &other_region.lines().skip(3).collect::<Vec<_>>().join("\n")
    ));
}

#[test]
fn encryption_key_has_no_version() {
    passes("…", r#"{"encryption_key": "?"}"#);
    let reports = report(
        r#"{"encryption_key": "…"}"#,
        "
            projects/p/locations/us-central1/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1
            k
        ",
    );
    insta::assert_snapshot!(reports);
}

#[test]
fn binary_authorization_has_one_policy() {
    let template = r#"{"binary_authorization": …}"#;
    passes(
        template,
        r#"
            {"use_default": true}
            {"use_default": true, "breakglass_justification": "fire"}
            {"policy": "projects/p/platforms/cloudRun/policies/strict"}
            {"policy": "projects/p/platforms/cloudRun/strict"}
            {"use_default": "?"}
            {"policy": "?"}
        "#,
    );
    let reports = report(
        template,
        r#"
            {"use_default": false}
            {"use_default": true, "policy": "projects/p/platforms/cloudRun/policies/strict"}
            {"policy": "strict"}
        "#,
    );
    insta::assert_snapshot!(reports);
    fails(
        "error at binary_authorization: Missing Binary Authorization policy\n",
        template,
        "{}",
    );
}

#[test]
fn working_directory_is_absolute() {
    let template = r#"{"container": {"image": "i", "working_dir": "…"}}"#;
    passes(
        template,
        "
            /work
            /
            ?
        ",
    );
    fails(
        "error at container.working_dir: Invalid working directory\n",
        template,
        "/a/..",
    );
    insta::assert_snapshot!(report(template, "work"));
}
