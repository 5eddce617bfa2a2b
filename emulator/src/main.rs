//! The emulator's command line.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use cloudrun_emulator::{Config, Rate, Rules, Server, WriteQuota};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// A local stand-in for the jobs surface of the Cloud Run Admin API v2.
#[derive(Parser)]
#[command(name = "cloudrun-emulator", version)]
struct Flags {
    /// The address to listen at, one of this machine alone: tokens are not looked up.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_parser = address)]
    host: IpAddr,
    /// Lets --host be an address that other machines reach, as a container needs.
    #[arg(long)]
    beyond_this_machine: bool,
    /// The port; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The only token that is taken; without it any token will do.
    #[arg(long)]
    token: Option<String>,
    /// How long every answer takes, such as 50ms.
    #[arg(long, default_value = "0ms", value_parser = duration)]
    latency: Duration,
    /// How long operations take.
    #[arg(long, default_value = "100ms", value_parser = duration)]
    operation_time: Duration,
    /// How long executions take.
    #[arg(long, default_value = "1s", value_parser = duration)]
    execution_time: Duration,
    /// Whether the rules for CPU, memory and GPU hold.
    #[arg(long, value_enum, default_value = "strict")]
    rules: Rules,
    /// Refusals of a job's definition name the field in google.rpc.BadRequest details too.
    #[arg(long)]
    bad_request_details: bool,
    /// Members of a job that the emulator does not know, at any level, are stored and returned as they came.
    #[arg(long)]
    keep_unknown_fields: bool,
    /// How many jobs a page of a list has at most, whatever is asked for.
    #[arg(long, value_name = "JOBS", default_value_t = 1000, value_parser = clap::value_parser!(u16).range(1..))]
    largest_page: u16,
    /// A member of a job that lists leave out, such as etag; may be given several times.
    #[arg(long = "list-omits", value_name = "MEMBER")]
    list_omits: Vec<String>,
    /// A file that keeps jobs between starts.
    #[arg(long)]
    state: Option<PathBuf>,
    /// A file that gets every request as a line of JSON.
    #[arg(long)]
    log: Option<PathBuf>,
    /// Arms a fault from the start: NAME or NAME=TIMES. May be given several times.
    #[arg(long = "fault", value_name = "NAME[=TIMES]", value_parser = fault)]
    faults: Vec<(String, u32)>,
    /// How many of all requests meet a fault by chance, such as 5%.
    #[arg(long, default_value = "0%")]
    fault_rate: Rate,
    /// A number that decides which requests those are.
    #[arg(long, default_value_t = 0)]
    fault_seed: u64,
    /// How many writes are taken within a window of the wall clock, for each project and region, such as 60/1m.
    #[arg(long, value_name = "WRITES/WINDOW", value_parser = write_quota)]
    write_quota: Option<WriteQuota>,
    /// Refusals by that quota do not say when to come back.
    #[arg(long, requires = "write_quota")]
    no_retry_after: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    if !flags.host.is_loopback() && !flags.beyond_this_machine {
        eprintln!(
            "cloudrun-emulator: it takes any token, so it listens at this machine's loopback only. --host is {}. Where \
             other machines may reach it, as in a container, add --beyond-this-machine.",
            flags.host
        );
        return ExitCode::FAILURE;
    }
    match serve(flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cloudrun-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(flags: Flags) -> std::io::Result<()> {
    // Before the address is told: whoever reads it may send a signal at once.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let server = Server::new(Config {
        token: flags.token,
        latency: flags.latency,
        operation_time: flags.operation_time,
        execution_time: flags.execution_time,
        rules: flags.rules,
        bad_request_details: flags.bad_request_details,
        keep_unknown_fields: flags.keep_unknown_fields,
        largest_page: flags.largest_page.into(),
        list_omits: flags.list_omits,
        state: flags.state,
        log: flags.log,
        faults: flags.faults,
        fault_rate: flags.fault_rate,
        fault_seed: flags.fault_seed,
        write_quota: flags.write_quota.map(|quota| WriteQuota {
            retry_after: !flags.no_retry_after,
            ..quota
        }),
    })?;
    let listener = TcpListener::bind((flags.host, flags.port)).await?;
    let mut stdout = std::io::stdout();
    writeln!(
        stdout,
        "cloudrun-emulator listening on http://{}",
        listener.local_addr()?
    )?;
    stdout.flush()?;
    let shutdown = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    server.run(listener, shutdown).await;
    Ok(())
}

/// Reads an address, and no name: which addresses a name has is for others to say.
fn address(text: &str) -> Result<IpAddr, String> {
    text.parse()
        .map_err(|_| "an address is one such as 127.0.0.1 or ::1".to_owned())
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
        window => Ok(WriteQuota {
            writes,
            window,
            retry_after: true,
        }),
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
