//! The provider's binary: Terraform starts it, and it serves until Terraform is done.

use std::process::ExitCode;

use facets_gpu::{redact::Redactor, server::Provider, wire};

fn main() -> ExitCode {
    let redactor = Redactor::default();
    wire::run(&redactor, |stop| Provider::new(stop, redactor.clone()))
}
