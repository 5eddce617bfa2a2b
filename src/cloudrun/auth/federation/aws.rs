//! Subject tokens out of AWS: a request to AWS that says who asks, signed but not sent, so that Google can send it:
//! <https://google.aip.dev/auth/4117#determining-the-subject-token-in-aws>. The signature:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use reqwest::{Method, Url};
use ring::{digest, hmac};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::cloudrun::Secret;
use crate::cloudrun::auth::document::{is_beside, is_safe};
use crate::cloudrun::auth::exchange::{send, unanswered};
use crate::cloudrun::auth::{CredentialsError, address};
use crate::cloudrun::transport::Transport;

/// An account of AWS, as the environment or the metadata server of its machine has it.
pub(super) struct Aws {
    region: Option<Url>,
    role: Option<Url>,
    session: Option<Url>,
    verification: String,
    audience: String,
}

/// A key of AWS.
struct Key {
    id: String,
    secret: Secret,
    session: Option<Secret>,
}

impl Aws {
    pub(super) fn new(source: &Json, audience: &str, origin: &str) -> Result<Aws, CredentialsError> {
        let beside = |member: &str| {
            let Some(given) = source[member].as_str() else {
                return Ok(None);
            };
            if is_safe(given) || is_beside(given) {
                return address(given, origin).map(Some);
            }
            Err(CredentialsError::new(format!(
                "the {member} of credential_source in {origin} is neither an https address nor a metadata server's"
            )))
        };
        Ok(Aws {
            region: beside("region_url")?,
            role: beside("url")?,
            session: beside("imdsv2_session_token_url")?,
            verification: source["regional_cred_verification_url"]
                .as_str()
                .unwrap_or(VERIFICATION)
                .to_owned(),
            audience: audience.to_owned(),
        })
    }

    pub(super) async fn subject_token(&self, transport: &Transport) -> Result<Secret, CredentialsError> {
        let set = |variable: &str| std::env::var(variable).ok().filter(|value| !value.is_empty());
        let region = set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION"));
        let key = set("AWS_ACCESS_KEY_ID").zip(set("AWS_SECRET_ACCESS_KEY"));
        let key = key.map(|(id, secret)| Key {
            id,
            secret: Secret::new(secret),
            session: set("AWS_SESSION_TOKEN").map(Secret::new),
        });
        self.sign_with(region, key, transport).await
    }

    /// Asks the metadata server for what the environment has not.
    async fn sign_with(
        &self,
        region: Option<String>,
        key: Option<Key>,
        transport: &Transport,
    ) -> Result<Secret, CredentialsError> {
        let session = match &self.session {
            Some(url) if region.is_none() || key.is_none() => {
                let request = transport.exchange(Method::PUT, url.clone());
                let request = request.map_err(|error| unanswered(&error))?;
                let session = send(request.header("X-aws-ec2-metadata-token-ttl-seconds", "21600")).await?;
                Some(Secret::new(session.trim()))
            }
            _ => None,
        };
        let get = async |url: Url| {
            let request = transport.exchange(Method::GET, url);
            let mut request = request.map_err(|error| unanswered(&error))?;
            if let Some(session) = &session {
                request = request.header("X-aws-ec2-metadata-token", session.reveal());
            }
            send(request).await
        };
        let none = |variables: &str, member: &str| {
            CredentialsError::new(format!(
                "{variables} must be set, as credential_source has no {member}"
            ))
        };
        let region = match region {
            Some(region) => region,
            None => {
                let url = self
                    .region
                    .clone()
                    .ok_or_else(|| none("AWS_REGION", "region_url"))?;
                let zone = get(url)
                    .await
                    .map_err(|error| error.within("the region of AWS"))?;
                region_of(zone.trim()).to_owned()
            }
        };
        let key = match key {
            Some(key) => key,
            None => {
                let url = self
                    .role
                    .clone()
                    .ok_or_else(|| none("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", "url"))?;
                let key = async {
                    let role = get(url.clone()).await?;
                    let url = format!("{}/{}", url.as_str().trim_end_matches('/'), role.trim());
                    Key::read(&get(address(&url, "the metadata server of AWS")?).await?)
                };
                key.await.map_err(|error| error.within("the key of AWS"))?
            }
        };
        self.sign(&region, &key, OffsetDateTime::now_utc())
    }

    fn sign(&self, region: &str, key: &Key, now: OffsetDateTime) -> Result<Secret, CredentialsError> {
        let verification = self.verification.replace("{region}", region);
        let url = address(&verification, "the credential_source of AWS")?;
        let (time, day) = (
            now.format(TIME).unwrap_or_default(),
            now.format(DAY).unwrap_or_default(),
        );
        let mut headers = vec![
            ("host", url.host_str().unwrap_or_default()),
            ("x-amz-date", time.as_str()),
        ];
        if let Some(session) = &key.session {
            headers.push(("x-amz-security-token", session.reveal()));
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
            hex(digest::digest(&digest::SHA256, b"").as_ref())
        );
        let scope = format!("{day}/{region}/sts/aws4_request");
        let digest = digest::digest(&digest::SHA256, canonical.as_bytes());
        let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(digest.as_ref()));
        let secret = Secret::new(format!("AWS4{}", key.secret.reveal()));
        let signing_key = [&day, region, "sts", "aws4_request"]
            .iter()
            .fold(secret.reveal().as_bytes().to_vec(), |key, part| {
                hmac_sha256(&key, part)
            });
        let authorization = Secret::new(format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={}",
            key.id,
            hex(&hmac_sha256(&signing_key, &to_sign))
        ));

        headers.push(("Authorization", authorization.reveal()));
        let headers: Vec<Json> = headers
            .iter()
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .collect();
        let request = json!({ "url": url.as_str(), "method": "POST", "headers": headers, "body": "" });
        // It is encoded once here, and once more with the form that it becomes a part of.
        let mut encoded = url.clone();
        encoded
            .query_pairs_mut()
            .clear()
            .append_key_only(&request.to_string());
        Ok(Secret::new(encoded.query().unwrap_or_default()))
    }
}

impl Key {
    fn read(answer: &str) -> Result<Key, CredentialsError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Answer {
            access_key_id: String,
            secret_access_key: String,
            token: Option<String>,
        }
        let answer: Answer = serde_json::from_str(answer)
            .map_err(|_| CredentialsError::new("the answer has no AccessKeyId and SecretAccessKey"))?;
        Ok(Key {
            id: answer.access_key_id,
            secret: Secret::new(answer.secret_access_key),
            session: answer.token.map(Secret::new),
        })
    }
}

/// `us-east-1d` is a zone of the region `us-east-1`.
fn region_of(zone: &str) -> &str {
    let region = zone.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if region.is_empty() { zone } else { region }
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
