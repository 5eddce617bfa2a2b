//! What Linux says of a running provider: the descriptors that it holds, and its memory.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::process::{PATIENCE, Process};

impl Process {
    /// How many files, sockets and the like it has open.
    pub(crate) fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.child.id()))
            .unwrap()
            .count()
    }

    /// Waits until it has no more than `limit` of them open.
    pub(crate) async fn has_descriptors_at_most(&self, limit: usize) {
        let begun = Instant::now();
        while self.descriptors() > limit {
            assert!(
                begun.elapsed() < PATIENCE,
                "{} descriptors are open, and {limit} should be",
                self.descriptors()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The most memory that it ever had at once, in MiB.
    pub(crate) fn peak_mib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        peak.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() >> 10
    }
}
