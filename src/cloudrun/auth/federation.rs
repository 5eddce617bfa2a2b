//! Workload and workforce identity federation: the token of another identity provider, the subject token, is exchanged
//! at Google's Security Token Service: <https://google.aip.dev/auth/4117>.

mod aws;
mod executable;

use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use std::sync::Arc;

use super::exchange::{Exchange, Grant, send, unanswered};
use super::google::SCOPE;
use super::impersonation::Impersonation;
use super::{CredentialsError, address, basic, failed, file, text};
use crate::cloudrun::Secret;
use crate::cloudrun::transport::Transport;
use aws::Aws;
use executable::Executable;

/// A federation.
pub(super) struct Federation {
    token_url: Url,
    /// What is asked for, without the subject token.
    form: Vec<(&'static str, String)>,
    /// What the client of a workforce pool names itself with.
    authorization: Option<Secret>,
    source: Source,
    origin: String,
    transport: Arc<Transport>,
}

/// Where the subject token is.
enum Source {
    File(PathBuf, Format),
    Url(Url, HeaderMap, Format),
    Executable(Executable),
    Aws(Aws),
}

/// How it stands there.
enum Format {
    Text,
    /// In this member of a JSON object.
    Json(String),
}

impl Federation {
    pub(super) fn new(
        json: &Json,
        account: Option<&Impersonation>,
        origin: &str,
        transport: &Arc<Transport>,
    ) -> Result<Federation, CredentialsError> {
        let client = json["client_id"].as_str().zip(json["client_secret"].as_str());
        let mut form = vec![
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange".to_owned(),
            ),
            (
                "requested_token_type",
                "urn:ietf:params:oauth:token-type:access_token".to_owned(),
            ),
            ("audience", text(json, "audience").to_owned()),
            ("subject_token_type", text(json, "subject_token_type").to_owned()),
            ("scope", SCOPE.to_owned()),
        ];
        if let Some(project) = json["workforce_pool_user_project"].as_str()
            && client.is_none()
        {
            form.push(("options", json!({ "userProject": project }).to_string()));
        }
        Ok(Federation {
            token_url: address(text(json, "token_url"), origin)?,
            form,
            authorization: client.map(|(id, secret)| basic(id, &Secret::new(secret))),
            source: Source::new(json, account.map(Impersonation::account), origin)?,
            origin: origin.to_owned(),
            transport: transport.clone(),
        })
    }

    async fn subject_token(&self) -> Result<Secret, CredentialsError> {
        match &self.source {
            Source::File(path, format) => {
                let unusable = |why: String| {
                    CredentialsError::new(format!(
                        "the file {}, which credential_source in {} names, {why}",
                        path.display(),
                        self.origin
                    ))
                };
                let content = file::read(path).await;
                let content = content.map_err(|error| unusable(format!("cannot be read: {error}")))?;
                format.read(content.reveal()).map_err(unusable)
            }
            Source::Url(url, headers, format) => {
                let request = self.transport.exchange(Method::GET, url.clone());
                let request = request
                    .map_err(|error| unanswered(&error))?
                    .headers(headers.clone());
                format.read(&send(request).await?).map_err(CredentialsError::new)
            }
            Source::Executable(executable) => executable.subject_token().await,
            Source::Aws(aws) => aws.subject_token(&self.transport).await,
        }
    }

    async fn ask(&self) -> Result<Grant, CredentialsError> {
        let subject_token = self.subject_token().await.map_err(|error| match self.source {
            Source::Url(..) | Source::Aws(_) => failed(&self.origin, error.within("the subject token")),
            Source::File(..) | Source::Executable(_) => error,
        })?;
        let mut form: Vec<(&str, &str)> = self
            .form
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        form.push(("subject_token", subject_token.reveal()));
        let exchange = async {
            let request = self.transport.exchange(Method::POST, self.token_url.clone());
            let mut request = request.map_err(|error| unanswered(&error))?.form(&form);
            if let Some(authorization) = &self.authorization {
                request = request.header("Authorization", authorization.reveal());
            }
            Grant::read(&send(request).await?)
        };
        exchange.await.map_err(|error| failed(&self.origin, error))
    }
}

#[async_trait]
impl Exchange for Federation {
    async fn exchange(&self) -> Result<Grant, CredentialsError> {
        self.ask().await
    }
}

impl Source {
    fn new(json: &Json, account: Option<&str>, origin: &str) -> Result<Source, CredentialsError> {
        let source = &json["credential_source"];
        if source["environment_id"].is_string() {
            return Ok(Source::Aws(Aws::new(source, text(json, "audience"), origin)?));
        }
        if source["executable"].is_object() {
            return Ok(Source::Executable(Executable::new(json, account, origin)?));
        }
        let format = Format::new(&source["format"]);
        if let Some(url) = source["url"].as_str() {
            let headers = headers(&source["headers"]).map_err(|name| {
                CredentialsError::new(format!(
                    "the header {name:?} of credential_source in {origin} cannot be sent: its name and its value must be \
                     one line of ASCII text"
                ))
            })?;
            return Ok(Source::Url(address(url, origin)?, headers, format));
        }
        match source["file"].as_str() {
            Some(path) => Ok(Source::File(path.into(), format)),
            None => Err(CredentialsError::new(format!(
                "credential_source in {origin} names no file, url or executable"
            ))),
        }
    }
}

/// The headers, or the name of one that is none.
fn headers(json: &Json) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in json.as_object().into_iter().flatten() {
        let header = HeaderName::from_bytes(name.as_bytes()).ok();
        let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
        let (header, mut value) = header.zip(value).ok_or(name)?;
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
}

impl Format {
    fn new(json: &Json) -> Format {
        match json["type"].as_str() {
            Some("json") => Format::Json(text(json, "subject_token_field_name").to_owned()),
            _ => Format::Text,
        }
    }

    /// Takes the subject token out of what was read. Whatever else that is, it may hold one: it is not quoted.
    fn read(&self, content: &str) -> Result<Secret, String> {
        let token = match self {
            Format::Text => content.trim().to_owned(),
            Format::Json(field) => {
                let json: Json = serde_json::from_str(content)
                    .map_err(|_| "must hold JSON, as its format says".to_owned())?;
                let token = json[field].as_str();
                token
                    .ok_or_else(|| format!("must hold the subject token field `{field}` with a text"))?
                    .to_owned()
            }
        };
        if token.is_empty() {
            return Err("must hold a subject token, and is empty".to_owned());
        }
        Ok(Secret::new(token))
    }
}
