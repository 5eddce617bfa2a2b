//! The root URL of the API: Google's global one, a regional one, or an emulator on loopback.

use reqwest::Url;

/// The root of the API, up to and including its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

/// Why text is not an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It is not a URL.
    #[error(
        "An endpoint must be a URL such as \"https://run.googleapis.com/v2/\", got {0:?}: {1}. Omit it to use Google's \
         endpoint."
    )]
    Malformed(String, String),
    /// It would send tokens over a network in clear text.
    #[error(
        "An endpoint must use https, or http with a loopback address (127.0.0.1, ::1, localhost), got {0:?}. Use https: \
         each request carries an access token."
    )]
    Insecure(String),
}

impl Endpoint {
    /// Parses the endpoint of Cloud Run, with or without the version and the last slash.
    ///
    /// # Errors
    /// If it is not a URL, or plain http to another machine.
    pub fn parse(text: &str) -> Result<Endpoint, EndpointError> {
        let mut endpoint = Endpoint::for_service(text)?;
        if !endpoint.0.path().ends_with("/v2/") {
            endpoint = Endpoint(endpoint.join("v2/"));
        }
        Ok(endpoint)
    }

    /// Parses the endpoint of another Google service, including its version, with or without the last slash.
    ///
    /// # Errors
    /// Those of [`Endpoint::parse`].
    pub fn for_service(text: &str) -> Result<Endpoint, EndpointError> {
        let shown: String = without_credentials(text).chars().take(MAX_SHOWN).collect();
        let malformed = |reason: &str| EndpointError::Malformed(shown.clone(), reason.to_owned());
        let mut url = Url::parse(text.trim()).map_err(|error| malformed(&error.to_string()))?;
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(malformed("it must have only a host and a path"));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(EndpointError::Insecure(shown)),
            _ => return Err(malformed("it must begin with https:// or http://")),
        }
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(Endpoint(url))
    }

    /// The root, with the version and a slash at the end, if it is one of Google's, global or regional.
    pub fn google_root(&self) -> Option<&str> {
        let host = self.0.host_str().unwrap_or_default();
        host.ends_with(".googleapis.com").then(|| self.0.as_str())
    }

    /// The URL of a resource or method; `path` must consist of characters that are safe in a path.
    pub(super) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path()));
        url
    }
}

impl Default for Endpoint {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "a constant, checked by a test")]
        Endpoint(Url::parse(GOOGLE).expect("Google's own address is one"))
    }
}

/// A URL without user, password and query, which may be secret.
fn without_credentials(text: &str) -> String {
    let address = text.split(['?', '#']).next().unwrap_or_default();
    match address.rsplit_once('@') {
        Some((before, host)) => {
            let scheme = before
                .split_inclusive("//")
                .next()
                .filter(|start| start.ends_with("//"));
            format!("{}***@{host}", scheme.unwrap_or_default())
        }
        None => address.to_owned(),
    }
}

/// Whether a request to this URL is unreadable on its way: it uses https, or stays on loopback.
pub(super) fn is_confidential(url: &Url) -> bool {
    url.scheme() == "https" || url.scheme() == "http" && is_loopback(url)
}

/// Whether the host is loopback.
fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The maximum number of characters that a message shows.
const MAX_SHOWN: usize = 200;
/// <https://cloud.google.com/run/docs/reference/rest#service:-run.googleapis.com>
pub(super) const GOOGLE: &str = "https://run.googleapis.com/v2/";

#[cfg(test)]
mod tests;
