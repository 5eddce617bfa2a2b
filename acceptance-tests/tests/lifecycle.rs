//! Create, read and delete.

use serde_json::json;

use super::{RENDER, init_job, setup};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn created_job_matches_configuration() {
    let (emulator, terraform) = setup();
    init_job(
        &terraform,
        r#"
          job     = { task_count = 10, parallelism = 2, max_retries = 1, task_timeout = "30m" }
          env     = { QUALITY = "high" }
          secrets = [{ env_var = "API_KEY", secret_name = "my-api-key" }]
          labels  = { team = "media" }
        "#,
    );
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 0 changed, 0 destroyed");

    let job = emulator.job("render").expect("the job exists");
    let task = &job["template"]["template"];
    assert_eq!(job["template"]["taskCount"], 10);
    assert_eq!(job["template"]["parallelism"], 2);
    assert_eq!(task["maxRetries"], 1);
    assert_eq!(task["timeout"], "1800s");
    assert_eq!(task["nodeSelector"]["accelerator"], "nvidia-rtx-pro-6000");
    assert_eq!(task["gpuZonalRedundancyDisabled"], true);
    assert_eq!(job["labels"], json!({ "team": "media" }));
    let container = &task["containers"][0];
    assert_eq!(container["resources"]["limits"]["nvidia.com/gpu"], "1");
    let env = container["env"].as_array().expect("environment variables");
    assert!(
        env.contains(&json!({ "name": "QUALITY", "value": "high" })),
        "{env:?}"
    );
    let secret = env
        .iter()
        .find(|variable| variable["name"] == "API_KEY")
        .expect("the variable of the secret");
    assert_eq!(
        secret["valueSource"]["secretKeyRef"],
        json!({ "secret": "my-api-key", "version": "latest" })
    );

    let state = terraform.state(RENDER);
    assert_eq!(
        state["id"],
        "projects/acme-batch/locations/us-central1/jobs/render"
    );
    assert_eq!(state["uid"], job["uid"]);
    assert_eq!(state["etag"], job["etag"]);
    assert_eq!(state["max_gpu_hours"], 10);
    assert_eq!(state["resources"], json!({ "cpu": "20", "memory": "80Gi" }));
    assert_eq!(
        state["execution_url"],
        "https://run.googleapis.com/v2/projects/acme-batch/locations/us-central1/jobs/render:run"
    );
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn destroying_missing_job_succeeds() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    emulator.delete_job("render");
    terraform
        .run(&["destroy", "-auto-approve", "-refresh=false"])
        .succeeds();
    assert_eq!(terraform.state_of(RENDER), None);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn provider_leaves_no_temporary_files() {
    let (_emulator, mut terraform) = setup();
    let folder = tempfile::tempdir().expect("a temporary folder");
    terraform.set("TMPDIR", &folder.path().display().to_string());
    init_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.destroy().succeeds();
    let remaining: Vec<_> = std::fs::read_dir(folder.path())
        .expect("the folder")
        .flatten()
        .collect();
    assert!(remaining.is_empty(), "{remaining:?}");
}
