//! The program: arguments, handshake, server.

use std::{env, error::Error, process, process::ExitCode};

use super::{
    Shutdown, StopSignal, grpc,
    handshake::{self, HandshakeConfig, HandshakeError},
    hclog,
    listener::Listener,
    panic, reattach,
    shutdown::Watch,
    tls::ServerTls,
};
use crate::provider::{Provider, ProviderInfo};
use crate::redact::Redactor;
use crate::server::Server;

/// Serves the provider until Terraform ends it. With arguments, prints the version or the help, or serves a Terraform that is
/// started separately (`--debug`). Errors are printed to stderr.
///
/// `main` must print nothing to stdout. Secrets in `redactor` are removed from log lines and diagnostics.
pub fn serve<P: Provider>(provider: P, redactor: Redactor) -> ExitCode {
    match run(provider, redactor) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Terraform shows what a plugin writes before its handshake line.
            hclog::write_stderr(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn Error + Send + Sync>;

fn run<P: Provider>(provider: P, redactor: Redactor) -> Result<(), Failure> {
    let info = provider.info();
    let mut arguments = env::args_os().skip(1);
    let Some(argument) = arguments.next() else {
        let config = HandshakeConfig::from_env().map_err(|error| match error {
            HandshakeError::NotStartedByTerraform => not_started_by_terraform(&provider),
            error => error.to_string(),
        })?;
        return in_runtime(
            &info,
            &redactor,
            serve_terraform(config, provider, redactor.clone()),
        );
    };
    match argument.to_str() {
        // With one dash, too, as in providers written in Go.
        Some("--debug" | "-debug") => in_runtime(&info, &redactor, serve_debug(provider, redactor.clone())),
        Some("--version" | "-version" | "-V") => {
            Ok(handshake::print_line(&format!("{} {}", info.name, info.version))?)
        }
        Some("--help" | "-help" | "-h") => Ok(handshake::print_line(&help(&info))?),
        _ => Err(format!("Unknown option {}.\n\n{}", argument.display(), help(&info)).into()),
    }
}

fn help(info: &ProviderInfo) -> String {
    let ProviderInfo {
        name,
        version,
        description,
        ..
    } = info;
    format!(
        "{name} {version}: {description}\n\n\
         Terraform starts this program without options.\n\n\
         Usage: {name} [OPTION]\n\n\
         Options:\n  \
         --debug    Serve a separately started Terraform, and print the variable to attach it\n  \
         --version  Print the version\n  \
         --help     Print this help"
    )
}

fn not_started_by_terraform<P: Provider>(provider: &P) -> String {
    let info = provider.info();
    let resources = provider.resources();
    // In Terraform the local name is the part of the resource type before the first `_`.
    let local_name = resources
        .first()
        .and_then(|resource| resource.type_name().split('_').next());
    format!(
        "{}\nDeclare it in a configuration and run `terraform init`:\n\n    \
         terraform {{\n      required_providers {{\n        {} = {{\n          \
         source = \"{}\"\n        }}\n      }}\n    }}\n\n\
         To debug the provider, run it with --debug; see --help.",
        HandshakeError::NotStartedByTerraform,
        local_name.unwrap_or(info.provider_type()),
        info.source
    )
}

/// Runs `work` in a new runtime, without waiting for calls that still run at its end.
///
/// Two worker threads, so that a long computation in one call does not delay `StopProvider` and `Shutdown`.
fn in_runtime(
    info: &ProviderInfo,
    redactor: &Redactor,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    panic::install(redactor.clone());
    hclog::install(info, redactor);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let served = runtime.block_on(work);
    runtime.shutdown_background();
    served
}

async fn serve_terraform<P: Provider>(
    config: HandshakeConfig,
    provider: P,
    redactor: Redactor,
) -> Result<(), Failure> {
    let watch = Watch::begin()?;
    let listener = Listener::bind(&config).await?;
    let tls = config.client_certificate.map(ServerTls::pinned_to).transpose()?;
    let certificate = tls.as_ref().map(|tls| &tls.certificate);
    handshake::print_line(&handshake::line(listener.address(), certificate))?;
    let (stop, shutdown) = (StopSignal::permanent(), Shutdown::default());
    watch.started_by_terraform(&shutdown, &stop);
    let server = Server::new(provider, stop.clone(), redactor);
    let served = grpc::serve(listener, tls.map(|tls| tls.config), server, stop, shutdown).await;
    // After the handshake line Terraform shows only lines that start like this one, and what follows them.
    served.map_err(|error| format!("fatal error: {error}").into())
}

/// Without TLS, which Terraform does not support for a plugin that it did not start. The directory of the socket is private; on
/// Windows, other users of the machine can connect.
async fn serve_debug<P: Provider>(provider: P, redactor: Redactor) -> Result<(), Failure> {
    let watch = Watch::begin()?;
    let listener = Listener::bind(&HandshakeConfig::for_debug()).await?;
    let source = provider.info().source;
    handshake::print_line(&reattach::instructions(source, listener.address(), process::id()))?;
    let (stop, shutdown) = (StopSignal::renewable(), Shutdown::default());
    watch.started_by_developer(&shutdown, &stop);
    let server = Server::new(provider, stop.clone(), redactor);
    Ok(grpc::serve(listener, None, server, stop, shutdown).await?)
}
