//! An async client of the Cloud Run Admin API v2, for jobs and their executions.
//!
//! The README of this crate has an example and the list of what the client does. Requests are values, built without a
//! network; one loop sends and retries them; the API's own error document is an error type.

// The client, and what it is made with.
mod client;
pub use client::Client;
mod settings;
pub use settings::{QuotaProject, Settings};
mod endpoint;
pub use endpoint::{Endpoint, EndpointError};
mod auth;
pub use auth::{Credentials, Impersonation};
mod redaction;
pub use redaction::{Redaction, Secret};

// What a call takes.
mod call_context;
pub use call_context::CallContext;
mod job_name;
pub use job_name::{JobName, JobNameError};
mod execution_name;
pub use execution_name::ExecutionName;
mod run_overrides;
pub use run_overrides::RunOverrides;

// What a call returns.
pub mod model;
pub use model::Readiness;
mod namespace;
pub use namespace::reserved_namespace;
mod operation;
pub use operation::Operation;
mod page;
pub use page::{Page, Paginator};
mod error;
pub use error::Error;
mod status;
pub use status::Status;
mod prerequisite;
pub use prerequisite::Prerequisite;
mod credentials_error;
pub use credentials_error::{CredentialsError, CredentialsProblem, Mistake};

// From a request to a response.
mod request;
mod retry;
pub use retry::{Attempts, MIN_BACKOFF};
mod response;
mod transport;
pub use response::{ApiMessage, Response};

// What several of them use.
mod body_excerpt;
mod decode_error;
mod error_details;
mod header;
pub use header::invalid_in_header_word;
mod progress_log;
mod text;

#[cfg(any(test, feature = "test-server"))]
#[doc(hidden)]
pub mod test_server;

/// The example of the README is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
