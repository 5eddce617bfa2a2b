//! The program as `main` sees it: understand who asks, then serve.

use std::{env, error::Error, process, process::ExitCode};

use super::{
    Lifetime, StopSignal,
    handshake::{self, Invitation},
    hclog,
    lifetime::Watch,
    listener::Listener,
    panic, reattach, serve,
    tls::ServerTls,
};
use crate::proto::tfplugin6::provider_server::Provider;
use crate::redact::Redactor;

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
/// it must be cheap, since Terraform starts a provider several times per command. No log line has what `redactor` knows.
pub fn run<P: Provider>(redactor: &Redactor, make_provider: impl FnOnce(StopSignal) -> P) -> ExitCode {
    match answer(redactor, make_provider) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Terraform shows what a plugin writes before its handshake line. A closed stderr is no reason to panic.
            hclog::write_stderr(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn Error + Send + Sync>;

fn answer<P: Provider>(
    redactor: &Redactor,
    make_provider: impl FnOnce(StopSignal) -> P,
) -> Result<(), Failure> {
    let mut arguments = env::args_os().skip(1);
    let Some(argument) = arguments.next() else {
        let invitation = Invitation::from_env()?;
        return in_runtime(redactor, serve_terraform(invitation, make_provider));
    };
    match argument.to_str() {
        // Go programs, which most providers are, take flags with one dash too.
        Some("--debug" | "-debug") => in_runtime(redactor, serve_debugger(make_provider)),
        Some("--version" | "-version" | "-V") => Ok(handshake::announce(concat!(
            "terraform-provider-facets-gpu ",
            env!("CARGO_PKG_VERSION")
        ))?),
        Some("--help" | "-help" | "-h") => Ok(handshake::announce(HELP)?),
        _ => Err(format!("Unknown argument {}.\n\n{HELP}", argument.display()).into()),
    }
}

/// Does the work, and leaves without waiting for what still runs then.
///
/// Two workers rather than one thread: a call that computes for long then keeps no other from hearing `StopProvider`
/// and `Shutdown`.
fn in_runtime(redactor: &Redactor, work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    panic::install(redactor.clone());
    hclog::install(redactor);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let served = runtime.block_on(work);
    runtime.shutdown_background();
    served
}

async fn serve_terraform<P: Provider>(
    invitation: Invitation,
    make_provider: impl FnOnce(StopSignal) -> P,
) -> Result<(), Failure> {
    let watch = Watch::begin()?;
    let listener = Listener::bind(&invitation).await?;
    let tls = invitation
        .client_certificate
        .map(ServerTls::pinned_to)
        .transpose()?;
    let certificate = tls.as_ref().map(|tls| &tls.certificate);
    handshake::announce(&handshake::line(listener.address(), certificate))?;
    let (stop, lifetime) = (StopSignal::permanent(), Lifetime::default());
    watch.signals_and_parent(&lifetime, &stop);
    let provider = make_provider(stop.clone());
    let served = serve(listener, tls.map(|tls| tls.config), provider, stop, lifetime).await;
    // From the line on, Terraform takes what stands on stderr for a log, which few users see, until a line begins as
    // this one does: that it shows, with everything after it.
    served.map_err(|error| format!("fatal error: {error}").into())
}

/// No TLS: the socket's folder keeps other users out, and Terraform offers nothing better to a plugin that it has
/// not started.
async fn serve_debugger<P: Provider>(make_provider: impl FnOnce(StopSignal) -> P) -> Result<(), Failure> {
    let watch = Watch::begin()?;
    let listener = Listener::bind(&Invitation::from_debugger()).await?;
    handshake::announce(&reattach::instructions(listener.address(), process::id()))?;
    let (stop, lifetime) = (StopSignal::renewable(), Lifetime::default());
    watch.signals_of_a_developer(&lifetime, &stop);
    let provider = make_provider(stop.clone());
    Ok(serve(listener, None, provider, stop, lifetime).await?)
}
