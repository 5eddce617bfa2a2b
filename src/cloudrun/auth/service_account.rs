//! The key of a service account, which signs its access tokens itself: <https://google.aip.dev/auth/4111>.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value as Json, json};
use std::time::{Duration, SystemTime};

use super::exchange::{Exchange, Grant, USUAL_LIFETIME};
use super::google::SCOPE;
use super::{CredentialsError, text};
use crate::cloudrun::Secret;

/// The key.
pub(super) struct ServiceAccount {
    email: String,
    key_id: String,
    key: KeyPair,
    origin: String,
}

impl ServiceAccount {
    /// Takes the key out of its document. Nothing of what the libraries say of it is told: they may quote it.
    pub(super) fn new(json: &Json, origin: &str) -> Result<ServiceAccount, CredentialsError> {
        let unusable = |why: &str| {
            CredentialsError::new(format!(
                "{origin} cannot be used: its private_key {why}. Download the key once more"
            ))
        };
        let der = PrivatePkcs8KeyDer::from_pem_slice(text(json, "private_key").as_bytes())
            .map_err(|_| unusable("is damaged: it is no whole block of PEM"))?;
        let key = KeyPair::from_pkcs8(der.secret_pkcs8_der())
            .map_err(|_| unusable("is damaged, or no RSA key of 2048 to 4096 bits"))?;
        Ok(ServiceAccount {
            email: text(json, "client_email").to_owned(),
            key_id: text(json, "private_key_id").to_owned(),
            key,
            origin: origin.to_owned(),
        })
    }

    fn sign(&self, now: Duration) -> Result<Secret, CredentialsError> {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.key_id });
        let claims = json!({
            "iss": self.email, "sub": self.email, "scope": SCOPE,
            "iat": now.saturating_sub(SKEW).as_secs(), "exp": (now + USUAL_LIFETIME - SKEW).as_secs(),
        });
        let parts = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = parts.join(".");
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .map_err(|_| {
                CredentialsError::new(format!(
                    "no access token could be signed with the private_key in {}",
                    self.origin
                ))
            })?;
        Ok(Secret::new(format!(
            "{signed}.{}",
            URL_SAFE_NO_PAD.encode(signature)
        )))
    }
}

#[async_trait]
impl Exchange for ServiceAccount {
    async fn exchange(&self) -> Result<Grant, CredentialsError> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Ok(Grant {
            token: self.sign(now.unwrap_or_default())?,
            lifetime: USUAL_LIFETIME - SKEW,
            refresh_token: None,
        })
    }
}

/// How far this machine's clock may be ahead of Google's, which takes no token of the future.
const SKEW: Duration = Duration::from_secs(10);
