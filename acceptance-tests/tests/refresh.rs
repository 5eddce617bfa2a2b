//! Many jobs are refreshed with the help of one list, and what a refresh shows is what reads by name would show.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{IMAGE, cloud, terraform};
use crate::harness::load::configuration;
use crate::harness::{Emulator, PROJECT, REGION, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_undisturbed_plan_of_many_jobs_is_a_few_reads_and_one_list() {
    let cloud = Emulator::with(&["--operation-time", "0ms", "--latency", "100ms"]);
    let terraform = terraform().against(&cloud);
    terraform.write("main.tf", &configuration(60, 2));
    terraform.init().succeeds();
    terraform
        .run(&["apply", "-auto-approve", "-input=false", "-parallelism=60"])
        .succeeds();
    cloud.clear_requests();
    terraform.has_nothing_to_do();
    let (reads, lists) = count(&cloud);
    assert_eq!(lists, 1);
    // The list would have to take longer than five rounds of ten reads.
    assert!((10..60).contains(&reads), "{reads} reads");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn one_job_is_read_by_its_name() {
    let (cloud, terraform) = cloud();
    terraform.write("main.tf", &configuration(1, 2));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    cloud.clear_requests();
    terraform.has_nothing_to_do();
    assert_eq!(cloud.lines(), ["GET /jobs/job-0"]);
}

/// Some of forty jobs were changed, run, deleted or made anew by others. Where lists are refused, all are read by name: a list
/// must not show anything else, whatever it leaves out and however it is cut.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_list_shows_what_reads_by_name_show() {
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
    let cloud = Emulator::with(&flags);
    let mut terraform = terraform().against(&cloud);
    terraform.write("main.tf", &configuration(40, 2));
    terraform.init().succeeds();
    terraform
        .run(&["apply", "-auto-approve", "-input=false", "-parallelism=40"])
        .succeeds();
    execute(&cloud, ["job-1", "job-2"]);
    terraform
        .run(&["apply", "-auto-approve", "-input=false", "-refresh-only"])
        .succeeds();
    execute(&cloud, ["job-2", "job-3"]);
    cloud.edit_job("job-4", |job| {
        job["template"]["template"]["maxRetries"] = json!(7)
    });
    cloud.edit_job("job-5", |job| job["labels"]["team"] = json!("others"));
    cloud.delete_job("job-6");
    cloud.delete_job("job-7");
    let theirs = json!({ "template": { "template": { "containers": [{ "image": IMAGE }] } } });
    cloud.create_job("job-7", &theirs);
    cloud.arm("permission-denied-on-list", 1);
    let by_name = drift(&cloud, &terraform);
    let changed: Vec<&str> = by_name.keys().map(String::as_str).collect();
    assert_eq!(changed, ["job-2", "job-3", "job-4", "job-5", "job-6", "job-7"]);
    assert_eq!(by_name["job-6"], Value::Null);
    drop(cloud);

    for list in [
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
        let cloud = Emulator::with(&[&flags, list].concat());
        terraform = terraform.against(&cloud);
        assert_eq!(drift(&cloud, &terraform), by_name, "{list:?}");
    }
}

/// Runs each of these jobs once, to the end.
fn execute<const N: usize>(cloud: &Emulator, jobs: [&str; N]) {
    for id in jobs {
        let path = format!("/v2/projects/{PROJECT}/locations/{REGION}/jobs/{id}:run");
        let (status, operation) = cloud.api("POST", &path, Some(&json!({})));
        assert_eq!(status, 200, "{operation}");
        cloud.settle(&operation);
    }
}

/// What a plan shows as changed outside of Terraform, by the name of the job. It requests one list.
fn drift(cloud: &Emulator, terraform: &Terraform) -> BTreeMap<String, Value> {
    cloud.clear_requests();
    terraform
        .run(&["plan", "-refresh-only", "-input=false", "-out=seen.tfplan"])
        .succeeds();
    assert!(count(cloud).1 > 0, "it lists the jobs");
    let plan = terraform.run(&["show", "-json", "seen.tfplan"]).succeeds().json();
    let drift = plan["resource_drift"].as_array().expect("something has changed");
    let by_name = drift.iter().map(|resource| {
        let change = &resource["change"];
        let name = change["before"]["name"].as_str().expect("a job has a name");
        (name.to_owned(), change["after"].clone())
    });
    by_name.collect()
}

/// How many requests were reads by name, and how many were lists. There are no others.
fn count(cloud: &Emulator) -> (usize, usize) {
    let lines = cloud.lines();
    assert!(
        lines.iter().all(|line| line.starts_with("GET /jobs")),
        "{lines:?}"
    );
    let lists = lines.iter().filter(|line| *line == "GET /jobs").count();
    (lines.len() - lists, lists)
}
