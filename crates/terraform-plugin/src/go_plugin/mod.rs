//! The plugin process, as HashiCorp's go-plugin expects it.
//!
//! `main` calls [`serve()`]. In the order of events:
//!
//! - [`handshake`]: the environment that Terraform sets, and the line on stdout that responds.
//! - [`listener`]: a socket in a directory that only its user can enter.
//! - [`tls`]: mutual TLS that accepts one certificate, Terraform's; `p521` verifies its signature.
//! - `accept`: each TLS handshake in a task of its own.
//! - [`grpc`]: the provider beside go-plugin's own services (`services`).
//! - [`Shutdown`]: the end of the process. [`StopSignal`] cancels running calls, and the process goes on.
//! - [`hclog`] and [`mod@panic`]: how log lines and crashes reach Terraform's user.

mod serve;
pub use serve::serve;

mod address;
pub mod handshake;
pub mod listener;
pub mod reattach;
pub mod tls;

mod accept;
mod p521;

pub mod grpc;
mod services;

mod shutdown;
pub use shutdown::Shutdown;

mod stop;
pub use stop::StopSignal;

pub mod hclog;
pub mod panic;
