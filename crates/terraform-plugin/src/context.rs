//! What a call gets from the provider.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

/// What a call gets from the provider.
#[derive(Debug)]
pub struct Context<D> {
    /// What [`Provider::configure`](crate::Provider::configure) returned.
    pub data: Arc<D>,
    /// Cancelled when Terraform sends `StopProvider`, such as after Ctrl-C: the call must return soon, with the state as it
    /// then is.
    pub cancellation: CancellationToken,
}
