//! Subject tokens that a program prints:
//! <https://google.aip.dev/auth/4117#determining-the-subject-token-in-executable-sourced-credentials>.

use serde::Deserialize;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tokio::process::Command;

use crate::auth::file;
use crate::auth::program::{quote_message, run};
use crate::credentials_error::CredentialsError;
use crate::redaction::{Redaction, Secret};

/// The members of the document.
#[derive(Deserialize)]
pub(super) struct Document {
    command: String,
    timeout_millis: Option<u64>,
    output_file: Option<String>,
}

/// A program and its environment.
pub(super) struct Executable {
    program: String,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    limit: Duration,
    output_file: Option<PathBuf>,
}

impl Executable {
    pub(super) fn new(
        document: Document,
        audience: String,
        token_type: String,
        account: Option<&str>,
    ) -> Result<Executable, CredentialsError> {
        let mut words = document.command.split_whitespace().map(str::to_owned);
        let program = words.next();
        let output_file = document.output_file.filter(|path| !path.is_empty());
        let environment = [
            ("GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE", Some(audience)),
            ("GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE", Some(token_type)),
            ("GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE", Some("0".to_owned())),
            (
                "GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL",
                account.map(str::to_owned),
            ),
            ("GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE", output_file.clone()),
        ];
        Ok(Executable {
            program: program.ok_or_else(|| {
                CredentialsError::new("credential_source.executable.command must not be empty")
            })?,
            arguments: words.collect(),
            environment: environment
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
            limit: document
                .timeout_millis
                .map_or(DEFAULT_TIMEOUT, Duration::from_millis)
                .min(MAX_LIMIT),
            output_file: output_file.map(PathBuf::from),
        })
    }

    /// The token in the output file, if it is still valid, otherwise the one that the program prints.
    pub(super) async fn subject_token(&self, redaction: &Redaction) -> Result<Secret, CredentialsError> {
        if let Some(path) = &self.output_file
            && let Ok(printed) = file::read(path, redaction).await
            && let Ok(response) = serde_json::from_str::<Response>(printed.expose_secret())
            && response.success
            && response.expiration_time.is_some()
            && let Ok(token) = response.token(redaction)
        {
            return Ok(token);
        }
        let printed = if std::env::var(ALLOW).is_ok_and(|allowed| allowed == "1") {
            self.run(redaction).await
        } else {
            Err(format!("must be allowed to run: set {ALLOW} to 1"))
        };
        printed.map_err(|why| CredentialsError::new(format!("the program {} {why}", self.program)))
    }

    async fn run(&self, redaction: &Redaction) -> Result<Secret, String> {
        let mut command = Command::new(&self.program);
        let environment = self.environment.iter().map(|(name, value)| (name, value));
        command.args(&self.arguments).envs(environment);
        let output = run(command, self.limit, redaction)
            .await
            .map_err(|error| error.to_string())?;
        let response: Option<Response> = serde_json::from_str(output.printed.expose_secret()).ok();
        if let Some(response) = response.as_ref().filter(|response| !response.success) {
            let reason = [&response.code, &response.message].map(|text| text.as_deref().unwrap_or_default());
            return Err(format!(
                "reported an error: {}",
                quote_message(&reason.join(" "), redaction)
            ));
        }
        output.ok(redaction).map_err(|error| error.to_string())?;
        response
            .ok_or("must print a JSON object with success and a token")?
            .token(redaction)
    }
}

/// The output of a program, or its output file.
#[derive(Deserialize)]
struct Response {
    success: bool,
    token_type: Option<String>,
    id_token: Option<String>,
    saml_response: Option<String>,
    /// Seconds since 1970.
    expiration_time: Option<f64>,
    code: Option<String>,
    message: Option<String>,
}

impl Response {
    fn token(self, redaction: &Redaction) -> Result<Secret, String> {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        if self.expiration_time.is_some_and(|end| end < now.as_secs_f64()) {
            return Err("must print a valid token, got one whose expiration_time has passed".to_owned());
        }
        let (member, token) = match self
            .token_type
            .as_deref()
            .and_then(|kind| kind.strip_prefix(TOKEN_TYPE))
        {
            Some("saml2") => ("saml_response", self.saml_response),
            Some("jwt" | "id_token" | "access_token") => ("id_token", self.id_token),
            _ => {
                return Err(format!(
                    "must print a token_type of {TOKEN_TYPE}jwt, id_token, access_token or saml2"
                ));
            }
        };
        let token = token.filter(|token| !token.is_empty());
        let token = token.map(|token| redaction.secret(token));
        token.ok_or_else(|| format!("must print the token as {member}"))
    }
}

const TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:";
const ALLOW: &str = "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// Less than the limit for a token, so that the error names the program.
const MAX_LIMIT: Duration = Duration::from_secs(50);

#[cfg(test)]
mod tests;
