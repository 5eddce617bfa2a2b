//! Faults of Google's service and of the network, injected by name or at random.
//!
//! An armed fault applies to the next requests that match its target, as many times as it was armed for. A request gets at
//! most one fault: the one armed first, or a random one if no armed fault matches.

mod catalog;
mod injector;
mod random;
mod responses;
mod target;

use std::time::Duration;

use crate::response::Response;
use crate::route::Call;
use crate::store::ReconcileOutcome;

use catalog::CATALOG;
pub(crate) use injector::{FaultInjector, FaultSpec, TakenFault};
pub use random::Rate;
use target::Target;

/// An entry of the catalog.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// The real event that the fault imitates.
    description: &'static str,
    target: Target,
    random: Random,
    pub(crate) effect: Effect,
}

/// Whether a fault may be injected at random, with the reason: only if a client can recover by itself, or by trying again
/// later.
enum Random {
    Eligible(&'static str),
    Excluded(&'static str),
}

pub(crate) enum Effect {
    /// Responds without handling the request.
    Respond(fn(&FaultContext<'_>) -> Response),
    /// Handles the request, then changes the response.
    ChangeResponse(fn(Response) -> Response),
    /// Handles the request and delays the response.
    Delay(Duration),
    /// Changes the job as another client would, then handles the request.
    ConcurrentChange(ConcurrentChange),
    /// `:wait` returns at once.
    ReturnEarly,
    /// The operation and the job end with this outcome.
    Reconcile(fn() -> ReconcileOutcome),
    /// The first task of the execution exits with 1 in every attempt.
    FailTask,
}

/// A change by another client just before a request is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConcurrentChange {
    Create,
    Update,
    Delete,
}

/// The request that a fault applies to.
pub(crate) struct FaultContext<'a> {
    pub(crate) call: &'a Call,
    /// The id of the job.
    pub(crate) job: Option<&'a str>,
    /// The HTTP method.
    pub(crate) method: &'a str,
    pub(crate) validate_only: bool,
    /// The permissions that the request requires, the one of its method first.
    pub(crate) permissions: Vec<&'a str>,
}
