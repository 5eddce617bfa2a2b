//! A client of the Cloud Run Admin API v2, as far as jobs need it.
//!
//! Requests are values, built without a network (`request`); one loop sends them and knows what may be sent
//! again (`client`, `retry`); the service's own error document is an error type ([`Error`]). Nothing here
//! knows of Terraform: errors carry facts, and what to do about them is for the application to say. The API: <https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs>.

mod auth;
mod body_excerpt;
mod call_context;
mod client;
mod credentials_error;
mod decode_error;
mod endpoint;
mod error;
mod error_details;
mod header;
mod job_name;
pub mod model;
mod namespace;
mod operation;
mod page;
mod prerequisite;
mod progress_log;
mod redaction;
mod request;
mod response;
mod retry;
mod settings;
mod status;
mod text;
mod transport;

pub use auth::{Credentials, Impersonation};
pub use call_context::CallContext;
pub use client::Client;
pub use credentials_error::{CredentialsError, CredentialsProblem, Mistake};
pub use endpoint::{Endpoint, EndpointError};
pub use error::Error;
pub use header::invalid_in_header_word;
pub use job_name::{JobName, JobNameError};
pub use model::Readiness;
pub use namespace::reserved_namespace;
pub use operation::Operation;
pub use page::{Page, Paginator};
pub use prerequisite::Prerequisite;
pub use redaction::{Redaction, Secret};
pub use response::{ApiMessage, Response};
pub use retry::{Attempts, MIN_BACKOFF};
pub use settings::{QuotaProject, Settings};
pub use status::Status;

#[cfg(any(test, feature = "test-server"))]
#[doc(hidden)]
pub mod test_server;
