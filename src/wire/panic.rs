//! Panics, as their readers need them.
//!
//! Terraform takes a line on stderr that begins with `panic: ` for a crash of the plugin: it holds back that line
//! and everything after it, and shows all of it under "The plugin crashed!". That is right for a panic that nobody
//! catches. A panic in the handler of one call is caught ([`catch`]) and becomes an error diagnostic on that call,
//! while the process lives on and goes on logging; it is therefore *not* written as a crash, and its backtrace goes
//! to the log instead.

use std::{
    any::Any,
    backtrace::Backtrace,
    cell::{Cell, RefCell},
    fmt,
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook},
    pin::pin,
    task::Poll,
};

use super::hclog;
use crate::text::quotable;

/// A panic that was caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// What the code said, with secrets masked, and cut where it is absurdly long.
    pub message: String,
    /// File, line and column, if known.
    pub location: Option<String>,
}

/// Installs the hook that reports panics to Terraform. Works whether or not anything logs.
pub fn install() {
    set_hook(Box::new(report));
}

/// Runs a handler; a panic inside comes back as an error.
///
/// Holds for code that runs in the future itself, not for tasks that it spawns: those report to their join handle,
/// and to the user as a crash.
pub async fn catch<T>(handler: impl Future<Output = T>) -> Result<T, Panic> {
    let mut handler = pin!(handler);
    std::future::poll_fn(|cx| {
        // A handler may move to another thread between two polls, so each poll marks its own.
        let outer = CATCHING.replace(true);
        // Whatever a panic leaves half done belongs to this call, and is dropped with it.
        let polled = catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx)));
        CATCHING.set(outer);
        match polled {
            Ok(poll) => poll.map(Ok),
            Err(payload) => Poll::Ready(Err(CAUGHT
                .take()
                .unwrap_or_else(|| Panic::from_payload(&*payload)))),
        }
    })
    .await
}

thread_local! {
    /// Whether this thread is inside of [`catch`].
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    /// What the hook knows and the payload of a panic does not: the location.
    static CAUGHT: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

fn report(info: &PanicHookInfo<'_>) {
    let panic = Panic {
        location: info.location().map(ToString::to_string),
        ..Panic::from_payload(info.payload())
    };
    let backtrace = Backtrace::force_capture();
    if CATCHING.get() {
        tracing::error!(%panic, %backtrace, "a call to the provider panicked");
        CAUGHT.set(Some(panic));
    } else {
        hclog::write_stderr(&hclog::masked(&format!("panic: {panic}\n\n{backtrace}")));
    }
}

impl Panic {
    fn from_payload(payload: &(dyn Any + Send)) -> Self {
        let message = payload
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "the code gave no reason".to_owned());
        Self {
            message: quotable(&hclog::masked(&message), LONGEST_MESSAGE),
            location: None,
        }
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.location {
            Some(location) => write!(f, " ({location})"),
            None => Ok(()),
        }
    }
}

/// The most bytes of a message. A failed assertion may show whole documents.
const LONGEST_MESSAGE: usize = 8 << 10;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[tokio::test]
    async fn a_caught_panic_says_what_and_where() {
        install();
        let panic = catch(async {
            tokio::task::yield_now().await;
            panic!("no such {}", "thing");
        })
        .await
        .map(|(): ()| ())
        .unwrap_err();
        assert_eq!(panic.message, "no such thing");
        assert!(panic.location.unwrap().contains("panic.rs"));
    }

    #[tokio::test]
    async fn the_message_of_a_panic_is_bounded_and_printable() {
        install();
        let document = "\u{1b}[2J".repeat(100_000);
        let panic = catch(async { panic!("{document}") })
            .await
            .map(|(): ()| ())
            .unwrap_err();
        assert!(panic.message.len() < 20_000 && panic.message.ends_with("bytes more)"));
        assert!(!panic.message.contains('\u{1b}'));
    }

    #[tokio::test]
    async fn what_does_not_panic_passes_through() {
        assert_eq!(catch(async { 7 }).await, Ok(7));
    }
}
