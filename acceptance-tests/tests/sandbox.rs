//! Stories against Google itself, in the project that `FACETS_GPU_ACC_PROJECT` names; `make acc` runs them.
//!
//! Nothing is executed, so no GPU is paid for. Jobs have fixed names that begin with `tfacc-`: what a run
//! that was cut short has left is found under its name and swept before the next one.

use serde_json::json;

use super::{RENDER, REQUIRED, installation};
use crate::harness::Terraform;

/// An image that every project can pull.
const PUBLIC_IMAGE: &str = "us-docker.pkg.dev/cloudrun/container/job:latest";

/// A job of a fixed name in the sandbox, swept before and after.
struct Sandbox {
    terraform: Terraform,
    project: String,
    location: String,
    name: &'static str,
}

impl Sandbox {
    fn new(name: &'static str) -> Self {
        let project =
            std::env::var("FACETS_GPU_ACC_PROJECT").expect("FACETS_GPU_ACC_PROJECT names a project");
        let location = std::env::var("FACETS_GPU_ACC_LOCATION").unwrap_or_else(|_| "us-central1".to_owned());
        let mut terraform = Terraform::new(&installation()).unwrap_or_else(|reason| panic!("{reason}"));
        // The real home and the caller's own credentials, as `gcloud auth application-default login` leaves them.
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
        sandbox.sweep();
        sandbox
    }

    fn configure(&self, arguments: &str) {
        let name = self.name;
        self.terraform.write(
            "main.tf",
            &format!(
                "{REQUIRED}\nresource \"facets_gpu_cloudrun_job\" \"render\" {{\n  name = \"{name}\"\n  container = \
                 {{ image = \"{PUBLIC_IMAGE}\" }}\n{arguments}\n}}\n"
            ),
        );
    }

    /// Takes over what an earlier run has left under this name, if anything, and destroys it.
    fn sweep(&self) {
        let id = format!("{}/{}/{}", self.project, self.location, self.name);
        if self.terraform.run(&["import", "-input=false", RENDER, &id]).code == Some(0) {
            self.terraform.destroy().succeeds();
        }
    }
}

/// A story that fails in the middle sweeps too; what it says then is no concern.
impl Drop for Sandbox {
    fn drop(&mut self) {
        self.terraform.destroy();
    }
}

#[test]
#[ignore = "needs a Google project; make acc runs it"]
fn sandbox_a_job_lives() {
    let sandbox = Sandbox::new("tfacc-life");
    let terraform = &sandbox.terraform;
    sandbox.configure(r#"job = { task_count = 2, parallelism = 1 }"#);
    terraform.apply().succeeds().says("1 added");
    terraform.has_nothing_to_do();
    let uid = terraform.state(RENDER)["uid"].clone();

    sandbox.configure(r#"job = { task_count = 2, parallelism = 2, task_timeout = "30m", max_retries = 0 }"#);
    terraform
        .apply()
        .succeeds()
        .says("0 added, 1 changed, 0 destroyed");
    assert_eq!(terraform.state(RENDER)["uid"], uid, "it is the same job");
    terraform.has_nothing_to_do();

    sandbox.configure("labels = { purpose = \"acceptance\" }\n env = { MODE = \"test\" }");
    terraform.apply().succeeds().says("1 changed");
    terraform.has_nothing_to_do();
    terraform.destroy().succeeds().says("1 destroyed");
    assert_eq!(terraform.state_of(RENDER), None);
}

#[test]
#[ignore = "needs a Google project; make acc runs it"]
fn sandbox_a_job_is_imported() {
    let sandbox = Sandbox::new("tfacc-import");
    let terraform = &sandbox.terraform;
    terraform.apply().succeeds();
    let id = terraform.state(RENDER)["id"].as_str().expect("an id").to_owned();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform.run(&["import", "-input=false", RENDER, &id]).succeeds();
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs a Google project; make acc runs it"]
fn sandbox_other_spellings_are_no_drift() {
    let sandbox = Sandbox::new("tfacc-spelling");
    let terraform = &sandbox.terraform;
    sandbox.configure(
        "resources = { cpu = \"20000m\", memory = \"81920Mi\" }\n job = { task_timeout = \"0h30m\" }",
    );
    terraform.apply().succeeds();
    terraform.has_nothing_to_do();
    sandbox.configure("resources = { cpu = \"20\", memory = \"80Gi\" }\n job = { task_timeout = \"1800s\" }");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs a Google project; make acc runs it"]
fn sandbox_a_taken_name_is_told_with_an_import_block() {
    let sandbox = Sandbox::new("tfacc-taken");
    let terraform = &sandbox.terraform;
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    let again = terraform.apply().fails_with("already exists");
    terraform.write_imports(&again, |_| RENDER.to_owned());
    terraform.apply().succeeds().says("1 imported");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs a Google project; make acc runs it"]
fn sandbox_a_protected_job_stays() {
    let sandbox = Sandbox::new("tfacc-protected");
    let terraform = &sandbox.terraform;
    sandbox.configure("deletion_protection = true");
    terraform.apply().succeeds();
    terraform.destroy().fails_with("Job is protected from deletion");
    assert_eq!(terraform.state(RENDER)["deletion_protection"], json!(true));
    sandbox.configure("");
    terraform.apply().succeeds();
    terraform.destroy().succeeds();
}
