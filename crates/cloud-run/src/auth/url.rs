//! URLs in credential documents.

use reqwest::Url;
use std::net::IpAddr;

use crate::credentials_error::CredentialsError;
use crate::endpoint::is_confidential;

/// A URL to which a secret is sent: https, or loopback.
pub(super) fn private_url(member: &str, text: &str) -> Result<Url, CredentialsError> {
    let url = Url::parse(text).ok().filter(is_confidential);
    url.ok_or_else(|| CredentialsError::new(format!("{member} must be an HTTPS URL")))
}

/// A URL from which a subject token comes: also that of a link-local metadata server (`169.254.169.254`).
pub(super) fn metadata_url(member: &str, text: &str) -> Result<Url, CredentialsError> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| is_confidential(url) || is_link_local(url));
    url.ok_or_else(|| {
        CredentialsError::new(format!(
            "{member} must be an HTTPS URL or the URL of a metadata server"
        ))
    })
}

fn is_link_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    match host.parse() {
        Ok(IpAddr::V4(address)) => address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_unicast_link_local() || address.is_unique_local(),
        Err(_) => false,
    }
}

/// The maximum length in bytes of a value in a message.
pub(super) const MAX_SHOWN: usize = 60;
