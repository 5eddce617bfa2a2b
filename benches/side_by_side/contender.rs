//! Who runs, and the configuration that each gets: the same jobs in the same words.

use std::path::Path;
use std::sync::Arc;

use crate::harness::{Emulator, Installation, PROJECT, REGION, Terraform, binaries};

/// Something that Terraform can plan and apply.
pub(crate) struct Contender {
    /// As the report names it.
    pub(crate) name: &'static str,
    kind: Kind,
    installation: Arc<Installation>,
}

#[derive(Clone, Copy)]
enum Kind {
    BuiltIn,
    Provider,
    Peer,
}

impl Contender {
    /// All that are there, in the order of the report; the first is what the others are compared with.
    pub(crate) fn all(peer: Option<&Path>) -> Result<Vec<Contender>, String> {
        let own = Arc::new(Installation::of(
            &binaries::provider()?,
            "facets-cloud/facets-gpu",
            env!("CARGO_PKG_VERSION"),
        )?);
        let mut all = vec![
            Contender {
                name: TERRAFORM_DATA,
                kind: Kind::BuiltIn,
                installation: Arc::clone(&own),
            },
            Contender {
                name: PROVIDER,
                kind: Kind::Provider,
                installation: own,
            },
        ];
        if let Some(peer) = peer {
            all.push(Contender {
                name: PEER,
                kind: Kind::Peer,
                installation: Arc::new(Installation::of(peer, "facets-cloud/peer", "0.1.0")?),
            });
        }
        Ok(all)
    }

    /// Whether a process of the contender's own runs beside Terraform.
    pub(crate) fn has_a_process(&self) -> bool {
        !matches!(self.kind, Kind::BuiltIn)
    }

    /// A working directory with a number of jobs, initialised.
    pub(crate) fn working_directory(&self, jobs: usize) -> Result<Terraform, String> {
        self.working_directory_with(jobs, "")
    }

    /// The same, with more configuration beside the jobs.
    pub(crate) fn working_directory_with(&self, jobs: usize, more: &str) -> Result<Terraform, String> {
        let terraform = Terraform::new(&self.installation)?;
        terraform.write("main.tf", &self.configuration(jobs));
        terraform.write("more.tf", more);
        let run = terraform.init();
        if run.code == Some(0) {
            Ok(terraform)
        } else {
            Err(run.to_string())
        }
    }

    /// Points a working directory at an emulator.
    pub(crate) fn set_endpoint(&self, mut terraform: Terraform, emulator: &Emulator) -> Terraform {
        self.turn(&mut terraform, emulator);
        terraform
    }

    /// Points a working directory at another emulator.
    pub(crate) fn turn(&self, terraform: &mut Terraform, emulator: &Emulator) {
        terraform.turn_to(emulator);
        if matches!(self.kind, Kind::Peer) {
            terraform.set("TF_VAR_endpoint", &emulator.endpoint());
        }
    }

    /// Whether it may list jobs where many are read.
    pub(crate) fn lists(&self) -> bool {
        matches!(self.kind, Kind::Provider)
    }

    fn configuration(&self, jobs: usize) -> String {
        let many = format!("count = {jobs}");
        match self.kind {
            Kind::BuiltIn => {
                format!("resource \"terraform_data\" \"job\" {{\n  {many}\n  input = {{\n{JOB}  }}\n}}\n")
            }
            Kind::Provider => format!(
                "terraform {{\n  required_providers {{\n    facets = {{ source = \"facets-cloud/facets-gpu\" }}\n  \
                 }}\n}}\n\nresource \"facets_gpu_cloudrun_job\" \"job\" {{\n  {many}\n{JOB}}}\n"
            ),
            Kind::Peer => format!(
                "terraform {{\n  required_providers {{\n    peer = {{ source = \"facets-cloud/peer\" }}\n  }}\n}}\n\n\
                 variable \"endpoint\" {{\n  type = string\n}}\n\n\
                 provider \"peer\" {{\n  cloud_run_endpoint = var.endpoint\n  project = \"{PROJECT}\"\n  region = \
                 \"{REGION}\"\n}}\n\nresource \"peer_gpu_cloudrun_job\" \"job\" {{\n  {many}\n{JOB}}}\n"
            ),
        }
    }
}

/// Terraform's built-in resource: what Terraform costs when a provider costs nothing.
pub(crate) const TERRAFORM_DATA: &str = "terraform_data (built in)";
/// The program of this repository.
pub(crate) const PROVIDER: &str = "facets-gpu (this provider)";
/// The same resource on the other crate.
pub(crate) const PEER: &str = "the same on tf-provider 0.2.2";

/// One job. Every attribute of each object is spelt, since the peer's schema has no optional ones in objects.
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
