//! Subject tokens of AWS: a signed `GetCallerIdentity` request, which Google sends to AWS:
//! <https://google.aip.dev/auth/4117#determining-the-subject-token-in-aws>. The signature:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use reqwest::{Method, Url};
use ring::{digest, hmac};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::auth::exchange::{request, send};
use crate::auth::url::metadata_url;
use crate::credentials_error::CredentialsError;
use crate::redaction::{Redaction, Secret};
use crate::transport::Transport;

/// The members of `credential_source`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Document {
    pub(super) environment_id: Option<String>,
    region_url: Option<String>,
    imdsv2_session_token_url: Option<String>,
    regional_cred_verification_url: Option<String>,
}

/// The addresses in the document.
pub(super) struct Aws {
    region: Option<Url>,
    role: Option<Url>,
    session: Option<Url>,
    verification: String,
    audience: String,
}

/// An AWS access key.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
}

impl Aws {
    pub(super) fn new(
        document: Document,
        role: Option<&str>,
        audience: String,
    ) -> Result<Aws, CredentialsError> {
        let url = |member: &str, text: Option<&str>| {
            text.map(|text| metadata_url(&format!("credential_source.{member}"), text))
                .transpose()
        };
        Ok(Aws {
            region: url("region_url", document.region_url.as_deref())?,
            role: url("url", role)?,
            session: url(
                "imdsv2_session_token_url",
                document.imdsv2_session_token_url.as_deref(),
            )?,
            verification: document
                .regional_cred_verification_url
                .unwrap_or_else(|| VERIFICATION.to_owned()),
            audience,
        })
    }

    pub(super) async fn subject_token(&self, transport: &Transport) -> Result<Secret, CredentialsError> {
        let set = |variable: &str| std::env::var(variable).ok().filter(|value| !value.is_empty());
        let region = set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION"));
        let key = set("AWS_ACCESS_KEY_ID").zip(set("AWS_SECRET_ACCESS_KEY"));
        let key = key.map(|(id, secret)| Key {
            access_key_id: id,
            secret_access_key: secret,
            token: set("AWS_SESSION_TOKEN"),
        });
        self.sign_with(region, key, transport).await
    }

    /// Signs with a region and a key; a missing one comes from the metadata server.
    async fn sign_with(
        &self,
        region: Option<String>,
        key: Option<Key>,
        transport: &Transport,
    ) -> Result<Secret, CredentialsError> {
        let session = match &self.session {
            Some(url) if region.is_none() || key.is_none() => {
                let request = request(transport, Method::PUT, url)?;
                let session = send(request.header("X-aws-ec2-metadata-token-ttl-seconds", "21600")).await?;
                Some(transport.redaction.secret(session.trim()))
            }
            _ => None,
        };
        let get = async |url: &Url| {
            let mut request = request(transport, Method::GET, url)?;
            if let Some(session) = &session {
                request = request.header("X-aws-ec2-metadata-token", session.expose_secret());
            }
            send(request).await
        };
        let missing = |variables: &str, member: &str| {
            CredentialsError::new(format!(
                "{variables} must be set, because credential_source has no {member}"
            ))
        };
        let region = match region {
            Some(region) => region,
            None => {
                let url = self
                    .region
                    .as_ref()
                    .ok_or_else(|| missing("AWS_REGION", "region_url"))?;
                // `us-east-1d` is a zone of `us-east-1`.
                let zone = get(url).await?;
                zone.trim()
                    .trim_end_matches(|c: char| c.is_ascii_alphabetic())
                    .to_owned()
            }
        };
        let key = match key {
            Some(key) => key,
            None => {
                let variables = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
                let url = self.role.as_ref().ok_or_else(|| missing(variables, "url"))?;
                let role = get(url).await?;
                let mut url = url.clone();
                if let Ok(mut path) = url.path_segments_mut() {
                    path.pop_if_empty().push(role.trim());
                }
                serde_json::from_str(&get(&url).await?).map_err(|_| {
                    CredentialsError::new(
                        "the response of the metadata server must have AccessKeyId and SecretAccessKey",
                    )
                })?
            }
        };
        self.sign(&region, &key, OffsetDateTime::now_utc(), &transport.redaction)
    }

    fn sign(
        &self,
        region: &str,
        key: &Key,
        now: OffsetDateTime,
        redaction: &Redaction,
    ) -> Result<Secret, CredentialsError> {
        redaction.add(&key.secret_access_key);
        key.token.iter().for_each(|token| redaction.add(token));
        let url = Url::parse(&self.verification.replace("{region}", region));
        let url = url.map_err(|_| {
            CredentialsError::new("credential_source.regional_cred_verification_url must be a URL")
        })?;
        let (time, day) = (
            now.format(TIME).unwrap_or_default(),
            now.format(DAY).unwrap_or_default(),
        );
        let mut headers = vec![
            ("host", url.host_str().unwrap_or_default()),
            ("x-amz-date", time.as_str()),
        ];
        if let Some(session) = &key.token {
            headers.push(("x-amz-security-token", session));
        }
        headers.push(("x-goog-cloud-target-resource", &self.audience));

        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String = headers
            .iter()
            .map(|(name, value)| format!("{name}:{}\n", value.trim()))
            .collect();
        let mut query: Vec<_> = url.query_pairs().into_owned().collect();
        query.sort();
        let mut sorted = url.clone();
        sorted.query_pairs_mut().clear().extend_pairs(query);
        let canonical = format!(
            "POST\n{}\n{}\n{lines}\n{names}\n{}",
            url.path(),
            sorted.query().unwrap_or_default(),
            sha256("")
        );
        let scope = format!("{day}/{region}/sts/aws4_request");
        let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256(&canonical));
        let secret = format!("AWS4{}", key.secret_access_key);
        let signing_key = [&day, region, "sts", "aws4_request"]
            .iter()
            .fold(secret.into_bytes(), |key, part| hmac_sha256(&key, part));
        let authorization = redaction.secret(format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={}",
            key.access_key_id,
            hex(&hmac_sha256(&signing_key, &to_sign))
        ));

        headers.push(("Authorization", authorization.expose_secret()));
        let headers: Vec<Json> = headers
            .iter()
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .collect();
        let request = json!({ "url": url.as_str(), "method": "POST", "headers": headers, "body": "" });
        // It is encoded here, and again with the form.
        let mut encoded = url.clone();
        encoded
            .query_pairs_mut()
            .clear()
            .append_key_only(&request.to_string());
        Ok(redaction.secret(encoded.query().unwrap_or_default()))
    }
}

fn sha256(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const VERIFICATION: &str = "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15";
const TIME: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]");

#[cfg(test)]
mod tests;
