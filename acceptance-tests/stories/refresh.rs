//! Many jobs are read at once: a few lists stand for the reads, and nothing else tells that they do.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{cloud, terraform};
use crate::harness::load::configuration;
use crate::harness::{Emulator, PROJECT, REGION, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_plan_of_many_jobs_is_a_few_lists() {
    let cloud = Emulator::with(&["--operation-time", "0ms", "--latency", "200ms"]);
    let terraform = terraform().against(&cloud);
    terraform.write("main.tf", &configuration(200, 2));
    terraform.init().succeeds();
    terraform
        .run(&["apply", "-auto-approve", "-input=false", "-parallelism=100"])
        .succeeds();
    let (reads, lists) = asked_by(&cloud, &terraform, "-parallelism=100");
    assert!(
        reads + lists <= 40 && lists >= 2,
        "{reads} reads and {lists} lists"
    );
    // With fewer at a time it depends on what a list takes; none is asked for twice.
    let (reads, lists) = asked_by(&cloud, &terraform, "-parallelism=10");
    assert!(reads <= 200 && lists <= 50, "{reads} reads and {lists} lists");
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

/// What others have done to some of forty jobs is seen in full, whatever a list tells and however it is cut.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_lists_leave_out_makes_no_difference() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("cloud.json");
    let state = state.to_str().expect("a path");
    let flags = [
        "--operation-time",
        "10ms",
        "--execution-time",
        "10ms",
        "--latency",
        "20ms",
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
    let (seen, _) = drift(&cloud, &terraform);
    let changed: Vec<&str> = seen.keys().map(String::as_str).collect();
    assert_eq!(changed, ["job-2", "job-3", "job-4", "job-5", "job-6"]);
    drop(cloud);

    for poor in [
        ["--largest-page", "1"].as_slice(),
        &["--largest-page", "7"],
        &["--list-omits", "etag"],
        &["--list-omits", "template"],
        &["--list-omits", "labels", "--list-omits", "annotations"],
        &["--list-omits", "latestCreatedExecution"],
        &["--list-omits", "uid", "--list-omits", "generation"],
        &["--list-omits", "name"],
        &["--fault", "permission-denied-on-list=9"],
    ] {
        let cloud = Emulator::with(&[&flags, poor].concat());
        terraform = terraform.against(&cloud);
        let (found, lists) = drift(&cloud, &terraform);
        assert!(lists > 0, "{poor:?}");
        assert_eq!(found, seen, "{poor:?}");
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

/// What a plan sees to have changed outside of Terraform, by the name of the job; and how often it listed the jobs.
fn drift(cloud: &Emulator, terraform: &Terraform) -> (BTreeMap<String, Value>, usize) {
    cloud.clear_requests();
    terraform
        .run(&[
            "plan",
            "-refresh-only",
            "-input=false",
            "-parallelism=40",
            "-out=seen.tfplan",
        ])
        .succeeds();
    let lists = count(cloud).1;
    let plan = terraform.run(&["show", "-json", "seen.tfplan"]).succeeds().json();
    let drift = plan["resource_drift"].as_array().expect("something has changed");
    let by_name = drift.iter().map(|resource| {
        let change = &resource["change"];
        let name = change["before"]["name"].as_str().expect("a job has a name");
        (name.to_owned(), change["after"].clone())
    });
    (by_name.collect(), lists)
}

/// How often a plan that finds nothing to do reads a job by its name, and lists them.
fn asked_by(cloud: &Emulator, terraform: &Terraform, parallelism: &str) -> (usize, usize) {
    cloud.clear_requests();
    assert_eq!(terraform.plan(&[parallelism]).code, Some(0), "{parallelism}");
    count(cloud)
}

fn count(cloud: &Emulator) -> (usize, usize) {
    let lines = cloud.lines();
    assert!(
        lines.iter().all(|line| line.starts_with("GET /jobs")),
        "{lines:?}"
    );
    let lists = lines.iter().filter(|line| *line == "GET /jobs").count();
    (lines.len() - lists, lists)
}
