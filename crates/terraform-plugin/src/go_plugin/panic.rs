//! Panics, as their readers need them.
//!
//! Terraform takes a line on stderr that begins with `panic: ` for a crash of the plugin: it holds back that line
//! and everything after it, and shows all of it under "The plugin crashed!". That is right for a panic that is not
//! caught. A panic in the handler of one call is caught ([`catch`]) and becomes an error diagnostic on that call,
//! while the process lives on and goes on logging; it is therefore *not* written as a crash, and its backtrace goes
//! to the log instead.

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

/// Installs the hook that reports panics to Terraform. Works whether or not there is a log.
pub fn install(redactor: Redactor) {
    set_hook(Box::new(move |info| {
        let backtrace = Backtrace::force_capture();
        if CAUGHT.try_with(|()| ()).is_ok() {
            tracing::error!(panic = %info, %backtrace, "a call to the provider panicked");
        } else {
            let report = format!("panic: {info}\n\n{backtrace}");
            hclog::write_stderr(&printable(&redactor.redact(&report)));
        }
    }));
}

/// Runs a handler; `None` when it panics, of which the log has the details.
///
/// Holds for code that runs in the future itself, not for tasks that it spawns: those report to their join handle,
/// and to the user as a crash.
pub async fn catch<T>(handler: impl Future<Output = T>) -> Option<T> {
    // Whatever a panic leaves half done belongs to this call, and is dropped with it.
    let caught = CAUGHT.scope((), AssertUnwindSafe(handler).catch_unwind());
    caught.await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_caught_and_what_does_not_panic_passes_through() {
        assert_eq!(catch(async { 7 }).await, Some(7));
        let panicked = catch(async {
            tokio::task::yield_now().await;
            panic!("on purpose")
        });
        assert_eq!(panicked.await.map(|(): ()| ()), None);
    }
}
