//! What can be set from outside.

use std::path::PathBuf;
use std::time::Duration;

pub use crate::fault::Rate;
pub use crate::quota::WriteQuota;

/// How an emulator behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// The only token taken; any non-empty one when `None`.
    pub token: Option<String>,
    /// How long every answer takes.
    pub latency: Duration,
    /// From the acceptance of a change to the end of its operation.
    pub operation_time: Duration,
    /// From the start of an execution to its end.
    pub execution_time: Duration,
    /// Whether the rules for resources and GPUs hold.
    pub rules: Rules,
    /// Whether a refused definition names its field in `details` too. Whether the service does is not known.
    pub bad_request_details: bool,
    /// Whether members of a job that the emulator does not know are stored and returned instead of refused.
    pub keep_unknown_fields: bool,
    /// How many jobs a page of a list has at most, whatever is asked for.
    pub largest_page: usize,
    /// Members of a job that a list leaves out.
    pub list_omits: Vec<String>,
    /// Where jobs are kept between starts.
    pub state: Option<PathBuf>,
    /// Where requests are written to, one JSON document a line.
    pub log: Option<PathBuf>,
    /// Faults to be armed from the start: name and how many times.
    pub faults: Vec<(String, u32)>,
    /// How many of all requests meet a fault by chance.
    pub fault_rate: Rate,
    /// Decides which requests those are.
    pub fault_seed: u64,
    /// How many writes are taken within a time; any number when `None`.
    pub write_quota: Option<WriteQuota>,
}

/// How much of what Google refuses is refused here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Rules {
    /// All that is known of it.
    Strict,
    /// All but the rules for CPU, memory and GPU.
    Permissive,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            token: None,
            latency: Duration::ZERO,
            operation_time: Duration::from_millis(100),
            execution_time: Duration::from_secs(1),
            rules: Rules::Strict,
            bad_request_details: false,
            keep_unknown_fields: false,
            largest_page: 1000,
            list_omits: Vec::new(),
            state: None,
            log: None,
            faults: Vec::new(),
            fault_rate: Rate::default(),
            fault_seed: 0,
            write_quota: None,
        }
    }
}
