//! GPU facts: what the module's contract allows, and what Cloud Run is reported to accept.
//!
//! Each fact is in `catalog` only; rules, messages and documentation are made from it.

mod catalog;
mod data_source;

pub use catalog::{
    CATALOG, CLOUD_STORAGE, CloudStorage, DELAYED_EXECUTION, DISK_VOLUME, DelayedExecution, DiskVolume,
    Google, Gpu, JOB_LIMITS, JobLimits, Prices, Quota, Source, Steps,
};
pub use data_source::{GpuCatalog, SCHEMA, TYPE_NAME};

use crate::quantity::{Cpu, Memory};
use std::fmt;
use std::time::Duration;

/// The GPU of this name.
pub fn find(name: &str) -> Option<&'static Gpu> {
    CATALOG.iter().find(|gpu| gpu.name == name)
}

/// The default GPU.
pub fn default() -> &'static Gpu {
    &CATALOG[0]
}

impl Gpu {
    /// Whether the contract allows this amount of CPU.
    pub fn allows_cpu(&self, cpu: Cpu) -> bool {
        self.cpus.iter().any(|count| Cpu::whole(*count) == cpu)
    }

    /// The numbers of vCPUs that the contract allows; the first is the default.
    pub fn cpu_choices(&self) -> Vec<String> {
        let counts = self.cpus.iter();
        counts.map(|count| Cpu::whole(*count).to_string()).collect()
    }

    /// The amounts of memory that the contract allows; the first is the default.
    pub fn memory_choices(&self) -> Vec<String> {
        let amounts = self.memory_gib.iter();
        amounts.map(|gib| Memory::gib(*gib).to_string()).collect()
    }

    /// Whether the contract allows this amount of memory.
    pub fn allows_memory(&self, memory: Memory) -> bool {
        self.memory_gib.iter().any(|gib| Memory::gib(*gib) == memory)
    }

    /// Whether the GPU is available in the region.
    pub fn is_in(&self, region: &str) -> bool {
        self.regions.contains(&region)
    }

    /// Whether Cloud Run is reported to accept this amount of CPU.
    pub fn google_accepts_cpu(&self, cpu: Cpu) -> bool {
        let range = &self.google.cpus;
        cpu.as_whole().is_some_and(|count| {
            count >= range.min && count <= range.max && (count - range.min).is_multiple_of(range.step)
        })
    }

    /// The most memory that Cloud Run is reported to accept with this amount of CPU.
    pub fn google_memory_limit(&self, cpu: Cpu) -> Memory {
        let count = cpu
            .as_whole()
            .unwrap_or(self.google.cpus.max)
            .min(self.google.cpus.max);
        Memory::gib(count * self.google.memory_gib_per_cpu)
    }

    /// The longest task timeout that Cloud Run is reported to accept in a launch stage.
    pub fn google_task_timeout(&self, launch_stage: &str) -> Duration {
        match launch_stage {
            "GA" => self.google.task_timeout,
            _ => self.google.preview_task_timeout,
        }
    }

    /// The price of one hour of a task, in cents of a US dollar.
    pub fn cents_per_hour(&self, cpus: u64, memory_gib: u64) -> u64 {
        let prices = &self.prices;
        let per_second = prices.gpu + cpus * prices.cpu + memory_gib * prices.memory_gib;
        (per_second * 3600).div_ceil(10_000_000)
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
    fn contract_allows_more_than_google_accepts() {
        let gpu = default();
        assert!(gpu.allows_cpu(Cpu::whole(32)) && !gpu.google_accepts_cpu(Cpu::whole(32)));
        assert!(gpu.allows_cpu(Cpu::whole(24)) && gpu.google_accepts_cpu(Cpu::whole(24)));
        assert!(!gpu.allows_cpu(Cpu::whole(22)) && gpu.google_accepts_cpu(Cpu::whole(22)));
        assert!(!gpu.google_accepts_cpu(Cpu::whole(21)));
        assert!(gpu.google_memory_limit(Cpu::whole(20)) < Memory::gib(96));
        assert_eq!(gpu.google_memory_limit(Cpu::whole(24)), Memory::gib(96));
        assert!(gpu.google_memory_limit(Cpu::whole(32)) < Memory::gib(128));
        assert!(gpu.google_task_timeout(JOB_LIMITS.launch_stage) < JOB_LIMITS.task_timeout);
    }

    #[test]
    fn google_accepts_the_defaults() {
        let gpu = default();
        assert!(gpu.google_accepts_cpu(Cpu::whole(gpu.cpus[0])));
        assert_eq!(
            gpu.google_memory_limit(Cpu::whole(gpu.cpus[0])),
            Memory::gib(gpu.memory_gib[0])
        );
        assert!(JOB_LIMITS.default_task_timeout <= gpu.google_task_timeout("GA"));
    }

    #[test]
    fn price_is_for_gpu_cpu_and_memory() {
        assert_eq!(default().cents_per_hour(20, 80), 319);
        assert!(default().cents_per_hour(24, 96) > 319);
    }

    #[test]
    fn regions_by_invitation_are_regions() {
        for gpu in CATALOG {
            assert!(gpu.regions_by_invitation.iter().all(|region| gpu.is_in(region)));
        }
    }
}
