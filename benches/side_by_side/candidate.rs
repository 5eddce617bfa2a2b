//! The compared resource types and provider builds. All get the same jobs.

use std::path::PathBuf;
use std::sync::Arc;

use crate::harness::{Emulator, Installation, StateStore, Terraform, binaries};

/// A resource type or provider build under measurement.
pub(crate) struct Candidate {
    pub(crate) name: &'static str,
    /// The provider's binary; `None` for `terraform_data`, which is built into Terraform.
    pub(crate) program: Option<PathBuf>,
    installation: Arc<Installation>,
}

/// A working directory with an `http` backend. Terraform would rewrite a local state file after every job.
pub(crate) struct Workspace {
    pub(crate) terraform: Terraform,
    _state: StateStore,
}

impl Candidate {
    /// All candidates in column order. The baseline requires `FACETS_GPU_BASELINE`.
    pub(crate) fn all() -> Result<Vec<Self>, String> {
        let this = binaries::provider()?;
        let mut all = vec![
            Self::new("terraform_data", None, &this)?,
            Self::new("this", Some(this.clone()), &this)?,
        ];
        if let Some(baseline) = std::env::var_os("FACETS_GPU_BASELINE").map(PathBuf::from) {
            all.push(Self::new("baseline", Some(baseline.clone()), &baseline)?);
        }
        Ok(all)
    }

    fn new(
        name: &'static str,
        program: Option<PathBuf>,
        installed: &std::path::Path,
    ) -> Result<Self, String> {
        let installation = Installation::of(installed, "facets-cloud/facets-gpu", env!("CARGO_PKG_VERSION"))?;
        Ok(Self {
            name,
            program,
            installation: Arc::new(installation),
        })
    }

    /// An initialized working directory with `jobs` jobs.
    pub(crate) fn workspace(&self, jobs: usize, emulator: &Emulator) -> Result<Workspace, String> {
        let state = StateStore::start();
        let terraform = Terraform::new(&self.installation)?.with_emulator(emulator);
        terraform.write("backend.tf", &state.backend());
        terraform.write("main.tf", &self.configuration(jobs));
        let run = terraform.init();
        match run.code {
            Some(0) => Ok(Workspace {
                terraform,
                _state: state,
            }),
            _ => Err(run.to_string()),
        }
    }

    fn configuration(&self, jobs: usize) -> String {
        match self.program {
            None => {
                format!(
                    "resource \"terraform_data\" \"job\" {{\n  count = {jobs}\n  input = {{\n{JOB}  }}\n}}\n"
                )
            }
            Some(_) => format!(
                "terraform {{\n  required_providers {{\n    facets = {{ source = \"facets-cloud/facets-gpu\" }}\n  \
                 }}\n}}\n\nresource \"facets_gpu_cloudrun_job\" \"job\" {{\n  count = {jobs}\n{JOB}}}\n"
            ),
        }
    }
}

const JOB: &str = r#"
    name = "job-${count.index}"
    facets = {
      instance_name = "render"
      environment   = "prod"
      cloud_tags    = { team = "media", cost_center = "42" }
    }
    container = {
      image   = "us-docker.pkg.dev/acme-batch/render/render:1.0"
      command = ["render"]
      args    = ["--frames", "1-100"]
    }
    gpu       = { enabled = true, type = "nvidia-rtx-pro-6000" }
    resources = { cpu = "20", memory = "80Gi" }
    job       = { task_count = 10, parallelism = 2, max_retries = 3, task_timeout = "3600s" }
    secrets   = [{ env_var = "API_KEY", secret_name = "api-key", version = "latest" }]
    env       = { LOG_LEVEL = "info", SCENE = "s3-12" }
    labels    = { stage = "prod" }
"#;
