//! Records Ctrl-C and SIGTERM in a flag, so that the program stops its child processes before it ends.

use std::sync::atomic::{AtomicBool, Ordering};

/// Starts listening in a thread.
pub(crate) fn listen() {
    std::thread::spawn(|| {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(async {
            loop {
                next().await;
                RECEIVED.store(true, Ordering::Relaxed);
            }
        });
    });
}

/// Whether a signal was received.
pub(crate) fn received() -> bool {
    RECEIVED.load(Ordering::Relaxed)
}

async fn next() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}

static RECEIVED: AtomicBool = AtomicBool::new(false);
