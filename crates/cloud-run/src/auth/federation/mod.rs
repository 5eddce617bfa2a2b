//! Workload and workforce identity federation: the token of another identity provider, the subject token, is exchanged
//! at Google's Security Token Service: <https://google.aip.dev/auth/4117>.

mod aws;
mod executable;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

use super::exchange::{IssuedToken, SCOPE, basic, request, send};
use super::file;
use super::token_source::{TokenFuture, TokenSource};
use super::url::{MAX_SHOWN, metadata_url, private_url};
use crate::credentials_error::CredentialsError;
use crate::redaction::{Redaction, Secret};
use crate::text::truncate;
use crate::transport::Transport;
use aws::Aws;
use executable::Executable;

/// The members of the document.
#[derive(Deserialize)]
pub(super) struct Document {
    audience: String,
    subject_token_type: String,
    token_url: String,
    credential_source: CredentialSource,
    client_id: Option<String>,
    client_secret: Option<String>,
    workforce_pool_user_project: Option<String>,
}

/// The source of the subject token, in the document.
#[derive(Deserialize)]
struct CredentialSource {
    file: Option<PathBuf>,
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    format: Format,
    executable: Option<executable::Document>,
    #[serde(flatten)]
    aws: aws::Document,
}

/// Exchanges subject tokens.
pub(super) struct Federation {
    token_url: Url,
    /// The form, without the subject token.
    form: Vec<(&'static str, String)>,
    /// The client of a workforce pool.
    authorization: Option<Secret>,
    source: SubjectTokenSource,
}

/// The source of the subject token.
enum SubjectTokenSource {
    File(PathBuf, Format),
    Url(Url, HeaderMap, Format),
    Executable(Executable),
    Aws(Aws),
}

/// The format of the subject token in a file or a response.
#[derive(Default, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Format {
    #[default]
    Text,
    Json {
        subject_token_field_name: String,
    },
}

impl Federation {
    /// The federation of a document; `account` is the service account that it impersonates.
    pub(super) fn new(
        document: Document,
        account: Option<&str>,
        redaction: &Redaction,
    ) -> Result<Federation, CredentialsError> {
        let client = document.client_id.zip(document.client_secret);
        let mut form = vec![
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange".to_owned(),
            ),
            (
                "requested_token_type",
                "urn:ietf:params:oauth:token-type:access_token".to_owned(),
            ),
            ("audience", document.audience.clone()),
            ("subject_token_type", document.subject_token_type.clone()),
            ("scope", SCOPE.to_owned()),
        ];
        if let Some(project) = document.workforce_pool_user_project
            && client.is_none()
        {
            form.push(("options", json!({ "userProject": project }).to_string()));
        }
        let source = document.credential_source;
        let source = if source.aws.environment_id.is_some() {
            SubjectTokenSource::Aws(Aws::new(source.aws, source.url.as_deref(), document.audience)?)
        } else if let Some(executable) = source.executable {
            let executable = Executable::new(
                executable,
                document.audience,
                document.subject_token_type,
                account,
            )?;
            SubjectTokenSource::Executable(executable)
        } else if let Some(url) = source.url {
            let url = metadata_url("credential_source.url", &url)?;
            let mut headers = HeaderMap::new();
            for (name, value) in source.headers {
                let value = redaction.secret(value);
                let valid =
                    (HeaderName::try_from(&name).ok()).zip(HeaderValue::try_from(value.expose_secret()).ok());
                let (name, mut value) = valid.ok_or_else(|| {
                    CredentialsError::new(format!(
                        "credential_source.headers must have valid HTTP header names and values, got an invalid header {:?}",
                        truncate(&name, MAX_SHOWN)
                    ))
                })?;
                value.set_sensitive(true);
                headers.insert(name, value);
            }
            SubjectTokenSource::Url(url, headers, source.format)
        } else if let Some(path) = source.file {
            SubjectTokenSource::File(path, source.format)
        } else {
            return Err(CredentialsError::new(
                "credential_source must have file, url, executable or environment_id",
            ));
        };
        Ok(Federation {
            token_url: private_url("token_url", &document.token_url)?,
            form,
            authorization: client.map(|(id, secret)| {
                redaction.add(&secret);
                basic(&id, &secret, redaction)
            }),
            source,
        })
    }

    async fn subject_token(&self, transport: &Transport) -> Result<Secret, CredentialsError> {
        let redaction = &transport.redaction;
        match &self.source {
            SubjectTokenSource::File(path, format) => {
                let token = file::read(path, redaction).await;
                let token = token.and_then(|text| format.read(text.expose_secret(), redaction));
                token.map_err(|error| error.within(&format!("the file {}", path.display())))
            }
            SubjectTokenSource::Url(url, headers, format) => {
                let request = request(transport, Method::GET, url)?.headers(headers.clone());
                format.read(&send(request).await?, redaction)
            }
            SubjectTokenSource::Executable(executable) => executable.subject_token(redaction).await,
            SubjectTokenSource::Aws(aws) => aws.subject_token(transport).await,
        }
    }

    async fn exchange(&self, transport: &Transport) -> Result<IssuedToken, CredentialsError> {
        let subject_token = self.subject_token(transport).await;
        let subject_token = subject_token.map_err(|error| error.within("the subject token"))?;
        let mut form: Vec<(&str, &str)> = self.form.iter().map(|(name, value)| (*name, &**value)).collect();
        form.push(("subject_token", subject_token.expose_secret()));
        let mut request = request(transport, Method::POST, &self.token_url)?.form(&form);
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization.expose_secret());
        }
        IssuedToken::read(&send(request).await?, &transport.redaction)
    }
}

impl TokenSource for Federation {
    fn fetch_token<'a>(&'a mut self, transport: &'a Transport) -> TokenFuture<'a> {
        Box::pin(self.exchange(transport))
    }
}

impl Format {
    /// Extracts the subject token. The content is not quoted: it may have a token in another member.
    fn read(&self, content: &str, redaction: &Redaction) -> Result<Secret, CredentialsError> {
        let token = match self {
            Format::Text => content.trim().to_owned(),
            Format::Json {
                subject_token_field_name: field,
            } => {
                let json: Json = serde_json::from_str(content).unwrap_or_default();
                let token = json[field].as_str().map(str::to_owned);
                token.ok_or_else(|| {
                    CredentialsError::new(format!("must be JSON with the token in the field `{field}`"))
                })?
            }
        };
        if token.is_empty() {
            return Err(CredentialsError::new("must not be empty"));
        }
        Ok(redaction.secret(token))
    }
}
