//! The provider's binary: Terraform starts it, and it serves until Terraform is done.

use std::process::ExitCode;

use facets_gpu::FacetsGpu;
use terraform_plugin::redact::Redactor;

fn main() -> ExitCode {
    let redactor = Redactor::default();
    terraform_plugin::serve(FacetsGpu::new(redactor.clone()), redactor)
}
