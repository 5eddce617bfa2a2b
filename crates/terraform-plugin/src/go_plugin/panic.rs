//! Reports panics.
//!
//! Terraform treats a line on stderr that starts with `panic: ` as a crash of the plugin, and shows it with everything after
//! it. A panic that is caught ([`catch`]) becomes an error diagnostic of one call, and the process goes on: it is written to
//! the log instead.

use std::{
    backtrace::Backtrace,
    panic::{AssertUnwindSafe, set_hook},
};

use futures_util::FutureExt as _;

use super::hclog;
use crate::{redact::Redactor, text::printable};

tokio::task_local! {
    /// Set inside of [`catch`].
    static CAUGHT: ();
}

/// Installs the panic hook. A panic that is not caught is reported to Terraform even without a log.
pub fn install(redactor: Redactor) {
    set_hook(Box::new(move |info| {
        let backtrace = Backtrace::force_capture();
        if CAUGHT.try_with(|()| ()).is_ok() {
            tracing::error!(panic = %info, %backtrace, "panic in a call");
        } else {
            let report = format!("panic: {info}\n\n{backtrace}");
            hclog::write_stderr(&printable(&redactor.redact(&report)));
        }
    }));
}

/// Runs a handler; `None` when it panics. The log has the details.
///
/// Tasks that the handler spawns are not covered: their panics are reported as crashes.
pub async fn catch<T>(handler: impl Future<Output = T>) -> Option<T> {
    // State that a panic leaves inconsistent belongs to this call, and is dropped with it.
    let caught = CAUGHT.scope((), AssertUnwindSafe(handler).catch_unwind());
    caught.await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn panic_is_caught() {
        assert_eq!(catch(async { 7 }).await, Some(7));
        let panicked = catch(async {
            tokio::task::yield_now().await;
            panic!("on purpose")
        });
        assert_eq!(panicked.await.map(|(): ()| ()), None);
    }
}
