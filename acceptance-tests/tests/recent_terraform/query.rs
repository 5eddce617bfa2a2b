//! `terraform query`: the jobs found, their order and attributes, and the requests sent.

use serde_json::{Value, json};

use super::{example, job_with_gpu};
use crate::harness::{Emulator, Feature, PROJECT, REGION, Run, Terraform, requires};
use crate::tests::{IMAGE, REQUIRED_PROVIDERS, setup, terraform};

/// Another region that offers the GPU.
const OTHER_REGION: &str = "europe-west4";

/// The result of a query: the jobs as `region/name` in their order, their resource objects, and the warnings.
pub(super) struct QueryResult {
    pub(super) run: Run,
    pub(super) jobs: Vec<String>,
    pub(super) objects: Vec<Value>,
    pub(super) warnings: Vec<String>,
}

pub(super) fn init(terraform: &Terraform) {
    terraform.write("main.tf", REQUIRED_PROVIDERS);
    terraform.init().succeeds();
}

/// Runs a query with additional arguments.
pub(super) fn query(terraform: &Terraform, arguments: &str) -> QueryResult {
    let list = format!("list \"facets_gpu_cloudrun_job\" \"all\" {{\n  provider = facets\n{arguments}\n}}\n");
    terraform.write("all.tfquery.hcl", &list);
    parse_result(terraform.run(&["query", "-json"]))
}

pub(super) fn parse_result(run: Run) -> QueryResult {
    let lines = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect(line));
    let lines: Vec<Value> = lines.collect();
    let (mut jobs, mut objects, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for line in &lines {
        if line["type"] == "list_resource_found" {
            let result = &line["list_resource_found"];
            let part = |name: &str| result["identity"][name].as_str().expect("an identity").to_owned();
            assert_eq!(result["display_name"], result["identity"]["name"]);
            jobs.push(format!("{}/{}", part("location"), part("name")));
            objects.push(result["resource_object"].clone());
        } else if line["@level"] == "warn" {
            warnings.push(
                line["diagnostic"]["detail"]
                    .as_str()
                    .expect("a detail")
                    .to_owned(),
            );
        }
    }
    QueryResult {
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
#[ignore = "needs terraform on the PATH; make test runs it"]
fn query_finds_gpu_jobs_in_all_regions() {
    if !requires(Feature::Query) {
        return;
    }
    let (emulator, terraform) = setup();
    init(&terraform);
    for (region, id) in [(REGION, "a"), (OTHER_REGION, "b"), (REGION, "c")] {
        emulator.create_job_in(region, id, &job_with_gpu(&json!({})));
    }
    emulator.create_job("plain", &without_gpu());
    emulator.create_job_in("us-east1", "elsewhere", &without_gpu());
    emulator.clear_requests();
    let result = query(&terraform, "");
    assert_eq!(result.run.code, Some(0), "{}", result.run);
    assert_eq!(result.warnings, [""; 0]);
    assert_eq!(result.jobs, ["us-central1/c", "us-central1/a", "europe-west4/b"]);
    assert_eq!(result.objects, [Value::Null, Value::Null, Value::Null]);
    let requests = emulator.requests();
    let mut requested: Vec<_> = requests
        .iter()
        .map(|request| (request.method(), request.path()))
        .collect();
    requested.sort();
    let regions = ["asia-south2", "asia-southeast1", OTHER_REGION, REGION];
    let expected = regions.map(|region| format!("/v2/projects/{PROJECT}/locations/{region}/jobs"));
    assert_eq!(requested, expected.each_ref().map(|path| ("GET", path.as_str())));
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn query_filters_by_project_location_and_labels() {
    if !requires(Feature::Query) {
        return;
    }
    let (emulator, terraform) = setup();
    init(&terraform);
    for (region, id, labels) in [
        (REGION, "a", json!({ "team": "render", "tier": "batch" })),
        (OTHER_REGION, "b", json!({ "team": "render" })),
        (REGION, "c", json!({ "team": "audio", "tier": "batch" })),
    ] {
        emulator.create_job_in(region, id, &job_with_gpu(&labels));
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
        let result = query(&terraform, &format!("  config {{\n    {config}\n  }}"));
        assert_eq!(result.run.code, Some(0), "{}", result.run);
        assert_eq!(result.jobs, expected, "{config}");
    }
    // An invalid argument is rejected before any request.
    emulator.clear_requests();
    let rejected = query(&terraform, "  config {\n    locations = [\"us central\"]\n  }");
    assert!(
        rejected.run.errors()[0].contains("us central"),
        "{}",
        rejected.run
    );
    assert_eq!(emulator.request_lines(), [""; 0]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn query_generated_config_plans_no_change() {
    if !requires(Feature::GeneratedByProvider) {
        return;
    }
    let (emulator, terraform) = setup();
    init(&terraform);
    // Labels from the provider configuration, and a system label.
    let labels = json!({ "team": "render", "managed": "here", "goog-system": "x" });
    let mut job = job_with_gpu(&labels);
    job["template"]["template"]["maxRetries"] = json!(0);
    job["template"]["template"]["containers"][0]["args"] = json!(["--fast"]);
    emulator.create_job("a", &job);
    emulator.create_job("b", &job_with_gpu(&json!({ "managed": "here" })));
    let provider = "provider \"facets\" {\n  default_labels = { managed = \"here\" }\n}\n";
    terraform.write("main.tf", &format!("{REQUIRED_PROVIDERS}{provider}"));
    let result = query(&terraform, "  include_resource = true");
    assert_eq!(result.jobs.len(), 2, "{}", result.run);
    terraform
        .run(&["query", "-generate-config-out=jobs.tf"])
        .succeeds();
    terraform.remove("all.tfquery.hcl");
    let generated = std::fs::read_to_string(terraform.folder().join("jobs.tf")).expect("the file");
    assert!(
        !generated.contains("managed") && !generated.contains("resources ="),
        "{generated}"
    );
    crate::tests::import::remove_provider_argument(&terraform, "jobs.tf");
    // Terraform generates import blocks by identity.
    terraform
        .apply()
        .succeeds()
        .prints("2 imported, 0 added, 0 changed, 0 destroyed");
    terraform.assert_no_changes();
    // The resource objects of the query equal the imported state.
    for (job, object) in result.jobs.iter().zip(&result.objects) {
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
#[ignore = "needs terraform on the PATH; make test runs it"]
fn project_without_gpu_jobs_warns() {
    if !requires(Feature::Query) {
        return;
    }
    let emulator = Emulator::with_flags(&["--operation-time", "0ms"]);
    let terraform = terraform().with_emulator(&emulator);
    init(&terraform);
    emulator.create_job("plain", &without_gpu());
    emulator.create_job_in(OTHER_REGION, "plain", &without_gpu());
    let result = query(&terraform, "");
    assert_eq!(
        (result.jobs.len(), result.warnings.len()),
        (0, 1),
        "{}",
        result.run
    );
    assert!(
        result.warnings[0].contains("found 2 jobs"),
        "{:?}",
        result.warnings
    );
    emulator.create_job("a", &job_with_gpu(&json!({})));
    let result = query(&terraform, "");
    assert_eq!(
        (result.jobs.len(), result.warnings.len()),
        (1, 0),
        "{}",
        result.run
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn job_being_deleted_is_not_listed() {
    if !requires(Feature::Query) {
        return;
    }
    let emulator = Emulator::with_flags(&["--operation-time", "3600s"]);
    let terraform = terraform().with_emulator(&emulator);
    init(&terraform);
    let path = format!("/v2/projects/{PROJECT}/locations/{REGION}/jobs");
    let job = job_with_gpu(&json!({}));
    let (created, _) = emulator.api("POST", &format!("{path}?jobId=deleted"), Some(&job));
    let (deleted, _) = emulator.api("DELETE", &format!("{path}/deleted"), None);
    assert_eq!((created, deleted, emulator.jobs().len()), (200, 200, 1));
    let result = query(&terraform, "");
    assert_eq!(result.run.code, Some(0), "{}", result.run);
    assert_eq!((result.jobs.len(), result.warnings.len()), (0, 0));
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn failed_region_is_a_warning() {
    if !requires(Feature::Query) {
        return;
    }
    let (emulator, terraform) = setup();
    init(&terraform);
    emulator.create_job("a", &job_with_gpu(&json!({})));
    emulator.create_job_in(OTHER_REGION, "b", &job_with_gpu(&json!({})));
    let both = "  config {\n    locations = [\"us-central1\", \"europe-west4\"]\n  }";
    emulator.inject_fault("permission-denied", 1);
    let result = query(&terraform, both);
    assert_eq!(result.run.code, Some(0), "{}", result.run);
    assert_eq!((result.jobs.len(), result.warnings.len()), (1, 1));
    let failed_region = if result.jobs[0].starts_with(REGION) {
        OTHER_REGION
    } else {
        REGION
    };
    let expected = format!("Listing the jobs in projects/{PROJECT}/locations/{failed_region} failed: ");
    assert!(result.warnings[0].starts_with(&expected), "{:?}", result.warnings);
    emulator.inject_fault("permission-denied", 2);
    let rejected = query(&terraform, both);
    assert!(
        rejected.run.errors()[0].contains("403 PERMISSION_DENIED"),
        "{}",
        rejected.run
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn query_examples_find_job() {
    if !requires(Feature::Query) {
        return;
    }
    let (emulator, terraform) = setup();
    init(&terraform);
    emulator.create_job("video-processor", &job_with_gpu(&json!({ "team": "media" })));
    let queries = example("list-resources/facets_gpu_cloudrun_job/list-resource.tfquery.hcl");
    terraform.write("example.tfquery.hcl", &queries);
    let result = parse_result(terraform.run(&["query", "-json"]));
    assert_eq!(result.jobs, ["us-central1/video-processor"; 2], "{}", result.run);
    let with_resource = result
        .objects
        .iter()
        .filter(|object| object["labels"]["team"] == "media");
    assert_eq!(with_resource.count(), 1, "one query includes the resource");
}
