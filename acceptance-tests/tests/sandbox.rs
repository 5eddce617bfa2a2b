//! Tests against Google Cloud, in the project `FACETS_GPU_ACC_PROJECT`; `make acc` runs them.
//!
//! Jobs are not executed, so no GPU is billed. They have fixed names that start with `tfacc-`: jobs left by an interrupted run are
//! deleted by the next one.

use serde_json::json;

use super::{RENDER, REQUIRED_PROVIDERS, installation};
use crate::harness::Terraform;

/// An image that every project can pull.
const PUBLIC_IMAGE: &str = "us-docker.pkg.dev/cloudrun/container/job:latest";

/// A job with a fixed name in the sandbox project, deleted before and after the test.
struct Sandbox {
    terraform: Terraform,
    project: String,
    location: String,
    name: &'static str,
}

impl Sandbox {
    fn new(name: &'static str) -> Self {
        let project = std::env::var("FACETS_GPU_ACC_PROJECT").expect("FACETS_GPU_ACC_PROJECT is set");
        let location = std::env::var("FACETS_GPU_ACC_LOCATION").unwrap_or_else(|_| "us-central1".to_owned());
        let mut terraform = Terraform::new(&installation()).unwrap_or_else(|reason| panic!("{reason}"));
        // The real home and environment, for credentials of `gcloud auth application-default login`.
        for (name, value) in std::env::vars() {
            if name == "HOME"
                || name.starts_with("GOOGLE_")
                || name.starts_with("CLOUDSDK_")
                || name.ends_with("_proxy")
            {
                terraform.set(&name, &value);
            }
        }
        terraform.set("GOOGLE_PROJECT", &project);
        terraform.set("GOOGLE_REGION", &location);
        let sandbox = Self {
            terraform,
            project,
            location,
            name,
        };
        sandbox.configure("");
        sandbox.terraform.init().succeeds();
        sandbox.clean_up();
        sandbox
    }

    fn configure(&self, arguments: &str) {
        let name = self.name;
        self.terraform.write(
            "main.tf",
            &format!(
                "{REQUIRED_PROVIDERS}\nresource \"facets_gpu_cloudrun_job\" \"render\" {{\n  name = \"{name}\"\n  container = \
                 {{ image = \"{PUBLIC_IMAGE}\" }}\n{arguments}\n}}\n"
            ),
        );
    }

    /// Imports and destroys a job left by an earlier run.
    fn clean_up(&self) {
        let id = format!("{}/{}/{}", self.project, self.location, self.name);
        if self.terraform.run(&["import", "-input=false", RENDER, &id]).code == Some(0) {
            self.terraform.destroy().succeeds();
        }
    }
}

/// A failing test cleans up too; errors are ignored.
impl Drop for Sandbox {
    fn drop(&mut self) {
        self.terraform.destroy();
    }
}

#[test]
#[ignore = "needs a Google project; make acc runs it"]
fn sandbox_job_lifecycle() {
    let sandbox = Sandbox::new("tfacc-life");
    let terraform = &sandbox.terraform;
    sandbox.configure(r#"job = { task_count = 2, parallelism = 1 }"#);
    terraform.apply().succeeds().prints("1 added");
    terraform.assert_no_changes();
    let uid = terraform.state(RENDER)["uid"].clone();

    sandbox.configure(r#"job = { task_count = 2, parallelism = 2, task_timeout = "30m", max_retries = 0 }"#);
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 1 changed, 0 destroyed");
    assert_eq!(terraform.state(RENDER)["uid"], uid, "the job was replaced");
    terraform.assert_no_changes();

    sandbox.configure("labels = { purpose = \"acceptance\" }\n env = { MODE = \"test\" }");
    terraform.apply().succeeds().prints("1 changed");
    terraform.assert_no_changes();
    terraform.destroy().succeeds().prints("1 destroyed");
    assert_eq!(terraform.state_of(RENDER), None);
}

#[test]
#[ignore = "needs a Google project; make acc runs it"]
fn sandbox_import() {
    let sandbox = Sandbox::new("tfacc-import");
    let terraform = &sandbox.terraform;
    terraform.apply().succeeds();
    let id = terraform.state(RENDER)["id"].as_str().expect("an id").to_owned();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform.run(&["import", "-input=false", RENDER, &id]).succeeds();
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs a Google project; make acc runs it"]
fn sandbox_semantic_equality() {
    let sandbox = Sandbox::new("tfacc-spelling");
    let terraform = &sandbox.terraform;
    sandbox.configure(
        "resources = { cpu = \"20000m\", memory = \"81920Mi\" }\n job = { task_timeout = \"0h30m\" }",
    );
    terraform.apply().succeeds();
    terraform.assert_no_changes();
    sandbox.configure("resources = { cpu = \"20\", memory = \"80Gi\" }\n job = { task_timeout = \"1800s\" }");
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs a Google project; make acc runs it"]
fn sandbox_existing_name_shows_import_block() {
    let sandbox = Sandbox::new("tfacc-taken");
    let terraform = &sandbox.terraform;
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    let run = terraform.apply().fails_with("already exists");
    terraform.write_imports(&run, |_| RENDER.to_owned());
    terraform.apply().succeeds().prints("1 imported");
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs a Google project; make acc runs it"]
fn sandbox_deletion_protection() {
    let sandbox = Sandbox::new("tfacc-protected");
    let terraform = &sandbox.terraform;
    sandbox.configure("deletion_protection = true");
    terraform.apply().succeeds();
    terraform.destroy().fails_with("Deletion protection enabled");
    assert_eq!(terraform.state(RENDER)["deletion_protection"], json!(true));
    sandbox.configure("");
    terraform.apply().succeeds();
    terraform.destroy().succeeds();
}
