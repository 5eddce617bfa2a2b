//! What can be set from outside, as flags of the program.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser as _;

pub use crate::fault::Rate;
pub use crate::quota::WriteQuota;

/// How an emulator behaves.
#[derive(Clone, Debug, clap::Args)]
pub struct Config {
    /// The only token that is taken; without it any token will do.
    #[arg(long)]
    pub token: Option<String>,
    /// How long every answer takes, such as 50ms.
    #[arg(long, default_value = "0ms", value_parser = duration)]
    pub latency: Duration,
    /// How long operations take.
    #[arg(long, default_value = "100ms", value_parser = duration)]
    pub operation_time: Duration,
    /// How long executions take.
    #[arg(long, default_value = "1s", value_parser = duration)]
    pub execution_time: Duration,
    /// Whether the rules for CPU, memory and GPU hold.
    #[arg(long, value_enum, default_value = "strict")]
    pub rules: Rules,
    /// Refusals of a job's definition name the field in google.rpc.BadRequest details too.
    #[arg(long)]
    pub bad_request_details: bool,
    /// Members of a job that the emulator does not know, at any level, are stored and returned as they came.
    #[arg(long)]
    pub keep_unknown_fields: bool,
    /// How many jobs a page of a list has at most, whatever is asked for.
    #[arg(long, value_name = "JOBS", default_value_t = 1000, value_parser = clap::value_parser!(u16).range(1..))]
    pub largest_page: u16,
    /// A member of a job that lists leave out, such as etag; may be given several times.
    #[arg(long = "list-omits", value_name = "MEMBER")]
    pub list_omits: Vec<String>,
    /// A file that keeps jobs between starts.
    #[arg(long)]
    pub state: Option<PathBuf>,
    /// A file that gets every request as a line of JSON.
    #[arg(long)]
    pub log: Option<PathBuf>,
    /// Arms a fault from the start: NAME or NAME=TIMES. May be given several times.
    #[arg(long = "fault", value_name = "NAME[=TIMES]", value_parser = fault)]
    pub faults: Vec<(String, u32)>,
    /// How many of all requests meet a fault by chance, such as 5%.
    #[arg(long, default_value = "0%")]
    pub fault_rate: Rate,
    /// A number that decides which requests those are.
    #[arg(long, default_value_t = 0)]
    pub fault_seed: u64,
    /// How many writes are taken within a window of the wall clock, for each project and region, such as 60/1m.
    #[arg(long, value_name = "WRITES/WINDOW", value_parser = write_quota)]
    pub write_quota: Option<WriteQuota>,
    /// Refusals by that quota do not say when to come back.
    #[arg(long, requires = "write_quota")]
    pub no_retry_after: bool,
}

/// How much of what Google refuses is refused here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Rules {
    /// All that is known of it.
    Strict,
    /// All but the rules for CPU, memory and GPU.
    Permissive,
}

/// What holds when no flag is given.
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

/// Reads `50ms`, `1.5s` or `2m`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = if let Some(number) = text.strip_suffix("ms") {
        (number, 0.001)
    } else if let Some(number) = text.strip_suffix('s') {
        (number, 1.0)
    } else if let Some(number) = text.strip_suffix('m') {
        (number, 60.0)
    } else {
        return Err("a duration ends in ms, s or m".to_owned());
    };
    let number: f64 = number
        .parse()
        .map_err(|_| "a duration is a number and a unit".to_owned())?;
    Duration::try_from_secs_f64(number * unit).map_err(|error| error.to_string())
}

/// Reads `60/1m`: so many writes in such a window.
fn write_quota(text: &str) -> Result<WriteQuota, String> {
    let (writes, window) = text
        .split_once('/')
        .ok_or_else(|| "a quota is a number of writes and a window, such as 60/1m".to_owned())?;
    let writes = writes
        .parse()
        .map_err(|_| "WRITES is a whole number".to_owned())?;
    match duration(window)? {
        Duration::ZERO => Err("WINDOW is more than nothing".to_owned()),
        window => Ok(WriteQuota { writes, window }),
    }
}

/// Reads `NAME` or `NAME=TIMES`.
fn fault(text: &str) -> Result<(String, u32), String> {
    match text.split_once('=') {
        None => Ok((text.to_owned(), 1)),
        Some((name, times)) => {
            let times = times.parse().map_err(|_| "TIMES is a whole number".to_owned())?;
            Ok((name.to_owned(), times))
        }
    }
}
