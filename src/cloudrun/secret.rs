//! Text that nobody may see.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

/// Has every secret that is met from now on told to `conceal`, which keeps it out of logs and messages, and texts of
/// others shown to `redact`, which leaves the secrets out of them. The first caller of a process decides.
pub fn conceal_with(conceal: fn(&str), redact: fn(&str) -> Cow<'_, str>) {
    // Whoever comes later asks for the same.
    let _ = REDACTOR.set(Redactor { conceal, redact });
}

/// A text of somebody else, who may quote what was sent, without the secrets that were met. To be asked before a text is
/// cut: of half a secret nobody can tell what it is.
pub(super) fn redacted(text: &str) -> Cow<'_, str> {
    match REDACTOR.get() {
        Some(redactor) => (redactor.redact)(text),
        None => text.into(),
    }
}

/// What knows the secrets.
struct Redactor {
    conceal: fn(&str),
    redact: fn(&str) -> Cow<'_, str>,
}

static REDACTOR: OnceLock<Redactor> = OnceLock::new();

/// A secret: it has no `Display`, and stars in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides the text, from logs too: see [`conceal_with`].
    pub fn new(text: impl Into<String>) -> Secret {
        let text = text.into();
        if let Some(redactor) = REDACTOR.get() {
            (redactor.conceal)(&text);
        }
        Secret(text)
    }

    /// The text itself, for the one place that sends it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn every_secret_is_concealed_as_soon_as_it_is_met() {
        static SEEN: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());
        conceal_with(
            |secret| SEEN.lock().unwrap().push(secret.to_owned()),
            |text| text.replace("ya29.concealed", "***").into(),
        );
        let _ = Secret::new("ya29.concealed");
        assert!(
            SEEN.lock()
                .unwrap()
                .iter()
                .any(|secret| secret == "ya29.concealed")
        );
        let page = format!("{}ya29.concealed", "<td>".repeat(48));
        let told = crate::cloudrun::Error::garbled(502, page.as_bytes()).to_string();
        assert!(told.contains("***") && !told.contains("ya29"), "{told}");
    }

    #[test]
    fn debug_shows_stars() {
        assert_eq!(format!("{:?}", Secret::new("ya29.token")), "Secret(***)");
    }
}
