//! File descriptors and memory of a running provider, from `/proc`.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::process::{Process, TIMEOUT};

impl Process {
    /// The number of open file descriptors.
    pub(crate) fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.child.id()))
            .unwrap()
            .count()
    }

    /// Waits until at most `limit` file descriptors are open.
    pub(crate) async fn descriptors_at_most(&self, limit: usize) {
        let start = Instant::now();
        while self.descriptors() > limit {
            assert!(
                start.elapsed() < TIMEOUT,
                "{} descriptors are open, expected at most {limit}",
                self.descriptors()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The peak resident memory, in MiB.
    pub(crate) fn peak_mib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        peak.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() >> 10
    }
}
