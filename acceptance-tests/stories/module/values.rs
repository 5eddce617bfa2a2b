//! Every value that the contract allows, and the neighbours that it does not.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::{cloud, terraform};
use super::{each, spec};
use crate::harness::Emulator;
use crate::harness::platform::{Call, Root};

/// What the contract allows, and what Google is then sent.
fn allowed() -> Vec<(Value, &'static str, Value)> {
    let limits = "/template/template/containers/0/resources/limits";
    let mut all = Vec::new();
    let mut add = |spec: Value, at: &'static str, sent: Value| all.push((spec, at, sent));
    for cpu in ["20", "24", "32"] {
        // A number becomes the text that it would be.
        for given in [json!(cpu), json!(cpu.parse::<u64>().expect("a number"))] {
            add(
                json!({ "resources": { "cpu": given } }),
                limits,
                json!({ "cpu": cpu, "memory": "80Gi", "nvidia.com/gpu": "1" }),
            );
        }
    }
    for memory in ["80Gi", "96Gi", "128Gi"] {
        add(
            json!({ "resources": { "memory": memory } }),
            limits,
            json!({ "cpu": "20", "memory": memory, "nvidia.com/gpu": "1" }),
        );
    }
    let gpu = "/template/template/nodeSelector/accelerator";
    for given in [
        json!({ "enabled": true }),
        json!({ "enabled": "true" }),
        json!({ "type": "nvidia-rtx-pro-6000" }),
    ] {
        add(json!({ "gpu": given }), gpu, json!("nvidia-rtx-pro-6000"));
    }
    for count in [json!(1), json!(100), json!("100")] {
        let sent = json!(count.as_u64().unwrap_or(100));
        add(
            json!({ "job": { "task_count": count } }),
            "/template/taskCount",
            sent.clone(),
        );
        add(
            json!({ "job": { "parallelism": count } }),
            "/template/parallelism",
            sent,
        );
    }
    for retries in [0, 10] {
        add(
            json!({ "job": { "max_retries": retries } }),
            "/template/template/maxRetries",
            json!(retries),
        );
    }
    for (timeout, sent) in TIMEOUTS {
        add(
            json!({ "job": { "task_timeout": timeout } }),
            "/template/template/timeout",
            json!(sent),
        );
    }
    all
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn every_value_of_the_contract_is_applied() {
    let cloud = Emulator::with(&["--rules", "permissive", "--operation-time", "50ms"]);
    let terraform = terraform().against(&cloud);
    let allowed = allowed();
    let cases: Vec<_> = allowed.iter().map(|(given, ..)| spec(given)).collect();
    let mut root = Root::new().calling_each("job", &each(&cases));
    for (index, region) in REGIONS.iter().enumerate() {
        let mut call = Call::new(&format!("region-{index}"), json!({ "spec": spec(&json!({})) }));
        call.inputs["cloud_account"]["attributes"]["region"] = json!(region);
        root = root.calling(&format!("region_{index}"), &call);
    }
    root.lay(&terraform);
    terraform.init().succeeds();
    terraform
        .apply()
        .succeeds()
        .says(&format!("{} added, 0 changed", cases.len() + REGIONS.len()));
    for (index, (given, at, sent)) in allowed.iter().enumerate() {
        let job = cloud
            .job(&format!("media-demo-case-{index}"))
            .expect("the job of the case");
        assert_eq!(job.pointer(at), Some(sent), "{given}");
    }
    let places: BTreeSet<String> = cloud
        .jobs()
        .iter()
        .filter_map(|job| job["name"].as_str()?.split('/').nth(3).map(str::to_owned))
        .collect();
    assert_eq!(places, REGIONS.map(str::to_owned).into());
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn groups_and_values_that_are_absent_null_or_empty_get_the_defaults() {
    let (cloud, terraform) = cloud();
    let mut cases = vec![spec(&json!({}))];
    for group in [
        "gpu",
        "resources",
        "job",
        "vpc_access",
        "secrets",
        "env",
        "service_account",
    ] {
        cases.push(spec(&json!({ group: null })));
    }
    for (group, empty) in [
        ("gpu", json!({})),
        ("resources", json!({})),
        ("job", json!({})),
        ("vpc_access", json!({})),
        ("secrets", json!([])),
        ("env", json!({})),
    ] {
        cases.push(spec(&json!({ group: empty })));
    }
    for (group, fields) in [
        ("container", &["command", "args"][..]),
        ("gpu", &["enabled", "type"]),
        ("resources", &["cpu", "memory"]),
        (
            "job",
            &["task_count", "parallelism", "max_retries", "task_timeout"],
        ),
        ("vpc_access", &["connector", "egress"]),
    ] {
        for field in fields {
            let mut given = spec(&json!({}));
            given[group][field] = Value::Null;
            cases.push(given);
        }
    }
    Root::new().calling_each("job", &each(&cases)).lay(&terraform);
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let jobs = cloud.jobs();
    assert_eq!(jobs.len(), cases.len());
    for job in &jobs {
        assert_eq!(job["template"], jobs[0]["template"], "{}", job["name"]);
    }
    terraform.has_nothing_to_do();
}

/// Spellings of a time limit, and the seconds that Google is sent.
const TIMEOUTS: [(&str, &str); 9] = [
    ("1s", "1s"),
    ("0.5s", "0.5s"),
    ("3600s", "3600s"),
    ("90m", "5400s"),
    ("1h30m", "5400s"),
    ("1h0m1s", "3601s"),
    ("168h", "604800s"),
    ("10080m", "604800s"),
    ("604800s", "604800s"),
];
/// Where the contract says that the GPU is.
const REGIONS: [&str; 4] = ["us-central1", "europe-west4", "asia-south2", "asia-southeast1"];
