//! The map of the house, floor by floor; `ARCHITECTURE.md` tells what each floor may know.
//!
//! What `clippy.toml` lists (time, chance, environment, files, order of a hash map) has no place in a rule, a plan or a
//! value. The modules that talk to others are exempt.

#![warn(clippy::disallowed_methods, clippy::disallowed_types)]

// First floor: values, no Cloud Run, no network.
pub use terraform_plugin::{diagnostic, go_plugin as wire, redact, schema, text, value};

// Second floor: what is true of the world.
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "talks to others"
)]
pub mod cloudrun;
pub mod duration;
pub mod gpu;
pub mod name;
pub mod quantity;

// Third floor: the resource, and what is told of GPUs.
pub mod catalogue;
pub mod job;

// Roof: what Terraform talks to.
pub mod provider;
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "talks to others"
)]
pub mod server;
