//! The address of the API: Google's own, a regional one, or an emulator on this machine.

use reqwest::Url;

/// The root of the API, up to and including its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

/// Why text is no endpoint; says the rule, the finding and the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It is no address.
    #[error(
        "An endpoint is an address such as \"https://run.googleapis.com/v2/\". {0:?} is not ({1}). Leave it out to use \
         Google's."
    )]
    Malformed(String, String),
    /// It would carry a token in clear text over a network.
    #[error(
        "An endpoint is reached by https, since each request carries an access token; plain http is taken for this \
         machine only (127.0.0.1, ::1, localhost). {0:?} is another machine. Use https."
    )]
    Insecure(String),
}

impl Endpoint {
    /// Reads the endpoint of Cloud Run, with or without the version and the last slash.
    ///
    /// # Errors
    /// When it is no address, or plain http to another machine.
    pub fn parse(text: &str) -> Result<Endpoint, EndpointError> {
        let mut endpoint = Endpoint::for_service(text)?;
        if !endpoint.0.path().ends_with("/v2/") {
            endpoint = Endpoint(endpoint.join("v2/"));
        }
        Ok(endpoint)
    }

    /// Reads the endpoint of another of Google's services, version and all, with or without the last slash.
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
            return Err(malformed("it has more than a host and a path"));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(EndpointError::Insecure(shown)),
            _ => return Err(malformed("it begins neither with https:// nor with http://")),
        }
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(Endpoint(url))
    }

    /// The root of an endpoint of Google's, global or regional, with the version and a slash at the end. It may be the
    /// only one that a network lets through.
    pub fn google_root(&self) -> Option<&str> {
        let host = self.0.host_str().unwrap_or_default();
        host.ends_with(".googleapis.com").then(|| self.0.as_str())
    }

    /// The address of a resource or method below the root; `path` is made of names that are safe in a path.
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

/// An address without what may be secret in it: a user with a password, and what follows a question mark.
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

/// Whether what is sent to this address is read by nobody on the way: it goes by https, or stays on this machine.
pub(super) fn is_confidential(url: &Url) -> bool {
    url.scheme() == "https" || url.scheme() == "http" && is_loopback(url)
}

/// Whether requests to this address stay on this machine.
fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The most characters of an address that a message shows.
const MAX_SHOWN: usize = 200;
/// <https://cloud.google.com/run/docs/reference/rest#service:-run.googleapis.com>
pub(super) const GOOGLE: &str = "https://run.googleapis.com/v2/";

#[cfg(test)]
mod tests;
