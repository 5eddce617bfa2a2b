//! Secrets, and how they are kept out of logs and messages.

use std::fmt;
use std::sync::Arc;

/// The application's redactor, as closures. Every secret is added before it is used, so that the application can keep it out
/// of logs and messages.
///
/// The default adds nothing and redacts nothing.
#[derive(Clone)]
pub struct Redaction {
    add: Arc<dyn Fn(&str) + Send + Sync>,
    redact: Arc<dyn Fn(&str) -> String + Send + Sync>,
}

impl Redaction {
    /// Calls `add` with each secret, and `redact` for text that may quote secrets.
    pub fn new(
        add: impl Fn(&str) + Send + Sync + 'static,
        redact: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Redaction {
        Redaction {
            add: Arc::new(add),
            redact: Arc::new(redact),
        }
    }

    pub(crate) fn add(&self, secret: &str) {
        (self.add)(secret);
    }

    /// Adds a secret.
    pub(crate) fn secret(&self, text: impl Into<String>) -> Secret {
        let text = text.into();
        self.add(&text);
        Secret(text)
    }

    pub(crate) fn redact(&self, text: &str) -> String {
        (self.redact)(text)
    }
}

impl Default for Redaction {
    fn default() -> Redaction {
        Redaction::new(|_| {}, str::to_owned)
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redaction")
    }
}

/// A secret: it has no `Display`, and stars in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret that is not added to a [`Redaction`].
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The secret itself.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}
