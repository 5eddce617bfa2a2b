//! The configuration: every field is a flag of the program.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser as _;

use crate::clock::parse_duration;
pub use crate::fault::Rate;
pub use crate::quota::WriteQuota;

/// The configuration of an emulator.
#[derive(Clone, Debug, clap::Args)]
pub struct Config {
    /// The only accepted token; by default any token is accepted.
    #[arg(long)]
    pub token: Option<String>,
    /// The latency of every response, such as 50ms.
    #[arg(long, default_value = "0ms", value_parser = parse_duration)]
    pub latency: Duration,
    /// The duration of operations.
    #[arg(long, default_value = "100ms", value_parser = parse_duration)]
    pub operation_time: Duration,
    /// The duration of executions whose tasks all run at once and succeed.
    #[arg(long, default_value = "1s", value_parser = parse_duration)]
    pub execution_time: Duration,
    /// Whether the rules for CPU, memory and GPU are enforced.
    #[arg(long, value_enum, default_value = "strict")]
    pub rules: Rules,
    /// Adds google.rpc.BadRequest details, which name the field, to errors of a job's definition.
    #[arg(long)]
    pub bad_request_details: bool,
    /// Stores and returns unknown members of a job, at any level, instead of rejecting them.
    #[arg(long)]
    pub keep_unknown_fields: bool,
    /// The maximum number of jobs in a page of a list, even if pageSize is larger.
    #[arg(long, value_name = "JOBS", default_value_t = 1000, value_parser = clap::value_parser!(u16).range(1..))]
    pub largest_page: u16,
    /// A member of a job that lists omit, such as etag; can be repeated.
    #[arg(long = "list-omits", value_name = "MEMBER")]
    pub list_omits: Vec<String>,
    /// A file that keeps jobs across restarts.
    #[arg(long)]
    pub state: Option<PathBuf>,
    /// A file to which every request is appended as a line of JSON.
    #[arg(long)]
    pub log: Option<PathBuf>,
    /// A fault that is armed at the start, as NAME or NAME=TIMES; can be repeated.
    #[arg(long = "fault", value_name = "NAME[=TIMES]", value_parser = fault)]
    pub faults: Vec<(String, u32)>,
    /// The share of requests that get a random fault, such as 5%.
    #[arg(long, default_value = "0%")]
    pub fault_rate: Rate,
    /// The seed of random faults: the same seed selects the same requests.
    #[arg(long, default_value_t = 0)]
    pub fault_seed: u64,
    /// The writes allowed per project, region and window of the wall clock, such as 60/1m.
    #[arg(long, value_name = "WRITES/WINDOW", value_parser = write_quota)]
    pub write_quota: Option<WriteQuota>,
    /// Omits Retry-After when the write quota is exceeded.
    #[arg(long, requires = "write_quota")]
    pub no_retry_after: bool,
}

/// Which rules are enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Rules {
    /// All rules.
    Strict,
    /// All except those for CPU, memory and GPU.
    Permissive,
}

/// The defaults of the flags.
impl Default for Config {
    fn default() -> Self {
        #[derive(clap::Parser)]
        struct NoFlags {
            #[command(flatten)]
            config: Config,
        }
        NoFlags::parse_from([""]).config
    }
}

/// Parses `60/1m`.
fn write_quota(text: &str) -> Result<WriteQuota, String> {
    let (writes, window) = text
        .split_once('/')
        .ok_or_else(|| "must be a number of writes and a window, such as 60/1m".to_owned())?;
    let writes = writes
        .parse()
        .map_err(|_| "WRITES must be an integer".to_owned())?;
    match parse_duration(window).map_err(|error| format!("WINDOW {error}"))? {
        Duration::ZERO => Err("WINDOW must be greater than 0".to_owned()),
        window => Ok(WriteQuota { writes, window }),
    }
}

/// Parses `NAME` or `NAME=TIMES`.
fn fault(text: &str) -> Result<(String, u32), String> {
    match text.split_once('=') {
        None => Ok((text.to_owned(), 1)),
        Some((name, times)) => {
            let times = times.parse().map_err(|_| "TIMES must be an integer".to_owned())?;
            Ok((name.to_owned(), times))
        }
    }
}
