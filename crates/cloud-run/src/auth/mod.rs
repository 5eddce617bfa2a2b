//! Access tokens, from every kind of credentials that Google's client libraries know: <https://google.aip.dev/auth>.
//!
//! Nothing is read or requested before the first request to Cloud Run, and all requests share one token.

// What an application configures.
mod credentials;
mod impersonation;
// The cached token, and how credentials are opened.
mod application_default;
mod document;
mod open;
mod tokens;
// The sources of tokens.
mod authorized_user;
mod federation;
mod service_account;
mod token_source;
// What the sources share.
mod exchange;
mod file;
mod input;
mod program;
mod url;

pub use credentials::Credentials;
pub use impersonation::Impersonation;
pub(crate) use tokens::Tokens;

#[cfg(test)]
mod tests;
