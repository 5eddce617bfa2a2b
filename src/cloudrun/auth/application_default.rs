//! The credentials of this machine, in Google's order:
//! <https://cloud.google.com/docs/authentication/application-default-credentials>.
//!
//! Those that are there but do not work are not passed over in silence: what comes next may be somebody else.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

use super::{CredentialsError, Outlook, TokenSource, file, gcloud, input, metadata_server, open_file};
use crate::cloudrun::transport::Transport;

pub(super) async fn open(transport: &Arc<Transport>) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    if let Some(path) = set(KEY_VARIABLE) {
        let text = path.to_string_lossy();
        let path = input::path(text.trim()).ok_or_else(|| {
            CredentialsError::new(format!(
                "{KEY_VARIABLE} must be the path of a file with a credential document, got {}",
                input::describe(&text)
            ))
        })?;
        let origin = format!("the file {} ({KEY_VARIABLE})", path.display());
        return open_file(&path, &origin, transport).await;
    }
    if let Some(path) = well_known() {
        let origin = format!("gcloud's application-default credentials, {},", path.display());
        let exists = file::exists(&path).await;
        if exists.map_err(|error| CredentialsError::new(format!("{origin} cannot be read: {error}")))? {
            return open_file(&path, &origin, transport).await.map_err(|error| {
                CredentialsError::new(format!(
                    "{error}. Run gcloud auth application-default login again"
                ))
            });
        }
    }
    let machine = match machine(transport).await {
        Ok(machine) => return Ok(machine),
        Err(nobody) if nobody.outlook == Outlook::Nobody => nobody,
        Err(why) => {
            return Err(CredentialsError::new(format!(
                "{why}. To use a sign-in of your own instead, run gcloud auth application-default login"
            ))
            .with(why.outlook));
        }
    };
    gcloud::open().await.map_err(|gcloud| {
        CredentialsError::new(format!(
            "no credentials were found: the provider has no credentials and no access_token, neither GOOGLE_CREDENTIALS \
             nor {KEY_VARIABLE} is set, and nothing else gives any (gcloud's application-default credentials: not \
             there; metadata server: {machine}; gcloud auth print-access-token: {gcloud}). Run gcloud auth \
             application-default login, or set one of the former"
        ))
    })
}

/// The metadata server, if it gives a token: off Google's cloud there is none, and some networks answer nothing to
/// whoever looks for it.
async fn machine(transport: &Arc<Transport>) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    let source = metadata_server::open(transport)?;
    match timeout(METADATA_LIMIT, source.token()).await {
        Ok(Ok(_)) => Ok(source),
        Ok(Err(why)) => Err(why),
        Err(_) => Err(CredentialsError::new("it does not answer").with(Outlook::Nobody)),
    }
}

/// Where `gcloud auth application-default login` leaves credentials: <https://google.aip.dev/auth/4113>.
fn well_known() -> Option<PathBuf> {
    let folder = if cfg!(windows) {
        set("APPDATA").map(|data| PathBuf::from(data).join("gcloud"))
    } else {
        std::env::home_dir().map(|home| home.join(".config").join("gcloud"))
    };
    folder.map(|folder| folder.join("application_default_credentials.json"))
}

fn set(variable: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(variable).filter(|value| !value.is_empty())
}

const KEY_VARIABLE: &str = "GOOGLE_APPLICATION_CREDENTIALS";
/// A metadata server is on the same host, and answers in milliseconds.
const METADATA_LIMIT: Duration = Duration::from_secs(5);
