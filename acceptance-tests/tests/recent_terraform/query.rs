//! `terraform query`: which jobs are found, in which order, what is told of them, and what Google is asked for it.

use serde_json::{Value, json};

use super::{cloud, example, job_with_gpu};
use crate::harness::{Emulator, PROJECT, REGION, Run, Terraform};
use crate::tests::{IMAGE, REQUIRED};

pub(super) const VERSION: &str = "1.15";
/// Another region that offers the GPU.
const OTHER_REGION: &str = "europe-west4";

/// What a query told: the jobs as `region/name`, oldest line first, and the warnings and errors.
pub(super) struct Listed {
    pub(super) run: Run,
    pub(super) jobs: Vec<String>,
    pub(super) objects: Vec<Value>,
    pub(super) warnings: Vec<String>,
}

pub(super) fn initialised(terraform: &Terraform) {
    terraform.write("main.tf", REQUIRED);
    terraform.init().succeeds();
}

/// Runs one query with more arguments than it must have.
pub(super) fn query(terraform: &Terraform, arguments: &str) -> Listed {
    let list = format!("list \"facets_gpu_cloudrun_job\" \"all\" {{\n  provider = facets\n{arguments}\n}}\n");
    terraform.write("all.tfquery.hcl", &list);
    listed(terraform.run(&["query", "-json"]))
}

pub(super) fn listed(run: Run) -> Listed {
    let lines = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect(line));
    let lines: Vec<Value> = lines.collect();
    let (mut jobs, mut objects, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for line in &lines {
        if line["type"] == "list_resource_found" {
            let found = &line["list_resource_found"];
            let of = |name: &str| found["identity"][name].as_str().expect("an identity").to_owned();
            assert_eq!(found["display_name"], found["identity"]["name"]);
            jobs.push(format!("{}/{}", of("location"), of("name")));
            objects.push(found["resource_object"].clone());
        } else if line["@level"] == "warn" {
            warnings.push(
                line["diagnostic"]["detail"]
                    .as_str()
                    .expect("a detail")
                    .to_owned(),
            );
        }
    }
    Listed {
        run,
        jobs,
        objects,
        warnings,
    }
}

fn without_gpu() -> Value {
    json!({ "template": { "template": { "containers": [{ "image": IMAGE }] } } })
}

#[test]
#[ignore = "needs Terraform 1.15, which make test fetches"]
fn jobs_with_the_gpu_are_found_in_all_its_regions() {
    let (cloud, terraform) = cloud(VERSION);
    initialised(&terraform);
    for (region, id) in [(REGION, "a"), (OTHER_REGION, "b"), (REGION, "c")] {
        cloud.create_job_in(region, id, &job_with_gpu(&json!({})));
    }
    cloud.create_job("plain", &without_gpu());
    cloud.create_job_in("us-east1", "elsewhere", &without_gpu());
    cloud.clear_requests();
    let found = query(&terraform, "");
    assert_eq!(found.run.code, Some(0), "{}", found.run);
    assert_eq!(found.warnings, [""; 0]);
    assert_eq!(found.jobs, ["us-central1/c", "us-central1/a", "europe-west4/b"]);
    assert_eq!(found.objects, [Value::Null, Value::Null, Value::Null]);
    let requests = cloud.requests();
    let mut asked: Vec<_> = requests
        .iter()
        .map(|asked| (asked.method(), asked.path()))
        .collect();
    asked.sort();
    let regions = ["asia-south2", "asia-southeast1", OTHER_REGION, REGION];
    let expected = regions.map(|region| format!("/v2/projects/{PROJECT}/locations/{region}/jobs"));
    assert_eq!(asked, expected.each_ref().map(|path| ("GET", path.as_str())));
}

#[test]
#[ignore = "needs Terraform 1.15, which make test fetches"]
fn a_query_chooses_project_regions_and_labels() {
    let (cloud, terraform) = cloud(VERSION);
    initialised(&terraform);
    for (region, id, labels) in [
        (REGION, "a", json!({ "team": "render", "tier": "batch" })),
        (OTHER_REGION, "b", json!({ "team": "render" })),
        (REGION, "c", json!({ "team": "audio", "tier": "batch" })),
    ] {
        cloud.create_job_in(region, id, &job_with_gpu(&labels));
    }
    for (config, expected) in [
        (
            r#"locations = ["us-central1"]"#,
            &["us-central1/c", "us-central1/a"][..],
        ),
        (
            r#"locations = ["europe-west4", "us-central1", "europe-west4"]"#,
            &["europe-west4/b", "us-central1/c", "us-central1/a"],
        ),
        (
            r#"labels = { team = "render" }"#,
            &["us-central1/a", "europe-west4/b"],
        ),
        (
            r#"labels = { team = "render", tier = "batch" }"#,
            &["us-central1/a"],
        ),
        (r#"project = "another-project""#, &[]),
    ] {
        let found = query(&terraform, &format!("  config {{\n    {config}\n  }}"));
        assert_eq!(found.run.code, Some(0), "{}", found.run);
        assert_eq!(found.jobs, expected, "{config}");
    }
    // What belongs into no query is refused where it is, before anybody is asked.
    cloud.clear_requests();
    let refused = query(&terraform, "  config {\n    locations = [\"us central\"]\n  }");
    assert!(refused.run.errors()[0].contains("us central"), "{}", refused.run);
    assert_eq!(cloud.lines(), [""; 0]);
}

#[test]
#[ignore = "needs Terraform 1.15, which make test fetches"]
fn the_configuration_written_for_what_was_found_plans_no_change() {
    let (cloud, terraform) = cloud(VERSION);
    initialised(&terraform);
    // Labels that the provider's configuration adds, and one of Google's own.
    let labels = json!({ "team": "render", "managed": "here", "goog-of-googles": "x" });
    let mut strange = job_with_gpu(&labels);
    strange["template"]["template"]["maxRetries"] = json!(0);
    strange["template"]["template"]["containers"][0]["args"] = json!(["--fast"]);
    cloud.create_job("a", &strange);
    cloud.create_job("b", &job_with_gpu(&json!({ "managed": "here" })));
    let provider = "provider \"facets\" {\n  default_labels = { managed = \"here\" }\n}\n";
    terraform.write("main.tf", &format!("{REQUIRED}{provider}"));
    let found = query(&terraform, "  include_resource = true");
    assert_eq!(found.jobs.len(), 2, "{}", found.run);
    terraform
        .run(&["query", "-generate-config-out=jobs.tf"])
        .succeeds();
    terraform.remove("all.tfquery.hcl");
    let written = std::fs::read_to_string(terraform.folder().join("jobs.tf")).expect("the file");
    assert!(
        !written.contains("managed") && !written.contains("resources ="),
        "{written}"
    );
    crate::tests::import::mend(&terraform, "jobs.tf");
    // Terraform writes an import block for each, by identity.
    terraform
        .apply()
        .succeeds()
        .says("2 imported, 0 added, 0 changed, 0 destroyed");
    terraform.has_nothing_to_do();
    // What the query told of a job is what the import of it has put into the state.
    for (job, object) in found.jobs.iter().zip(&found.objects) {
        let state = terraform.run(&["show", "-json"]).succeeds().json();
        let resources = state["values"]["root_module"]["resources"]
            .as_array()
            .expect("resources");
        let imported = resources
            .iter()
            .find(|resource| resource["values"]["name"] == object["name"]);
        assert_eq!(&imported.expect(job)["values"], object);
    }
}

#[test]
#[ignore = "needs Terraform 1.15, which make test fetches"]
fn jobs_that_go_are_not_found_and_a_project_of_other_jobs_is_told_so() {
    let cloud = Emulator::with(&["--operation-time", "0ms"]);
    let terraform = super::terraform(VERSION).against(&cloud);
    initialised(&terraform);
    cloud.create_job("plain", &without_gpu());
    cloud.create_job_in(OTHER_REGION, "plain", &without_gpu());
    let found = query(&terraform, "");
    assert_eq!((found.jobs.len(), found.warnings.len()), (0, 1), "{}", found.run);
    assert!(
        found.warnings[0].contains("has 2 other jobs"),
        "{:?}",
        found.warnings
    );
    cloud.create_job("a", &job_with_gpu(&json!({})));
    let found = query(&terraform, "");
    assert_eq!((found.jobs.len(), found.warnings.len()), (1, 0), "{}", found.run);
}

#[test]
#[ignore = "needs Terraform 1.15, which make test fetches"]
fn a_job_that_is_being_deleted_is_not_found() {
    let cloud = Emulator::with(&["--operation-time", "3600s"]);
    let terraform = super::terraform(VERSION).against(&cloud);
    initialised(&terraform);
    let path = format!("/v2/projects/{PROJECT}/locations/{REGION}/jobs");
    let job = job_with_gpu(&json!({}));
    let (created, _) = cloud.api("POST", &format!("{path}?jobId=going"), Some(&job));
    let (deleted, _) = cloud.api("DELETE", &format!("{path}/going"), None);
    assert_eq!((created, deleted, cloud.jobs().len()), (200, 200, 1));
    let found = query(&terraform, "");
    assert_eq!(found.run.code, Some(0), "{}", found.run);
    assert_eq!((found.jobs.len(), found.warnings.len()), (0, 0));
}

#[test]
#[ignore = "needs Terraform 1.15, which make test fetches"]
fn a_region_that_cannot_be_asked_is_a_warning_while_others_can_be() {
    let (cloud, terraform) = cloud(VERSION);
    initialised(&terraform);
    cloud.create_job("a", &job_with_gpu(&json!({})));
    cloud.create_job_in(OTHER_REGION, "b", &job_with_gpu(&json!({})));
    let both = "  config {\n    locations = [\"us-central1\", \"europe-west4\"]\n  }";
    cloud.arm("permission-denied", 1);
    let found = query(&terraform, both);
    assert_eq!(found.run.code, Some(0), "{}", found.run);
    assert_eq!((found.jobs.len(), found.warnings.len()), (1, 1));
    let silent = if found.jobs[0].starts_with(REGION) {
        OTHER_REGION
    } else {
        REGION
    };
    let expected = format!("projects/{PROJECT}/locations/{silent}: Google refused the request: HTTP 403");
    assert!(found.warnings[0].starts_with(&expected), "{:?}", found.warnings);
    cloud.arm("permission-denied", 2);
    let refused = query(&terraform, both);
    assert!(refused.run.errors()[0].contains("HTTP 403"), "{}", refused.run);
}

#[test]
#[ignore = "needs Terraform 1.15, which make test fetches"]
fn each_query_of_the_example_finds_the_job() {
    let (cloud, terraform) = cloud(VERSION);
    initialised(&terraform);
    cloud.create_job("video-processor", &job_with_gpu(&json!({ "team": "media" })));
    let queries = example("list-resources/facets_gpu_cloudrun_job/list-resource.tfquery.hcl");
    terraform.write("example.tfquery.hcl", &queries);
    let found = listed(terraform.run(&["query", "-json"]));
    assert_eq!(found.jobs, ["us-central1/video-processor"; 2], "{}", found.run);
    let told = found
        .objects
        .iter()
        .filter(|object| object["labels"]["team"] == "media");
    assert_eq!(told.count(), 1, "one of them includes the resource");
}
