//! Subject tokens that a program prints:
//! <https://google.aip.dev/auth/4117#determining-the-subject-token-in-executable-sourced-credentials>.

use serde::Deserialize;
use serde_json::Value as Json;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tokio::process::Command;

use crate::cloudrun::Secret;
use crate::cloudrun::auth::program::{quoted, run};
use crate::cloudrun::auth::{CredentialsError, file, text};

/// A program, and how it is run.
pub(super) struct Executable {
    program: String,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    limit: Duration,
    output_file: Option<PathBuf>,
    origin: String,
}

impl Executable {
    pub(super) fn new(
        json: &Json,
        account: Option<&str>,
        origin: &str,
    ) -> Result<Executable, CredentialsError> {
        let executable = &json["credential_source"]["executable"];
        let mut words = text(executable, "command").split_whitespace().map(str::to_owned);
        let program = words.next().ok_or_else(|| {
            CredentialsError::new(format!(
                "the executable of credential_source in {origin} has no command"
            ))
        })?;
        let output_file = executable["output_file"].as_str().filter(|path| !path.is_empty());
        let mut environment = vec![
            (
                "GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE",
                text(json, "audience").to_owned(),
            ),
            (
                "GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE",
                text(json, "subject_token_type").to_owned(),
            ),
            ("GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE", "0".to_owned()),
        ];
        let more = [
            ("GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL", account),
            ("GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE", output_file),
        ];
        environment.extend(
            more.into_iter()
                .filter_map(|(name, value)| Some((name, value?.to_owned()))),
        );
        let limit = executable["timeout_millis"].as_u64();
        Ok(Executable {
            program,
            arguments: words.collect(),
            environment,
            limit: limit
                .map_or(USUAL_LIMIT, Duration::from_millis)
                .min(LONGEST_LIMIT),
            output_file: output_file.map(PathBuf::from),
            origin: origin.to_owned(),
        })
    }

    /// What the program printed last, as far as that is still good, or else what it prints now.
    pub(super) async fn subject_token(&self) -> Result<Secret, CredentialsError> {
        if let Some(path) = &self.output_file
            && let Ok(printed) = file::read(path).await
            && let Some(response) = Response::read(&printed)
            && response.success
            && response.expiration_time.is_some()
            && let Ok(token) = response.token()
        {
            return Ok(token);
        }
        let allowed = std::env::var(ALLOW).is_ok_and(|allowed| allowed == "1");
        let printed = match allowed {
            true => self.run().await,
            false => Err(format!("is run only when {ALLOW} is 1")),
        };
        printed.map_err(|why| {
            CredentialsError::new(format!(
                "the program {}, which credential_source in {} names, {why}",
                self.program, self.origin
            ))
        })
    }

    /// Runs the program, once: what it fails of does not pass in a moment.
    async fn run(&self) -> Result<Secret, String> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        let output = run(command, self.limit)
            .await
            .map_err(|error| error.to_string())?;
        let response = Response::read(&output.printed);
        if let Some(response) = response.as_ref().filter(|response| !response.success) {
            return Err(response.failure());
        }
        output.ok().map_err(|error| error.to_string())?;
        let response = response.ok_or("must print a JSON object that says whether it has a token")?;
        response.token()
    }
}

/// What a program prints, or leaves in its output file.
#[derive(Deserialize)]
struct Response {
    success: bool,
    token_type: Option<String>,
    id_token: Option<String>,
    saml_response: Option<String>,
    /// In seconds since 1970.
    expiration_time: Option<f64>,
    code: Option<String>,
    message: Option<String>,
}

impl Response {
    /// Whatever it says, its tokens are secret from here on.
    fn read(printed: &Secret) -> Option<Response> {
        let response: Response = serde_json::from_str(printed.reveal()).ok()?;
        for token in [&response.id_token, &response.saml_response] {
            token.iter().for_each(|token| drop(Secret::new(token.as_str())));
        }
        Some(response)
    }

    fn failure(&self) -> String {
        let said = [&self.code, &self.message].map(|text| text.as_deref().unwrap_or_default());
        format!("reports a failure: {}", quoted(&said.join(" ")))
    }

    fn token(self) -> Result<Secret, String> {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        if self.expiration_time.is_some_and(|end| end < now.as_secs_f64()) {
            return Err("must print a token that is still good; its expiration_time is over".to_owned());
        }
        let (member, token) = match self.token_type.as_deref() {
            Some(SAML) => ("saml_response", self.saml_response),
            Some(kind) if JWTS.contains(&kind) => ("id_token", self.id_token),
            _ => {
                return Err(format!(
                    "must print a token_type out of {}, {SAML}",
                    JWTS.join(", ")
                ));
            }
        };
        match token {
            Some(token) if !token.is_empty() => Ok(Secret::new(token)),
            _ => Err(format!("must print the token as {member}")),
        }
    }
}

const JWTS: [&str; 3] = [
    "urn:ietf:params:oauth:token-type:jwt",
    "urn:ietf:params:oauth:token-type:id_token",
    "urn:ietf:params:oauth:token-type:access_token",
];
const SAML: &str = "urn:ietf:params:oauth:token-type:saml2";
const ALLOW: &str = "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES";
const USUAL_LIMIT: Duration = Duration::from_secs(30);
/// Less than a token is waited for, so that the program is named.
const LONGEST_LIMIT: Duration = Duration::from_secs(50);

#[cfg(test)]
mod tests;
