//! Removes secrets from log lines, diagnostics and panic messages, in any form.

mod unescape;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use unescape::Layer;

/// Replaces a secret.
const REPLACEMENT: &str = "***";
/// Shorter texts are ordinary words of a log.
const MIN_LENGTH: usize = 6;
/// Lines of a key have 64 characters; a line of this length in a key or credential file is part of the secret.
const MIN_LINE_LENGTH: usize = 16;
/// So many first characters of a token are redacted even without the rest.
const TOKEN_PREFIX_LENGTH: usize = 12;
/// Not secret: all keys have such lines, and messages mention them.
const PEM_BOUNDARY: &str = "-----";
/// The most layers of escapes: a request may be quoted in a document that is quoted in another one.
const MAX_LAYERS: usize = 3;

/// The known secrets. Made once in `main`; clones share the secrets.
#[derive(Clone, Default)]
pub struct Redactor(Arc<RwLock<Vec<String>>>);

impl Redactor {
    /// Adds a secret. It is redacted as it is, escaped as in JSON, URLs or HTML, and in base64; so is each longer line of it.
    pub fn add(&self, secret: &str) {
        let forms = forms(secret);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for form in forms {
            if !known.contains(&form) {
                known.push(form);
            }
        }
    }

    /// `text` with all known secrets replaced by `***`.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut found = self.find(text);
        if found.is_empty() {
            return text.into();
        }
        found.sort_by_key(|range| range.start);
        let (mut redacted, mut end) = (String::new(), 0);
        for range in found {
            // Overlapping and adjacent secrets get one replacement.
            if end == 0 || range.start > end {
                redacted.push_str(&text[end..range.start.max(end)]);
                redacted.push_str(REPLACEMENT);
            }
            end = end.max(range.end);
        }
        redacted.push_str(&text[end..]);
        redacted.into()
    }

    /// The positions of secrets in the text, in each layer of escapes.
    fn find(&self, text: &str) -> Vec<Range<usize>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        if known.is_empty() {
            return found;
        }
        let layers = std::iter::successors(Some(Layer::of(text)), Layer::unescaped);
        for layer in layers.take(1 + MAX_LAYERS) {
            for range in known.iter().flat_map(|secret| occurrences(&layer.bytes, secret)) {
                let (start, end) = (layer.positions[range.start], layer.positions[range.end]);
                found.push(text.floor_char_boundary(start)..text.ceil_char_boundary(end));
            }
        }
        found
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor(***)")
    }
}

/// The occurrences of a secret, or of its prefix if it is a token.
fn occurrences<'a>(text: &'a [u8], secret: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let is_token = !secret.contains(|c: char| c.is_whitespace() || c == '{');
    let secret = secret.as_bytes();
    let prefix = if is_token {
        &secret[..secret.len().min(TOKEN_PREFIX_LENGTH)]
    } else {
        secret
    };
    memchr::memmem::find_iter(text, prefix).map(move |start| {
        let pairs = text[start..].iter().zip(secret);
        start..start + pairs.take_while(|(found, expected)| found == expected).count()
    })
}

/// The texts to search for. Escapes are removed from the searched text; base64 is not.
fn forms(secret: &str) -> Vec<String> {
    let secret = secret.trim();
    // A key inside a credential file has its line ends escaped.
    let lines = secret
        .split('\n')
        .flat_map(|line| line.split("\\n"))
        .map(str::trim);
    let mut forms: Vec<String> = lines
        .filter(|line| line.len() >= MIN_LINE_LENGTH && !line.starts_with(PEM_BOUNDARY))
        .map(str::to_owned)
        .collect();
    if secret.len() >= MIN_LENGTH {
        // As in a layer.
        forms.push(secret.replace("\r\n", "\n"));
    }
    if secret.len() >= MIN_LINE_LENGTH {
        for encoded in [secret.to_owned(), json(secret), form(secret)] {
            forms.extend(base64(encoded.as_bytes()));
        }
    }
    forms
}

/// The text as in a JSON string, without quotes.
fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The text as in a form, such as the body of a token request.
fn form(text: &str) -> String {
    text.bytes().fold(String::new(), |mut form, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => form.push(byte.into()),
            b' ' => form.push('+'),
            _ => form.push_str(&format!("%{byte:02X}")),
        }
        form
    })
}

/// The secret within the base64 of a longer text, at each of the three alignments, without the characters at both ends that
/// include bits of adjacent bytes.
fn base64(secret: &[u8]) -> impl Iterator<Item = String> + '_ {
    (0..3).flat_map(move |before| {
        let complete = (before + secret.len()) / 3 * 3;
        let text = [&[0; 2][..before], secret].concat();
        let start = [0, 2, 3][before];
        [
            STANDARD_NO_PAD.encode(&text[..complete]),
            URL_SAFE_NO_PAD.encode(&text[..complete]),
        ]
        .map(|encoded| encoded[start..].to_owned())
    })
}

#[cfg(test)]
mod tests;
