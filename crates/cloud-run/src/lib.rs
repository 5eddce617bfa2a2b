//! A client of the Cloud Run Admin API v2, as far as jobs need it.
//!
//! Requests are values, built without a network (`request`); one loop sends them and knows what may be sent
//! again (`client`, `retry`); the service's own error document is an error type ([`Error`]). Nothing here
//! knows of Terraform: errors carry facts, and what to do about them is for the application to say. The API: <https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs>.

mod answer;
mod auth;
mod client;
mod detail;
mod endpoint;
mod error;
mod foreign;
mod header;
pub mod model;
mod name;
mod namespace;
mod operation;
mod page;
mod patience;
mod prerequisite;
mod redaction;
mod request;
mod retry;
mod settings;
mod status;
mod telling;
mod text;
mod transport;

pub use answer::{Answer, Reply};
pub use auth::{Credentials, CredentialsError, CredentialsProblem, Impersonation, Mistake};
pub use client::Client;
pub use endpoint::{Endpoint, EndpointError};
pub use error::Error;
pub use header::invalid_in_header_word;
pub use model::Readiness;
pub use name::{InvalidName, JobName};
pub use namespace::reserved_namespace;
pub use operation::Operation;
pub use page::{Page, Pages};
pub use patience::Patience;
pub use prerequisite::Prerequisite;
pub use redaction::{Redaction, Secret};
pub use retry::{Attempts, SHORTEST_PAUSE};
pub use settings::{QuotaProject, Settings};
pub use status::Status;

#[cfg(any(test, feature = "test-server"))]
#[doc(hidden)]
pub mod test_server;
