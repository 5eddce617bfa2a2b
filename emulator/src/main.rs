//! The emulator's command line.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;

use clap::Parser;
use cloudrun_emulator::{Config, Server};
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
    #[command(flatten)]
    config: Config,
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
    let server = Server::new(flags.config)?;
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
