//! Process information from `/proc`. Empty on systems other than Linux.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// The peak memory of a process in KiB; `None` when it has ended.
pub(crate) fn peak_memory(process: u32) -> Option<u64> {
    field(&status(process)?, "VmHWM:")?
        .strip_suffix("kB")?
        .trim()
        .parse()
        .ok()
}

/// The child processes of a process.
pub(crate) fn children(of: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{of}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|id| id.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

/// Sends a signal to the child processes and returns their number.
pub(crate) fn signal_children(of: u32, signal: rustix::process::Signal) -> usize {
    use rustix::process::{Pid, kill_process};
    let children = children(of);
    for child in &children {
        let child = i32::try_from(*child).ok().and_then(Pid::from_raw);
        // The process may have ended.
        let _ = kill_process(child.expect("a process has an id"), signal);
    }
    children.len()
}

/// The peak memory of the providers of a Terraform process in KiB; 0 when there are none.
pub(crate) fn peak_provider_memory(terraform: u32) -> u64 {
    providers(terraform)
        .into_iter()
        .filter_map(peak_memory)
        .max()
        .unwrap_or_default()
}

/// The providers of a Terraform process. A fork that has not executed the provider yet does not count.
fn providers(terraform: u32) -> Vec<u32> {
    let is_provider = |child: &u32| {
        let status = status(*child).unwrap_or_default();
        field(&status, "Name:").is_some_and(|name| name.starts_with("terraform-prov"))
    };
    children(terraform).into_iter().filter(is_provider).collect()
}

/// The CPU time of each thread at its last sample.
#[derive(Clone, Debug, Default)]
pub(crate) struct CpuTimes(BTreeMap<(u32, u32), u64>);

impl CpuTimes {
    pub(crate) fn sample(&mut self, process: u32) {
        let threads = fs::read_dir(format!("/proc/{process}/task"));
        for thread in threads.into_iter().flatten().flatten() {
            let number = thread.file_name().to_string_lossy().parse();
            // The first number is the CPU time in nanoseconds.
            let schedstat = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            let time = schedstat
                .split_whitespace()
                .next()
                .and_then(|time| time.parse().ok());
            if let (Ok(number), Some(time)) = (number, time) {
                self.0.insert((process, number), time);
            }
        }
    }

    /// Samples the providers of a Terraform process.
    pub(crate) fn sample_providers(&mut self, terraform: u32) {
        for process in providers(terraform) {
            self.sample(process);
        }
    }

    pub(crate) fn total(&self) -> Duration {
        Duration::from_nanos(self.0.values().sum())
    }
}

fn status(process: u32) -> Option<String> {
    fs::read_to_string(format!("/proc/{process}/status")).ok()
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .map(str::trim)
}
