//! What Linux says of a running provider: the descriptors that it holds, and its memory.

use std::time::Instant;

use crate::{
    harness::process::Vitals,
    process::{PATIENCE, Process},
};

impl Process {
    /// How many files, sockets and the like it has open.
    pub(crate) fn descriptors(&self) -> u64 {
        self.vitals().descriptors
    }

    /// Waits until it has no more than `limit` of them open.
    pub(crate) async fn has_descriptors_at_most(&self, limit: u64) {
        let begun = Instant::now();
        while self.descriptors() > limit {
            assert!(
                begun.elapsed() < PATIENCE,
                "{} descriptors are open, and {limit} should be",
                self.descriptors()
            );
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// The most memory that it ever had at once, in MiB.
    pub(crate) fn peak_mib(&self) -> u64 {
        self.vitals().peak >> 10
    }

    fn vitals(&self) -> Vitals {
        Vitals::of(self.child.id()).unwrap()
    }
}
