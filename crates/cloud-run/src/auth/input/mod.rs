//! Text that is given as credentials: JSON, a path, or something else by mistake, which is secret.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::path::PathBuf;

use crate::credentials_error::{CredentialsError, CredentialsProblem, Mistake};
use crate::header::invalid_in_header_word;
use crate::redaction::{Redaction, Secret};

/// The text as a path, if it is one. Otherwise, or if it is ambiguous, the text is redacted from here on.
pub(super) fn path(text: &str, redaction: &Redaction) -> Option<PathBuf> {
    let home = text.strip_prefix("~/").zip(std::env::home_dir());
    let path = home.map_or_else(|| PathBuf::from(text), |(rest, home)| home.join(rest));
    let is_short = text.len() < MAX_SHOWN_PATH && !text.contains(char::is_control);
    if is_short && has_form_of_path(text) {
        return Some(path);
    }
    let exists = path.exists();
    if !(is_short && exists) {
        redaction.add(text);
    }
    exists.then_some(path)
}

/// Whether a text has the form of a path.
fn has_form_of_path(text: &str) -> bool {
    let drive = || {
        let is_letter = text.starts_with(|c: char| c.is_ascii_alphabetic());
        is_letter && [":\\", ":/"].contains(&text.get(1..3).unwrap_or_default())
    };
    let starts = ["/", "./", "../", "~/"];
    starts.iter().any(|start| text.starts_with(start)) || text.ends_with(".json") || drive()
}

/// A description of what was given, without quoting it.
pub(super) struct Found {
    text: String,
    mistake: Option<Mistake>,
}

impl Found {
    /// The error "`rule`, got this".
    pub(super) fn error(self, rule: &str) -> CredentialsError {
        let error = CredentialsError::new(format!("{rule}, got {}", self.text));
        match self.mistake {
            Some(mistake) => error.with_problem(CredentialsProblem::Mistake(mistake)),
            None => error,
        }
    }
}

impl From<String> for Found {
    fn from(text: String) -> Found {
        Found { text, mistake: None }
    }
}

/// Describes a text that is not valid.
pub(super) fn describe(text: &str) -> Found {
    let text = text.trim();
    let (found, mistake) = match text {
        "" => return "nothing".to_owned().into(),
        _ if text.starts_with('{') => ("JSON", Mistake::Json),
        _ if text.starts_with('"') && text.ends_with('"') => ("text in quotation marks", Mistake::QuotedText),
        _ if text.starts_with("ya29.") || text.starts_with("Bearer ") => {
            ("an access token", Mistake::AccessToken)
        }
        _ if text.starts_with("eyJ") && text.split('.').count() == 3 => (
            "a JSON Web Token, such as the token of another identity provider",
            Mistake::JsonWebToken,
        ),
        _ if text.ends_with('}') => ("JSON that is truncated at its beginning", Mistake::TruncatedJson),
        _ if text.contains("-----BEGIN") => ("a key or certificate in PEM", Mistake::Pem),
        _ => match start_of_base64(text) {
            Some(start) if start.starts_with(b"{") => ("JSON in base64", Mistake::Base64Json),
            Some(start) if start.starts_with(b"-----") => {
                ("a key or certificate in base64", Mistake::Base64Pem)
            }
            _ => {
                let count = text.chars().count();
                return format!("text of {count} characters that is not the path of an existing file").into();
            }
        },
    };
    Found {
        text: found.to_owned(),
        mistake: Some(mistake),
    }
}

/// The text as a token; otherwise a description.
pub(super) fn token(text: &str, redaction: &Redaction) -> Result<Secret, Found> {
    let token = redaction.secret(text);
    let found = if text.is_empty() || text.starts_with(['{', '"']) || text.starts_with("Bearer ") {
        Some(describe(text))
    } else {
        invalid_in_header_word(text).map(Found::from)
    };
    found.map_or(Ok(token), Err)
}

/// The first bytes of base64 text, with either alphabet, wrapped or not, truncated or not.
fn start_of_base64(text: &str) -> Option<Vec<u8>> {
    let start: String = text.chars().filter(|c| !c.is_whitespace()).take(16).collect();
    BASE64.decode(start.replace('-', "+").replace('_', "/")).ok()
}

/// What is valid as a token in an HTTP header.
pub(super) const TOKEN_RULE: &str = "one line of visible ASCII characters without spaces";
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Longer text is treated as secret.
const MAX_SHOWN_PATH: usize = 256;

#[cfg(test)]
mod tests;
