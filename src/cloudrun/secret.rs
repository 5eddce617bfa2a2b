//! Text that must not be shown.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::redact::Redactor;
pub use crate::redact::Secret;

/// Has every secret that is met from now on added to `redactor`; the first call in a process decides.
///
/// It is set once and for all since secrets are read by serde too, in whose calls nothing can be passed along.
pub fn redact_with(redactor: &Redactor) {
    // A process has one redactor.
    let _ = REDACTOR.set(redactor.clone());
}

/// A text of another program, which may quote what was sent, without the secrets that were met. To be asked before a text
/// is cut: a part of a secret is not known as one.
pub(super) fn redacted(text: &str) -> Cow<'_, str> {
    match REDACTOR.get() {
        Some(redactor) => redactor.redact(text),
        None => text.into(),
    }
}

static REDACTOR: OnceLock<Redactor> = OnceLock::new();

impl Secret {
    /// A secret, which is redacted from here on.
    pub fn new(text: impl Into<String>) -> Secret {
        REDACTOR.get_or_init(Redactor::default).secret(text)
    }
}
