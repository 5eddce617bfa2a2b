//! The map of the house, floor by floor; `ARCHITECTURE.md` tells what each floor may know.

// Ground floor: what is spoken, and how text of unknown origin is printed.
pub mod text;
pub mod wire;

// First floor: values, no Cloud Run, no network.
pub mod diagnostic;
pub mod schema;
pub mod value;

// Second floor: what is true of the world.
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
pub mod server;
