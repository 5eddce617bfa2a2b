//! Many jobs are refreshed by one list request, with the same result as by reads.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{IMAGE, setup, terraform};
use crate::harness::load::configuration;
use crate::harness::{Emulator, PROJECT, REGION, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn many_jobs_are_refreshed_by_one_list() {
    let emulator = Emulator::with_flags(&["--operation-time", "0ms", "--latency", "100ms"]);
    let terraform = terraform().with_emulator(&emulator);
    terraform.write("main.tf", &configuration(60, 2));
    terraform.init().succeeds();
    terraform
        .run(&["apply", "-auto-approve", "-input=false", "-parallelism=60"])
        .succeeds();
    emulator.clear_requests();
    terraform.assert_no_changes();
    let (reads, lists) = count_reads_and_lists(&emulator);
    assert_eq!(lists, 1);
    // Some reads are sent until the list arrives.
    assert!((10..60).contains(&reads), "{reads} reads");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn single_job_is_read_by_name() {
    let (emulator, terraform) = setup();
    terraform.write("main.tf", &configuration(1, 2));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    emulator.clear_requests();
    terraform.assert_no_changes();
    assert_eq!(emulator.request_lines(), ["GET /jobs/job-0"]);
}

/// Some of forty jobs are changed, executed, deleted or recreated. The drift is the same whether jobs are read by name, because
/// lists are denied, or listed with different pages and omitted members.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn list_and_reads_agree() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("cloud.json");
    let state = state.to_str().expect("a path");
    let flags = [
        "--operation-time",
        "10ms",
        "--execution-time",
        "10ms",
        "--state",
        state,
    ];
    let emulator = Emulator::with_flags(&flags);
    let mut terraform = terraform().with_emulator(&emulator);
    terraform.write("main.tf", &configuration(40, 2));
    terraform.init().succeeds();
    terraform
        .run(&["apply", "-auto-approve", "-input=false", "-parallelism=40"])
        .succeeds();
    execute(&emulator, ["job-1", "job-2"]);
    terraform
        .run(&["apply", "-auto-approve", "-input=false", "-refresh-only"])
        .succeeds();
    execute(&emulator, ["job-2", "job-3"]);
    emulator.edit_job("job-4", |job| {
        job["template"]["template"]["maxRetries"] = json!(7)
    });
    emulator.edit_job("job-5", |job| job["labels"]["team"] = json!("others"));
    emulator.delete_job("job-6");
    emulator.delete_job("job-7");
    let unmanaged = json!({ "template": { "template": { "containers": [{ "image": IMAGE }] } } });
    emulator.create_job("job-7", &unmanaged);
    emulator.inject_fault("permission-denied-on-list", 1);
    let by_name = drift(&emulator, &terraform);
    let changed: Vec<&str> = by_name.keys().map(String::as_str).collect();
    assert_eq!(changed, ["job-2", "job-3", "job-4", "job-5", "job-6", "job-7"]);
    assert_eq!(by_name["job-6"], Value::Null);
    drop(emulator);

    for list_flags in [
        ["--latency", "20ms"].as_slice(),
        &["--largest-page", "7"],
        &["--list-omits", "etag"],
        &["--list-omits", "template"],
        &["--list-omits", "labels", "--list-omits", "annotations"],
        &["--list-omits", "latestCreatedExecution"],
        &["--list-omits", "executionCount"],
        &["--list-omits", "uid", "--list-omits", "generation"],
        &["--list-omits", "name"],
        &["--fault", "html-502=3", "--fault", "connection-cut=3"],
    ] {
        let emulator = Emulator::with_flags(&[&flags, list_flags].concat());
        terraform = terraform.with_emulator(&emulator);
        assert_eq!(drift(&emulator, &terraform), by_name, "{list_flags:?}");
    }
}

/// Executes each job once and waits for the end.
fn execute<const N: usize>(emulator: &Emulator, jobs: [&str; N]) {
    for id in jobs {
        let path = format!("/v2/projects/{PROJECT}/locations/{REGION}/jobs/{id}:run");
        let (status, operation) = emulator.api("POST", &path, Some(&json!({})));
        assert_eq!(status, 200, "{operation}");
        emulator.wait_for_operation(&operation);
    }
}

/// The drift that a plan reports, by job name. Asserts that the plan sends a list request.
fn drift(emulator: &Emulator, terraform: &Terraform) -> BTreeMap<String, Value> {
    emulator.clear_requests();
    terraform
        .run(&["plan", "-refresh-only", "-input=false", "-out=seen.tfplan"])
        .succeeds();
    assert!(count_reads_and_lists(emulator).1 > 0, "no list request");
    let plan = terraform.run(&["show", "-json", "seen.tfplan"]).succeeds().json();
    let drift = plan["resource_drift"].as_array().expect("drift");
    let by_name = drift.iter().map(|resource| {
        let change = &resource["change"];
        let name = change["before"]["name"].as_str().expect("a job has a name");
        (name.to_owned(), change["after"].clone())
    });
    by_name.collect()
}

/// The numbers of read and of list requests. There must be no others.
fn count_reads_and_lists(emulator: &Emulator) -> (usize, usize) {
    let lines = emulator.request_lines();
    assert!(
        lines.iter().all(|line| line.starts_with("GET /jobs")),
        "{lines:?}"
    );
    let lists = lines.iter().filter(|line| *line == "GET /jobs").count();
    (lines.len() - lists, lists)
}
