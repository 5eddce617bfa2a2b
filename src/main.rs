//! The provider's binary, which Terraform starts.

use std::process::ExitCode;

use facets_gpu::FacetsGpu;
use terraform_plugin::redact::Redactor;

fn main() -> ExitCode {
    let redactor = Redactor::default();
    terraform_plugin::serve(FacetsGpu::new(redactor.clone()), redactor)
}
