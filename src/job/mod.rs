//! The resource `facets_gpu_cloudrun_job`.
//!
//! [`validate`] and [`plan`] are pure: what they say follows from their arguments alone. [`convert`] is
//! the only place that knows both Terraform's values and Cloud Run's. [`lifecycle`] does what a plan says.

pub mod convert;
pub mod generate;
pub mod identity;
pub mod lifecycle;
pub mod listing;
pub mod model;
pub mod plan;
pub mod schema;
mod spelling;
pub mod validate;

/// The type of the resource in a configuration.
pub const TYPE_NAME: &str = "facets_gpu_cloudrun_job";
