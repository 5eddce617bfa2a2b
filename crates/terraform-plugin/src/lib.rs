//! Terraform providers in Rust: implement [`Provider`] and [`Resource`], and call [`serve`] in `main`.
#![doc = include_str!("../README.md")]

// The traits, and what crosses them.
mod provider;
pub use provider::{ConfigureRequest, Provider, ProviderInfo};
mod context;
pub use context::Context;
pub mod resource;
pub use resource::Resource;
mod data_source;
pub use data_source::DataSource;
pub mod list_resource;
pub use list_resource::ListResource;
pub mod action;
pub use action::Action;

// What a provider is written with.
pub mod diagnostic;
pub mod schema;
pub mod value;

// Secrets and text of unknown origin.
pub mod redact;
pub mod text;

// From the protocol to the traits, and the process around it.
mod server;
pub use server::Server;
pub mod go_plugin;
pub use go_plugin::serve;

/// For `#[async_trait]` on implementations of the traits.
pub use async_trait::async_trait;
/// The runtime's token that [`Context`] carries.
pub use tokio_util::sync::CancellationToken;

#[cfg(any(test, feature = "proptest"))]
pub mod arbitrary;
/// The generated types of the protocol: for tests, benchmarks and fuzzing only, without any promise of stability.
#[doc(hidden)]
pub mod proto;
