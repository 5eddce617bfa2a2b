//! The ground floor: what is spoken between Terraform and this process.
//!
//! [`run()`] is the whole program as `main` sees it. In the order in which things happen:
//!
//! - [`handshake`]: who started us, and the one line on stdout that answers.
//! - [`listener`]: a socket in a folder that only its user can enter.
//! - [`tls`]: mutual TLS that lets in one certificate, Terraform's; `p521` checks its signature.
//! - `accept`: every handshake in a task of its own.
//! - [`serve()`]: the provider beside go-plugin's own services (`services`).
//! - [`Lifetime`]: the ways in which it ends. [`StopSignal`] only ends waiting, not the server.
//! - [`hclog`] and [`mod@panic`]: how log lines and crashes reach Terraform's user.
//!
//! The types are generated from `proto/`; only this floor and `server` name them.

mod run;
pub use run::run;

pub mod handshake;
pub mod listener;
pub mod reattach;
pub mod tls;

mod accept;
mod p521;

mod serve;
pub use serve::{MESSAGE_LIMIT, serve};

mod services;

mod lifetime;
pub use lifetime::Lifetime;

mod stop;
pub use stop::StopSignal;

pub mod hclog;
pub mod panic;

/// The provider's address in the registry, without a version.
pub const PROVIDER_ADDRESS: &str = "registry.terraform.io/facets-cloud/facets-gpu";
/// The same in the registry that OpenTofu completes addresses with.
pub const OPENTOFU_ADDRESS: &str = "registry.opentofu.org/facets-cloud/facets-gpu";
