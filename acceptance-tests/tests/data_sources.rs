//! The data sources: an existing job, and the GPU catalog.

use std::path::Path;

use serde_json::json;

use super::{IMAGE, RENDER, REQUIRED_PROVIDERS, job, setup, terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn example_reads_existing_job() {
    let (emulator, terraform) = setup();
    terraform.copy_from(&example("facets_gpu_cloudrun_job"));
    terraform.init().succeeds();
    terraform
        .plan(&[])
        .fails_with("Job not found")
        .prints("name = \"video-processor\"")
        .prints("projects/acme-batch/locations/us-central1/jobs/video-processor");

    emulator.create_job("video-processor", &unmanaged_job(10));
    emulator.clear_requests();
    terraform.apply().succeeds();
    assert_eq!(
        terraform.output("execution_url"),
        "https://run.googleapis.com/v2/projects/acme-batch/locations/us-central1/jobs/video-processor:run"
    );
    assert_eq!(
        terraform.output("gpu"),
        json!({ "enabled": true, "type": "nvidia-rtx-pro-6000" })
    );
    let attributes = terraform.state("data.facets_gpu_cloudrun_job.video_processor");
    assert_eq!(
        attributes["labels"],
        json!({ "team": "media", "goog-terraform-provisioned": "true" })
    );
    assert_eq!(attributes["project"], "acme-batch");
    assert_eq!(attributes["job"]["task_count"], 10);
    assert_eq!(
        attributes["uid"],
        emulator.job("video-processor").expect("the job")["uid"]
    );
    terraform.assert_no_changes();
    assert!(
        emulator
            .request_lines()
            .iter()
            .all(|line| line == "GET /jobs/video-processor"),
        "{:?}",
        emulator.request_lines()
    );

    emulator.edit_job("video-processor", |job| job["template"]["taskCount"] = json!(100));
    terraform
        .plan(&[])
        .fails_with("could use 400 GPU hours at a time; the budget is 100.");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn reads_job_without_gpu_and_validates_name() {
    let (emulator, terraform) = setup();
    let plain = json!({ "template": { "template": { "containers": [{ "image": IMAGE }] } } });
    emulator.create_job("plain", &plain);
    terraform.write("main.tf", &data_source("plain"));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let attributes = terraform.state("data.facets_gpu_cloudrun_job.it");
    assert_eq!(attributes["gpu"], json!({ "enabled": false, "type": null }));
    assert_eq!(attributes["max_gpu_hours"], 0);
    assert_eq!(attributes["container"]["image"], IMAGE);

    terraform.write("main.tf", &data_source("Plain"));
    let diagnostic = &terraform.validate()["diagnostics"][0];
    assert_eq!(diagnostic["summary"], "Invalid job name");
    assert_eq!(diagnostic["snippet"]["code"], "  name = \"Plain\"");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn depends_on_defers_read_to_apply() {
    let (emulator, terraform) = setup();
    let data = format!(
        "data \"facets_gpu_cloudrun_job\" \"it\" {{\n  name       = \"render\"\n  depends_on = [{RENDER}]\n}}\n"
    );
    terraform.write("main.tf", &job(""));
    terraform.write("data.tf", &data);
    terraform.init().succeeds();
    terraform.apply().succeeds().prints("1 added");
    assert_eq!(
        terraform.state("data.facets_gpu_cloudrun_job.it")["uid"],
        emulator.job("render").expect("the job")["uid"]
    );
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn catalog_example_checks_precondition() {
    let (emulator, terraform) = setup();
    terraform.copy_from(&example("facets_gpu_catalog"));
    terraform.init().succeeds();
    terraform
        .plan(&["-var=cpu=32"])
        .fails_with("With NVIDIA RTX Pro 6000, cpu is one of 20, 24, 32, up to 30: see https://github.com/");
    assert_eq!(
        emulator.request_lines(),
        Vec::<String>::new(),
        "the plan sent requests"
    );
    terraform.apply().succeeds().prints("3 added");
    let mut names: Vec<String> = emulator
        .jobs()
        .iter()
        .map(|job| job["name"].to_string())
        .collect();
    names.sort();
    assert!(
        names[0].contains("asia-southeast1") && names.len() == 3,
        "{names:?}"
    );
    assert_eq!(terraform.output("most_tasks"), 100);
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn catalog_needs_no_credentials() {
    let terraform = terraform();
    let config = |filter: &str| {
        format!(
            "{REQUIRED_PROVIDERS}\ndata \"facets_gpu_catalog\" \"it\" {{\n{filter}}}\noutput \"it\" {{\n  value = data.facets_gpu_catalog.it\n}}\n"
        )
    };
    terraform.write("main.tf", &config("  type = \"nvidia-rtx-pro-6000\"\n"));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let catalog = terraform.output("it");
    assert_eq!(catalog["gpus"].as_array().map(Vec::len), Some(1));
    assert_eq!(catalog["gpus"][0]["memory"], json!(["80Gi", "96Gi", "128Gi"]));
    assert_eq!(
        catalog["job"]["max_retries"],
        json!({ "min": 0, "max": 10, "default": 3 })
    );

    terraform.write("main.tf", &config("  type = \"nvidia-l4\"\n"));
    let diagnostic = &terraform.validate()["diagnostics"][0];
    assert_eq!(diagnostic["summary"], "Unsupported GPU type");
    assert_eq!(diagnostic["snippet"]["code"], "  type = \"nvidia-l4\"");
}

/// A GPU job that Terraform did not create.
fn unmanaged_job(tasks: u32) -> serde_json::Value {
    json!({
        "labels": { "team": "media", "goog-terraform-provisioned": "true" },
        "launchStage": "ALPHA",
        "template": {
            "taskCount": tasks,
            "template": {
                "maxRetries": 3,
                "timeout": "3600s",
                "nodeSelector": { "accelerator": "nvidia-rtx-pro-6000" },
                "gpuZonalRedundancyDisabled": true,
                "containers": [{
                    "image": IMAGE,
                    "resources": { "limits": { "cpu": "20", "memory": "80Gi", "nvidia.com/gpu": "1" } },
                }],
            },
        },
    })
}

fn data_source(name: &str) -> String {
    format!("{REQUIRED_PROVIDERS}\ndata \"facets_gpu_cloudrun_job\" \"it\" {{\n  name = \"{name}\"\n}}\n")
}

fn example(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/data-sources")
        .join(name)
}
