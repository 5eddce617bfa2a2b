//! The resource `facets_gpu_cloudrun_job`, and the data source of that name.
//!
//! [`validate`] and [`plan`] are pure: what they say follows from their arguments alone. [`convert`] is
//! the only place that knows both Terraform's values and Cloud Run's. [`crud`] does what a plan says.

pub mod convert;
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "talks to Google"
)]
pub mod crud;
pub mod data_source;
mod file_mode;
pub mod identity;
pub mod list_resource;
pub mod model;
pub mod move_state;
pub mod plan;
pub mod private_state;
mod resource;
pub mod schema;
mod semantic_equality;
pub mod validate;

pub use resource::CloudRunJob;

/// The type of the resource in a configuration.
pub const TYPE_NAME: &str = "facets_gpu_cloudrun_job";

/// The annotation that tells which create call made a job.
pub const CREATION_ANNOTATION: &str = "terraform-provider-facets-gpu/creation-id";

#[cfg(test)]
mod generated_config_tests;
