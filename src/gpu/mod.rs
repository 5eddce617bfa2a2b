//! The GPU facts: what the contract of the job offers, what Google is said to take, and where it says so.
//!
//! Every fact stands once, in `catalog`; checks, messages and documents are drawn from it.

mod catalog;
mod data_source;

pub use catalog::{CATALOG, Google, Gpu, JOB_LIMITS, JobLimits, Source, Steps};
pub use data_source::{Catalog, SCHEMA, TYPE_NAME};

use crate::quantity::{Cpu, Memory};
use std::fmt;
use std::time::Duration;

/// The GPU of this name, if jobs may have it.
pub fn find(name: &str) -> Option<&'static Gpu> {
    CATALOG.iter().find(|gpu| gpu.name == name)
}

/// The GPU that a job gets when nothing else is said.
pub fn default() -> &'static Gpu {
    &CATALOG[0]
}

impl Gpu {
    /// Whether the contract offers so much CPU.
    pub fn allows_cpu(&self, cpu: Cpu) -> bool {
        self.cpus.iter().any(|count| Cpu::whole(*count) == cpu)
    }

    /// The numbers of vCPUs that the contract offers, as a configuration has them; the first is the default.
    pub fn cpu_choices(&self) -> Vec<String> {
        let counts = self.cpus.iter();
        counts.map(|count| Cpu::whole(*count).to_string()).collect()
    }

    /// The amounts of memory that the contract offers, as a configuration has them; the first is the default.
    pub fn memory_choices(&self) -> Vec<String> {
        let amounts = self.memory_gib.iter();
        amounts.map(|gib| Memory::gib(*gib).to_string()).collect()
    }

    /// Whether the contract offers so much memory.
    pub fn allows_memory(&self, memory: Memory) -> bool {
        self.memory_gib.iter().any(|gib| Memory::gib(*gib) == memory)
    }

    /// Whether the GPU can be had in the region.
    pub fn is_in(&self, region: &str) -> bool {
        self.regions.contains(&region)
    }

    /// Whether Google is said to take so many CPUs with this GPU.
    pub fn google_accepts_cpu(&self, cpu: Cpu) -> bool {
        let range = &self.google.cpus;
        cpu.as_whole().is_some_and(|count| {
            count >= range.min && count <= range.max && (count - range.min).is_multiple_of(range.step)
        })
    }

    /// The most memory that Google is said to give with so many CPUs.
    pub fn google_memory_limit(&self, cpu: Cpu) -> Memory {
        let most = cpu
            .as_whole()
            .unwrap_or(self.google.cpus.max)
            .min(self.google.cpus.max);
        Memory::gib(most * self.google.memory_gib_per_cpu)
    }

    /// Whether Google is said to let a task with this GPU run so long.
    pub fn google_accepts_timeout(&self, timeout: Duration) -> bool {
        timeout <= self.google.task_timeout
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}, {}", self.title, self.date, self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_and_google_disagree_where_the_reference_says_so() {
        let gpu = default();
        assert!(gpu.allows_cpu(Cpu::whole(32)) && !gpu.google_accepts_cpu(Cpu::whole(32)));
        assert!(gpu.allows_cpu(Cpu::whole(24)) && gpu.google_accepts_cpu(Cpu::whole(24)));
        assert!(!gpu.allows_cpu(Cpu::whole(22)) && gpu.google_accepts_cpu(Cpu::whole(22)));
        assert!(!gpu.google_accepts_cpu(Cpu::whole(21)));
        assert!(gpu.google_memory_limit(Cpu::whole(20)) < Memory::gib(96));
        assert_eq!(gpu.google_memory_limit(Cpu::whole(24)), Memory::gib(96));
        assert!(gpu.google_memory_limit(Cpu::whole(32)) < Memory::gib(128));
        assert!(!gpu.google_accepts_timeout(JOB_LIMITS.task_timeout));
    }

    #[test]
    fn what_is_offered_by_default_is_what_google_takes() {
        let gpu = default();
        assert!(gpu.google_accepts_cpu(Cpu::whole(gpu.cpus[0])));
        assert_eq!(
            gpu.google_memory_limit(Cpu::whole(gpu.cpus[0])),
            Memory::gib(gpu.memory_gib[0])
        );
        assert!(gpu.google_accepts_timeout(JOB_LIMITS.default_task_timeout));
    }
}
