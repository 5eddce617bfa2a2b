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
mod tests {
    use super::*;

    fn redactor(secrets: &[&str]) -> Redactor {
        let redactor = Redactor::default();
        secrets.iter().for_each(|secret| redactor.add(secret));
        redactor
    }

    #[test]
    fn secret_is_redacted_raw_escaped_and_by_line() {
        let first = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
        let second = "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{first}\n{second}\n-----END PRIVATE KEY-----\n");
        let redactor = redactor(&[&pem, r#"pass"word\x"#]);
        for leaky in [
            pem.clone(),
            serde_json::Value::from(pem.clone()).to_string(),
            format!("cannot parse {second}: bad"),
            r#"{"password":"pass\"word\\x"}"#.to_owned(),
            serde_json::Value::from(r#"{"password":"pass\"word\\x"}"#).to_string(),
        ] {
            let shown = redactor.redact(&leaky);
            assert!(shown.contains(REPLACEMENT), "{shown}");
            for part in [first, second, r"word\x", r"word\\x", r"word\\\\x"] {
                assert!(!shown.contains(part), "{shown}");
            }
        }
    }

    #[test]
    fn secret_with_other_line_ends_is_redacted() {
        // Its last line is too short to be redacted alone.
        let key = "-----BEGIN-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF0000\nshort=\n-----END-----";
        let windows = key.replace('\n', "\r\n");
        for (secret, quoted) in [(key, windows.as_str()), (&windows, key), (&windows, &windows)] {
            let redactor = redactor(&[secret]);
            assert_eq!(redactor.redact(&format!("got\r\n{quoted}\r\n.")), "got\r\n***\n.");
            let json = serde_json::Value::from(quoted).to_string();
            assert_eq!(redactor.redact(&json), "\"***\"");
        }
    }

    #[test]
    fn key_in_a_credential_file_is_redacted() {
        let redactor = redactor(&[
            r#"{"type":"service_account","private_key":"-----BEGIN-----\nAAAABBBBCCCCDDDDEEEEFFFF\n-----END-----\n"}"#,
        ]);
        assert_eq!(redactor.redact("key AAAABBBBCCCCDDDDEEEEFFFF"), "key ***");
    }

    #[test]
    fn secret_is_redacted_in_every_encoding() {
        let secret = "1//0aBc+dEf/gHi=_jK.lMn~oPq";
        let redactor = redactor(&[secret]);
        let html = |text: &str| {
            text.replace('+', "&#43;")
                .replace('/', "&#x2F;")
                .replace('=', "&equals;")
        };
        let percent = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02x}")).collect() };
        let query = form(secret);
        let in_json = format!("{{\"refresh_token\": \"{}\"}}", secret.replace('/', "\\/"));
        let mut quotes = vec![
            secret.to_owned(),
            query.clone(),
            form(&query),
            percent(secret),
            html(secret),
            html(&query),
            in_json.clone(),
            serde_json::Value::from(in_json.clone()).to_string(),
            format!("{in_json:?}"),
        ];
        // Bodies in base64, as some gateways show them.
        for body in [
            secret.to_owned(),
            format!("grant_type=refresh_token&refresh_token={query}&client_id=c"),
            serde_json::json!({ "a": secret }).to_string(),
        ] {
            for before in 0..3 {
                let body = "x".repeat(before) + &body;
                quotes.extend([STANDARD_NO_PAD.encode(&body), URL_SAFE_NO_PAD.encode(&body)]);
                quotes.push(html(&STANDARD_NO_PAD.encode(&body)));
            }
        }
        let all: Vec<char> = secret.chars().collect();
        for quote in quotes {
            let shown = redactor.redact(&quote);
            assert!(shown.contains(REPLACEMENT), "{quote}: {shown}");
            let layers = std::iter::successors(Some(Layer::of(&shown)), Layer::unescaped);
            let left = layers.last().map(|layer| layer.bytes).unwrap_or_default();
            let left = String::from_utf8_lossy(&left);
            for part in all.windows(8) {
                let part: String = part.iter().collect();
                assert!(!left.contains(&part), "{quote}: {shown}");
            }
        }
    }

    #[test]
    fn truncated_token_is_redacted() {
        let redactor = redactor(&["ya29.AbCdEfGhIjKlMnOpQrStUvWxYz"]);
        assert_eq!(redactor.redact("bearer ya29.AbCdEfGhIjKl"), "bearer ***");
        assert_eq!(
            redactor.redact("bearer ya29.AbCdEfGhIjK... and"),
            "bearer ***... and"
        );
        assert_eq!(redactor.redact("bearer ya29.AbCdEf"), "bearer ya29.AbCdEf");
    }

    #[test]
    fn overlapping_secrets_get_one_replacement() {
        let redactor = redactor(&["overlap-one-two", "one-two-overlap"]);
        assert_eq!(
            redactor.redact("ä overlap-one-two-overlap ä overlap-one-two ä"),
            "ä *** ä *** ä"
        );
    }

    #[test]
    fn key_boundaries_are_not_secret() {
        let redactor = redactor(&[
            "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF0000\n-----END PRIVATE KEY-----",
        ]);
        let words = "it must begin with -----BEGIN PRIVATE KEY-----";
        assert_eq!(redactor.redact(words), words);
    }

    #[test]
    fn short_words_are_not_redacted() {
        let redactor = redactor(&["GET", ""]);
        assert_eq!(redactor.redact("GET /v2/projects"), "GET /v2/projects");
    }

    #[test]
    fn clones_share_secrets() {
        let redactor = Redactor::default();
        redactor.clone().add("ya29.of-the-clone");
        assert_eq!(redactor.redact("Bearer ya29.of-the-clone"), "Bearer ***");
    }
}
