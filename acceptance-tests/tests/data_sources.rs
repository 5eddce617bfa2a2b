//! What a configuration can look up: a job that is there, and the GPU facts.

use std::path::Path;

use serde_json::json;

use super::{IMAGE, RENDER, REQUIRED, cloud, job, terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_example_reads_a_job_of_somebody_else() {
    let (cloud, terraform) = cloud();
    terraform.copy_from(&example("facets_gpu_cloudrun_job"));
    terraform.init().succeeds();
    terraform
        .plan(&[])
        .fails_with("No such job")
        .says("name = \"video-processor\"")
        .says("projects/acme-batch/locations/us-central1/jobs/video-processor");

    cloud.create_job("video-processor", &of_somebody(10));
    cloud.clear_requests();
    terraform.apply().succeeds();
    assert_eq!(
        terraform.output("execution_url"),
        "https://run.googleapis.com/v2/projects/acme-batch/locations/us-central1/jobs/video-processor:run"
    );
    assert_eq!(
        terraform.output("gpu"),
        json!({ "enabled": true, "type": "nvidia-rtx-pro-6000" })
    );
    let read = terraform.state("data.facets_gpu_cloudrun_job.video_processor");
    assert_eq!(
        read["labels"],
        json!({ "team": "media", "goog-terraform-provisioned": "true" })
    );
    assert_eq!(read["project"], "acme-batch");
    assert_eq!(read["job"]["task_count"], 10);
    assert_eq!(read["uid"], cloud.job("video-processor").expect("the job")["uid"]);
    terraform.has_nothing_to_do();
    assert!(
        cloud
            .lines()
            .iter()
            .all(|line| line == "GET /jobs/video-processor"),
        "{:?}",
        cloud.lines()
    );

    cloud.edit_job("video-processor", |job| job["template"]["taskCount"] = json!(100));
    terraform
        .plan(&[])
        .fails_with("could use 400 GPU hours at a time; the budget is 100.");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_without_a_gpu_is_read_too_and_a_bad_name_is_told_by_validate() {
    let (cloud, terraform) = cloud();
    let plain = json!({ "template": { "template": { "containers": [{ "image": IMAGE }] } } });
    cloud.create_job("plain", &plain);
    terraform.write("main.tf", &looking_up("plain"));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let read = terraform.state("data.facets_gpu_cloudrun_job.it");
    assert_eq!(read["gpu"], json!({ "enabled": false, "type": null }));
    assert_eq!(read["max_gpu_hours"], 0);
    assert_eq!(read["container"]["image"], IMAGE);

    terraform.write("main.tf", &looking_up("Plain"));
    let told = &terraform.validate()["diagnostics"][0];
    assert_eq!(told["summary"], "Invalid job name");
    assert_eq!(told["snippet"]["code"], "  name = \"Plain\"");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_of_the_same_configuration_is_read_once_it_is_made() {
    let (cloud, terraform) = cloud();
    let looked_up = format!(
        "data \"facets_gpu_cloudrun_job\" \"it\" {{\n  name       = \"render\"\n  depends_on = [{RENDER}]\n}}\n"
    );
    terraform.write("main.tf", &job(""));
    terraform.write("data.tf", &looked_up);
    terraform.init().succeeds();
    terraform.apply().succeeds().says("1 added");
    assert_eq!(
        terraform.state("data.facets_gpu_cloudrun_job.it")["uid"],
        cloud.job("render").expect("the job")["uid"]
    );
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_example_of_the_catalogue_has_a_job_in_each_region_and_refuses_in_its_own_words() {
    let (cloud, terraform) = cloud();
    terraform.copy_from(&example("facets_gpu_catalogue"));
    terraform.init().succeeds();
    terraform
        .plan(&["-var=cpu=32"])
        .fails_with("With NVIDIA RTX Pro 6000, cpu is one of 20, 24, 32, up to 30: see https://github.com/");
    assert_eq!(cloud.lines(), Vec::<String>::new(), "nobody is asked");
    terraform.apply().succeeds().says("2 added");
    let mut places: Vec<String> = cloud.jobs().iter().map(|job| job["name"].to_string()).collect();
    places.sort();
    assert!(
        places[0].contains("asia-south2") && places[1].contains("asia-southeast1"),
        "{places:?}"
    );
    assert_eq!(terraform.output("most_tasks"), 100);
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_catalogue_needs_no_project_no_credentials_and_no_network() {
    let terraform = terraform();
    let catalogue = |filter: &str| {
        format!(
            "{REQUIRED}\ndata \"facets_gpu_catalogue\" \"it\" {{\n{filter}}}\noutput \"it\" {{\n  value = data.facets_gpu_catalogue.it\n}}\n"
        )
    };
    terraform.write("main.tf", &catalogue("  type = \"nvidia-rtx-pro-6000\"\n"));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let told = terraform.output("it");
    assert_eq!(told["gpus"].as_array().map(Vec::len), Some(1));
    assert_eq!(told["gpus"][0]["memory"], json!(["80Gi", "96Gi", "128Gi"]));
    assert_eq!(
        told["job"]["max_retries"],
        json!({ "min": 0, "max": 10, "default": 3 })
    );

    terraform.write("main.tf", &catalogue("  type = \"nvidia-l4\"\n"));
    let told = &terraform.validate()["diagnostics"][0];
    assert_eq!(told["summary"], "Unsupported GPU type");
    assert_eq!(told["snippet"]["code"], "  type = \"nvidia-l4\"");
}

/// A GPU job that Terraform has not made.
fn of_somebody(tasks: u32) -> serde_json::Value {
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

fn looking_up(name: &str) -> String {
    format!("{REQUIRED}\ndata \"facets_gpu_cloudrun_job\" \"it\" {{\n  name = \"{name}\"\n}}\n")
}

fn example(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/data-sources")
        .join(name)
}
