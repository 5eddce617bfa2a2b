//! The resource, data source and list resource `facets_gpu_cloudrun_job`.
//!
//! Data flows one way: configuration → [`model`] → [`validate`] and [`plan`] → [`expand`] → the API → [`flatten`] → state.
//! [`validate`] and [`plan`] are pure: their results follow from their arguments alone.

// The resource and its values.
mod attributes;
pub mod model;
mod resource;
pub mod schema;

// Before an apply.
mod file_mode;
pub(crate) mod gpu_hours;
pub mod plan;
mod resource_name;
mod semantic_equality;
pub mod validate;

// To the API and back.
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "calls the API"
)]
pub mod crud;
pub mod expand;
pub mod flatten;
pub mod private_state;

// Other ways into the state.
pub mod data_source;
pub mod identity;
mod import;
pub mod list_resource;
mod move_state;

pub use data_source::CloudRunJobData;
pub use list_resource::CloudRunJobList;
pub use resource::CloudRunJob;

/// The type name in a configuration.
pub const TYPE_NAME: &str = "facets_gpu_cloudrun_job";

#[cfg(test)]
mod generated_config_tests;
