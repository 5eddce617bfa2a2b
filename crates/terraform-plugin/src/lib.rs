//! Terraform providers in Rust: the server of plugin protocol 6, values, schemas and diagnostics.

#[cfg(any(test, feature = "proptest"))]
pub mod arbitrary;
pub mod diagnostic;
pub mod go_plugin;
#[doc(hidden)]
pub mod proto;
pub mod redact;
pub mod schema;
pub mod text;
pub mod value;
