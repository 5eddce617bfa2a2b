//! The program as `main` sees it: understand who asks, then serve.

use std::{env, error::Error, process, process::ExitCode};

#[cfg(unix)]
use super::leftovers;
use super::{
    Lifetime, StopSignal,
    handshake::{self, Invitation},
    hclog,
    lifetime::Watch,
    listener::{Address, Listener},
    panic,
    proto::tfplugin6::provider_server::Provider,
    reattach, serve,
    tls::ServerTls,
};

const HELP: &str = concat!(
    "terraform-provider-facets-gpu ",
    env!("CARGO_PKG_VERSION"),
    ": Terraform provider for GPU batch jobs on Google Cloud Run\n\n\
     Terraform starts this program itself. By hand:\n\n  \
     --debug    serve a Terraform that is started by hand, and print how to attach it\n  \
     --version  print the version\n  \
     --help     print this text"
);

/// Reports to the user on stderr, or serves until Terraform is done. What `make_provider` makes answers the calls;
/// it must be cheap, since Terraform starts a provider several times per command.
pub fn run<P: Provider>(make_provider: impl FnOnce(StopSignal) -> P) -> ExitCode {
    match answer(make_provider) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Terraform shows what a plugin writes before its handshake line. A closed stderr is no reason to panic.
            hclog::write_stderr(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn Error + Send + Sync>;

fn answer<P: Provider>(make_provider: impl FnOnce(StopSignal) -> P) -> Result<(), Failure> {
    let mut arguments = env::args_os().skip(1);
    let Some(argument) = arguments.next() else {
        return serve_terraform(make_provider);
    };
    match argument.to_str() {
        // Go programs, which most providers are, take flags with one dash too.
        Some("--debug" | "-debug") => serve_debugger(make_provider),
        Some("--version" | "-version" | "-V") => Ok(handshake::announce(concat!(
            "terraform-provider-facets-gpu ",
            env!("CARGO_PKG_VERSION")
        ))?),
        Some("--help" | "-help" | "-h") => Ok(handshake::announce(HELP)?),
        _ => Err(format!("Unknown argument {}.\n\n{HELP}", argument.display()).into()),
    }
}

fn serve_terraform<P: Provider>(make_provider: impl FnOnce(StopSignal) -> P) -> Result<(), Failure> {
    let invitation = Invitation::from_env()?;
    panic::install();
    let watch = Watch::begin()?;
    let tls = invitation
        .client_certificate
        .clone()
        .map(ServerTls::pinned_to)
        .transpose()?;
    let listener = Listener::bind(&invitation)?;
    let certificate = tls.as_ref().map(|tls| &tls.certificate);
    let address = listener.address().clone();
    handshake::announce(&handshake::line(&address, certificate))?;
    after_the_line(&address, async {
        let (stop, lifetime) = (StopSignal::permanent(), Lifetime::default());
        watch.signals_and_parent(&lifetime, &stop);
        let config = tls.map(ServerTls::config).transpose()?;
        let provider = make_provider(stop.clone());
        Ok(serve(listener, config, provider, stop, lifetime).await?)
    })
}

/// No TLS: the socket's folder keeps other users out, and Terraform offers nothing better to a plugin that it has
/// not started.
fn serve_debugger<P: Provider>(make_provider: impl FnOnce(StopSignal) -> P) -> Result<(), Failure> {
    panic::install();
    let watch = Watch::begin()?;
    let listener = Listener::bind(&Invitation::from_debugger())?;
    let address = listener.address().clone();
    handshake::announce(&reattach::instructions(&address, process::id()))?;
    after_the_line(&address, async {
        let (stop, lifetime) = (StopSignal::renewable(), Lifetime::default());
        watch.signals_of_a_developer(&lifetime, &stop);
        let provider = make_provider(stop.clone());
        Ok(serve(listener, None, provider, stop, lifetime).await?)
    })
}

/// Everything that the handshake line does not need: logging, threads, what others have left behind, and `work`, which serves to the end. Leaves
/// without waiting for whatever still runs then.
///
/// Terraform waits for the line and connects only after it, so what is done here it does not wait for.
///
/// Two workers rather than one thread: a call that computes for long then keeps nobody from hearing `StopProvider`
/// and `Shutdown`.
fn after_the_line(address: &Address, work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    hclog::install();
    #[cfg(unix)]
    leftovers::remove_beside(address);
    #[cfg(not(unix))]
    let _ = address;
    let served = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::from)
        .and_then(|runtime| {
            let served = runtime.block_on(work);
            runtime.shutdown_background();
            served
        });
    // From the line on, Terraform takes what stands on stderr for a log, which few users see, until a line begins as
    // this one does: that it shows, with everything after it.
    served.map_err(|error| format!("fatal error: {error}").into())
}
