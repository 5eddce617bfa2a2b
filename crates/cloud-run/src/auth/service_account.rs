//! Service account keys, which sign access tokens themselves: <https://google.aip.dev/auth/4111>.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use serde::Deserialize;
use serde_json::json;
use std::time::{Duration, SystemTime};

use super::exchange::{DEFAULT_LIFETIME, IssuedToken, SCOPE};
use super::token_source::{TokenFuture, TokenSource};
use crate::credentials_error::CredentialsError;
use crate::redaction::Redaction;
use crate::transport::Transport;

/// The members of the document.
#[derive(Deserialize)]
pub(super) struct Document {
    client_email: String,
    private_key_id: String,
    private_key: String,
}

/// A service account with its key.
pub(super) struct ServiceAccount {
    email: String,
    key_id: String,
    key: KeyPair,
}

impl ServiceAccount {
    pub(super) fn new(document: Document, redaction: &Redaction) -> Result<ServiceAccount, CredentialsError> {
        redaction.add(&document.private_key);
        let key = read_key(&document.private_key).ok_or_else(|| {
            CredentialsError::new(
                "private_key must be an RSA key of 2048 to 4096 bits between -----BEGIN PRIVATE KEY----- and -----END \
                 PRIVATE KEY-----, got another format or an incomplete key. Download the key again, or convert it with \
                 openssl pkcs8 -topk8 -nocrypt",
            )
        })?;
        Ok(ServiceAccount {
            email: document.client_email,
            key_id: document.private_key_id,
            key,
        })
    }

    /// Signs a token; nothing is sent.
    fn sign(&self, redaction: &Redaction) -> Result<IssuedToken, CredentialsError> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap_or_default().saturating_sub(CLOCK_SKEW);
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.key_id });
        let claims = json!({
            "iss": self.email, "sub": self.email, "scope": SCOPE,
            "iat": now.as_secs(), "exp": (now + DEFAULT_LIFETIME).as_secs(),
        });
        let signed = [header, claims]
            .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
            .join(".");
        let mut signature = vec![0; self.key.public().modulus_len()];
        let random = SystemRandom::new();
        self.key
            .sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature)
            .map_err(|_| CredentialsError::new("private_key must be able to sign, got an error"))?;
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        Ok(IssuedToken::new(
            redaction.secret(token),
            DEFAULT_LIFETIME - CLOCK_SKEW,
        ))
    }
}

impl TokenSource for ServiceAccount {
    fn fetch_token<'a>(&'a mut self, transport: &'a Transport) -> TokenFuture<'a> {
        Box::pin(async { self.sign(&transport.redaction) })
    }

    fn account(&self) -> Option<&str> {
        Some(&self.email)
    }
}

/// Reads a key in PEM. Line breaks are ignored, since they are often escaped twice, lost or replaced by spaces.
fn read_key(pem: &str) -> Option<KeyPair> {
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    let body = body.replace("\\n", "").replace("\\r", "");
    let base64: String = body
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\\')
        .collect();
    KeyPair::from_pkcs8(&STANDARD.decode(base64).ok()?).ok()
}

/// How far this machine's clock may be ahead of Google's, which rejects tokens from the future.
const CLOCK_SKEW: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use serde_json::Value as Json;

    fn document() -> Json {
        serde_json::from_str(include_str!("../testdata/service-account.json")).unwrap()
    }

    #[test]
    fn line_breaks_in_a_key_are_ignored() {
        let document = document();
        let pem = document["private_key"].as_str().unwrap();
        let expected = read_key(pem).unwrap();
        for breaks in [
            "", " ", "\t", "\r\n", "\\n", "\\\\n", "\\r\\n", "\\\n", "\n    ", "\n\n",
        ] {
            let key = read_key(&pem.replace('\n', breaks)).unwrap();
            assert_eq!(key.public().as_ref(), expected.public().as_ref(), "{breaks:?}");
        }
        assert!(read_key(&format!("Bag Attributes\n{pem}more")).is_some());
        for broken in [
            &pem[..pem.len() / 2],
            &pem.replacen("MII", "MI!", 1),
            &pem.replacen("MII", "", 1),
            &pem.replace("PRIVATE", "RSA PRIVATE"),
            &pem.replace('\n', "n"),
            "-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----",
            "",
        ] {
            assert!(read_key(broken).is_none(), "{broken:?}");
        }
    }

    #[test]
    fn token_is_signed_with_the_key() {
        let key =
            ServiceAccount::new(serde_json::from_value(document()).unwrap(), &Redaction::default()).unwrap();
        let issued = key.sign(&Redaction::default()).unwrap();
        let (signed, signature) = issued.token.expose_secret().rsplit_once('.').unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: Json = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["iss"], "test@test-project.iam.gserviceaccount.com");
        assert_eq!(claims["scope"], SCOPE);
        let public = key.key.public().as_ref();
        ring::signature::UnparsedPublicKey::new(&ring::signature::RSA_PKCS1_2048_8192_SHA256, public)
            .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
            .unwrap();
    }
}
