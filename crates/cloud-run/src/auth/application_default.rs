//! Application-default credentials, in Google's order:
//! <https://cloud.google.com/docs/authentication/application-default-credentials>.
//!
//! Credentials that exist but do not work are an error; the next ones, which may be another account's, are not tried.

use reqwest::{Method, Url};
use std::path::PathBuf;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

use super::document::open_file;
use super::exchange::{DEFAULT_LIFETIME, IssuedToken, SCOPE, request, send};
use super::program::run;
use super::token_source::{OpenCredentials, TokenFuture, TokenSource};
use super::{file, input};
use crate::credentials_error::{CredentialsError, CredentialsProblem, ErrorKind};
use crate::transport::Transport;

pub(super) async fn open(transport: &Transport) -> Result<OpenCredentials, CredentialsError> {
    if let Some(path) = variable(KEY_VARIABLE) {
        let text = path.to_string_lossy();
        let path = input::path(text.trim(), &transport.redaction).ok_or_else(|| {
            input::describe(&text).error(&format!("{KEY_VARIABLE} must be the path of a credential file"))
        })?;
        let origin = format!("the file {} ({KEY_VARIABLE})", path.display());
        return open_file(&path, &origin, &transport.redaction).await;
    }
    if let Some(path) = well_known() {
        let origin = format!("gcloud's application-default credentials, {}", path.display());
        let exists = file::exists(path.clone()).await;
        if exists.map_err(|error| error.within(&origin))? {
            return open_file(&path, &origin, &transport.redaction)
                .await
                .map_err(CredentialsError::in_gcloud_file);
        }
    }
    let mut opened = OpenCredentials::new(Box::new(MetadataServer), "the metadata server");
    // Outside of Google Cloud there is none, and some networks never respond.
    let prefetched = timeout(METADATA_LIMIT, opened.fetch_token(transport)).await;
    let missing = match prefetched.unwrap_or_else(|_| Err(no_response())) {
        Ok(issued) => {
            opened.prefetched = Some(issued);
            return Ok(opened);
        }
        Err(error) if error.kind() == ErrorKind::Unreachable => error,
        Err(error) => {
            return Err(CredentialsError::new(format!(
                "could not get an access token with the metadata server: {error}"
            ))
            .with(error.kind())
            .with_problem(CredentialsProblem::MetadataServer));
        }
    };
    let mut opened = OpenCredentials::new(Box::new(Gcloud), "gcloud auth print-access-token");
    match opened.fetch_token(transport).await {
        Ok(issued) => {
            opened.prefetched = Some(issued);
            Ok(opened)
        }
        Err(error) => Err(CredentialsError::new(format!(
            "could not find default credentials: {KEY_VARIABLE} is not set, gcloud's application-default credentials do \
             not exist, the metadata server is not available ({missing}), and {error}"
        ))
        .with_problem(CredentialsProblem::NotFound)),
    }
}

fn no_response() -> CredentialsError {
    let limit = METADATA_LIMIT.as_secs();
    CredentialsError::new(format!("no response within {limit} seconds")).with(ErrorKind::Unreachable)
}

/// The metadata server of Compute Engine, GKE or Cloud Run, or the one that `GCE_METADATA_HOST` names:
/// <https://cloud.google.com/compute/docs/metadata/overview>.
struct MetadataServer;

impl TokenSource for MetadataServer {
    fn fetch_token<'a>(&'a mut self, transport: &'a Transport) -> TokenFuture<'a> {
        Box::pin(metadata_server(transport))
    }
}

async fn metadata_server(transport: &Transport) -> Result<IssuedToken, CredentialsError> {
    let host = variable(HOST_VARIABLE).map(|host| host.to_string_lossy().into_owned());
    let host = host.as_deref().unwrap_or("metadata.google.internal");
    let token = format!("http://{host}/computeMetadata/v1/instance/service-accounts/default/token");
    let url = Url::parse_with_params(&token, [("scopes", SCOPE)])
        .map_err(|_| CredentialsError::new(format!("{HOST_VARIABLE} must be a host, got {host:?}")))?;
    let request = request(transport, Method::GET, &url)?;
    IssuedToken::read(
        &send(request.header("Metadata-Flavor", "Google")).await?,
        &transport.redaction,
    )
}

/// The account that is signed in with the gcloud program.
struct Gcloud;

impl TokenSource for Gcloud {
    fn fetch_token<'a>(&'a mut self, transport: &'a Transport) -> TokenFuture<'a> {
        Box::pin(gcloud(transport))
    }
}

async fn gcloud(transport: &Transport) -> Result<IssuedToken, CredentialsError> {
    let mut command = Command::new(if cfg!(windows) { "gcloud.cmd" } else { "gcloud" });
    command.args(["auth", "print-access-token", "--quiet"]);
    let redaction = &transport.redaction;
    let printed = run(command, GCLOUD_LIMIT, redaction).await;
    let printed = printed.and_then(|output| output.ok(redaction));
    let printed = printed.map_err(|error| CredentialsError::new(format!("the program gcloud {error}")))?;
    // Its remaining lifetime is unknown; if it is rejected, gcloud runs again.
    Ok(IssuedToken::new(
        redaction.secret(printed.expose_secret().trim()),
        DEFAULT_LIFETIME,
    ))
}

/// The file that `gcloud auth application-default login` writes: <https://google.aip.dev/auth/4113>.
fn well_known() -> Option<PathBuf> {
    let folder = if cfg!(windows) {
        variable("APPDATA").map(|data| PathBuf::from(data).join("gcloud"))
    } else {
        std::env::home_dir().map(|home| home.join(".config").join("gcloud"))
    };
    folder.map(|folder| folder.join("application_default_credentials.json"))
}

fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

const KEY_VARIABLE: &str = "GOOGLE_APPLICATION_CREDENTIALS";
const HOST_VARIABLE: &str = "GCE_METADATA_HOST";
/// A metadata server is on the same host, and responds in milliseconds.
const METADATA_LIMIT: Duration = Duration::from_secs(5);
/// It is slow, and may have to send a request to Google.
const GCLOUD_LIMIT: Duration = Duration::from_secs(50);
