//! Guards the Facets module: its files held against the contract, the catalogue, the schema and Terraform 1.5.
//!
//! Nothing here runs Terraform, but for one look at the functions it has. The guards read YAML, JSON Schema and HCL
//! with libraries, and tell all that breaks a rule at once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a guard that cannot read the module has to fail"
)]

mod agreement;
mod contract;
mod field;
mod guide;
mod hcl;
mod outputs;
mod platform;
#[path = "../registry/repository.rs"]
mod repository;
#[path = "../registry/rule.rs"]
mod rule;
mod shape;
mod spec;
mod terraform_1_5;
mod wiring;
mod yaml;

/// Where the module stands.
const MODULE: &str = "modules/cloudrun/gpu-job/1.0";

/// The path of one of the module's files, counted from the root of the repository.
fn module(file: &str) -> String {
    format!("{MODULE}/{file}")
}
