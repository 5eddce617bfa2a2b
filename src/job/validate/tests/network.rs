//! The way into a VPC, and what guards a job.

use super::{check, config};
use crate::job::model::Job;

#[test]
fn a_job_has_one_way_into_a_vpc() {
    for vpc in [
        r#"{"network": "default"}"#,
        r#"{"subnetwork": "batch", "egress": "all-traffic"}"#,
        r#"{"network": "projects/host/global/networks/n", "subnetwork": "projects/host/regions/us-central1/subnetworks/s",
            "tags": ["gpu", "batch-1"]}"#,
        r#"{"network": "https://www.googleapis.com/compute/v1/projects/p/global/networks/n"}"#,
        r#"{"connector": "?", "network": "n"}"#,
        r#"{"tags": ["gpu"], "network": "?"}"#,
        r#"{"connector": null, "egress": "private-ranges-only"}"#,
    ] {
        check(&format!(r#"{{"vpc_access": {vpc}}}"#), "");
    }
    for (vpc, expected) in [
        (
            r#"{"connector": "c", "network": "n"}"#,
            "error at vpc_access.network: Two ways",
        ),
        (
            r#"{"connector": "c", "subnetwork": "s"}"#,
            "error at vpc_access.subnetwork: Two ways",
        ),
        (
            r#"{"network": "projects/p/networks/n"}"#,
            "error at vpc_access.network: Invalid VPC network",
        ),
        (
            r#"{"network": ""}"#,
            "error at vpc_access.network: Invalid VPC network",
        ),
        (
            r#"{"subnetwork": "projects/p/global/networks/n"}"#,
            "error at vpc_access.subnetwork: Invalid subnetwork",
        ),
        (
            r#"{"network": "n", "tags": ["GPU"]}"#,
            "error at vpc_access.tags: Invalid network tag",
        ),
        (
            r#"{"network": "n", "tags": [null]}"#,
            "error at vpc_access.tags: Element without a value",
        ),
        (
            r#"{"tags": ["gpu"]}"#,
            "error at vpc_access.tags: Network tags without",
        ),
        (
            r#"{"connector": "c", "tags": ["gpu"]}"#,
            "error at vpc_access.tags: Network tags without",
        ),
    ] {
        check(&format!(r#"{{"vpc_access": {vpc}}}"#), expected);
    }
}

#[test]
fn a_key_is_one_of_the_region_and_no_version() {
    let key = |location: &str, rest: &str| {
        format!(r#"{{"encryption_key": "projects/p/locations/{location}/keyRings/r/cryptoKeys/k{rest}"}}"#)
    };
    check(&key("us-central1", ""), "");
    check(
        &key("europe-west4", ""),
        "warning at encryption_key: Encryption key of another region",
    );
    check(
        &key("us-central1", "/cryptoKeyVersions/1"),
        "error at encryption_key: Invalid encryption key",
    );
    check(
        r#"{"encryption_key": "k"}"#,
        "error at encryption_key: Invalid encryption key",
    );
    check(r#"{"encryption_key": "?"}"#, "");
    let elsewhere = key("europe-west4", "").replace('{', r#"{"location": "?", "#);
    check(&elsewhere, "");
}

/// Another project is none of the provider's business: a shared VPC is in one.
#[test]
fn a_way_into_a_vpc_is_of_the_region_of_the_job() {
    let links = [
        "https://www.googleapis.com/compute/v1/",
        "https://compute.googleapis.com/compute/beta/",
        "",
    ];
    for link in links {
        let subnetwork = |region: &str| {
            format!(
                r#"{{"vpc_access": {{"subnetwork": "{link}projects/host/regions/{region}/subnetworks/s"}}}}"#
            )
        };
        check(&subnetwork("us-central1"), "");
        check(
            &subnetwork("europe-west4"),
            "warning at vpc_access.subnetwork: Subnetwork of another region",
        );
        let network = format!(r#"{{"vpc_access": {{"network": "{link}projects/other/global/networks/n"}}}}"#);
        check(&network, "");
    }
    let connector = |region: &str| {
        format!(r#"{{"vpc_access": {{"connector": "projects/host/locations/{region}/connectors/c"}}}}"#)
    };
    check(&connector("us-central1"), "");
    check(
        &connector("us-central2"),
        "warning at vpc_access.connector: Connector of another region",
    );
    for location in [r#""?""#, "null"] {
        let elsewhere = connector("europe-west4").replacen('{', &format!(r#"{{"location": {location}, "#), 1);
        check(&elsewhere, "");
    }
    check(
        r#"{"vpc_access": {"connector": "projects/p/locations/europe-west4/connectors/c/x"}}"#,
        "error at vpc_access.connector: Invalid VPC connector",
    );
}

#[test]
fn one_policy_decides_about_an_image() {
    for (given, expected) in [
        (r#"{"use_default": true}"#, ""),
        (r#"{"use_default": true, "breakglass_justification": "fire"}"#, ""),
        (
            r#"{"policy": "projects/p/platforms/cloudRun/policies/strict"}"#,
            "",
        ),
        (r#"{"policy": "projects/p/platforms/cloudRun/strict"}"#, ""),
        (r#"{"use_default": "?"}"#, ""),
        (r#"{"policy": "?"}"#, ""),
        (
            r#"{}"#,
            "error at binary_authorization: Binary Authorization without",
        ),
        (
            r#"{"use_default": false}"#,
            "error at binary_authorization: Binary Authorization without",
        ),
        (
            r#"{"use_default": true, "policy": "projects/p/platforms/cloudRun/policies/strict"}"#,
            "error at binary_authorization.policy: Two policies",
        ),
        (
            r#"{"policy": "strict"}"#,
            "error at binary_authorization.policy: Invalid policy",
        ),
    ] {
        check(&format!(r#"{{"binary_authorization": {given}}}"#), expected);
    }
}

#[test]
fn a_working_directory_is_absolute() {
    let check = |folder: &str, expected: &str| {
        check(
            &format!(r#"{{"container": {{"image": "i", "working_dir": "{folder}"}}}}"#),
            expected,
        );
    };
    check("/work", "");
    check("/", "");
    check("?", "");
    check(
        "work",
        "error at container.working_dir: Invalid working directory",
    );
    check(
        "/a/..",
        "error at container.working_dir: Invalid working directory",
    );
}

#[test]
fn the_words_of_networks_and_keys_say_rule_finding_and_way_out() {
    let changes = r#"{"vpc_access": {"connector": "c", "network": "Default", "tags": ["GPU"], "egress": "all-traffic"},
        "encryption_key": "projects/p/locations/eu/keyRings/r/cryptoKeys/k/cryptoKeyVersions/7",
        "binary_authorization": {"use_default": true, "policy": "strict"}}"#;
    let told: Vec<String> = super::super::validate(&Job::read(&config(changes)))
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}
