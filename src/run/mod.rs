//! Runs of a job: start, follow, report, cancel. The action, the resource and the data source of executions are built on it.
//!
//! [`prepare`] reads the job and its executions, so that a missing permission is reported before anything is started.
//! [`Prepared::start`] starts one execution, and never a second one. [`follow`] waits for its end, [`report`] describes it.

// Arguments that the action and the resource have in common.
pub mod job_argument;
pub mod overrides;

// The API's documents.
mod definition;
pub mod limits;
pub mod state;

// Calls.
#[allow(clippy::disallowed_methods, reason = "calls the API")]
mod cancel;
mod errors;
#[allow(clippy::disallowed_methods, reason = "calls the API")]
mod follow;
#[allow(clippy::disallowed_methods, reason = "calls the API")]
mod lookup;
mod registry;
#[allow(clippy::disallowed_methods, reason = "calls the API")]
mod start;

// Texts.
pub mod report;

// What a configuration has.
pub mod action;
pub mod data_source;
mod flatten;
pub mod resource;

pub use cancel::cancel;
pub use data_source::CloudRunJobExecutionData;
pub use follow::{Failure, Followed, Outcome, failure, follow};
pub use registry::Runs;
pub use resource::CloudRunJobExecution;
pub use start::{Prepared, Started, prepare};
