//! The emulator's command line.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use clap::Parser;
use cloudrun_emulator::{Config, Server};
use tokio::net::TcpListener;

/// A local emulator of the jobs of the Cloud Run Admin API v2.
#[derive(Parser)]
#[command(name = "cloudrun-emulator", version)]
struct Flags {
    /// The IP address to listen on; a loopback address, because tokens are not verified.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_parser = address)]
    host: IpAddr,
    /// Allows a --host that is not a loopback address, as in a container.
    #[arg(long)]
    beyond_this_machine: bool,
    /// The port; 0 selects a free one.
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
            "cloudrun-emulator: --host must be a loopback address, because tokens are not verified, got {}. Add \
             --beyond-this-machine to accept connections from other machines, as in a container.",
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
    // Installed before the address is printed: a reader of it may send a signal at once.
    let shutdown = shutdown_signal()?;
    let server = Server::new(flags.config)?;
    let address = SocketAddr::new(flags.host, flags.port);
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| std::io::Error::new(error.kind(), format!("cannot listen on {address}: {error}")))?;
    let mut stdout = std::io::stdout();
    writeln!(
        stdout,
        "cloudrun-emulator listening on http://{}",
        listener.local_addr()?
    )?;
    stdout.flush()?;
    server.run(listener, shutdown).await;
    Ok(())
}

/// Waits for SIGINT or SIGTERM, which are handled from the call on.
#[cfg(unix)]
fn shutdown_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Waits for Ctrl-C, which is handled from the call on.
#[cfg(windows)]
fn shutdown_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

/// Parses an IP address; host names are not resolved.
fn address(text: &str) -> Result<IpAddr, String> {
    text.parse()
        .map_err(|_| "must be an IP address such as 127.0.0.1 or ::1".to_owned())
}
