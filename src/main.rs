//! The provider's binary: Terraform starts it, and it serves until Terraform is done.

use std::process::ExitCode;

fn main() -> ExitCode {
    facets_gpu::wire::run(facets_gpu::server::Provider::new)
}
