//! Secrets that must not be read in a log line, a diagnostic or a panic message, in whatever form they occur.

mod unescape;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use unescape::Layer;

/// What is shown instead of a secret.
const STARS: &str = "***";
/// Shorter "secrets" are words that a log is full of; to hide them would hide nothing and ruin the log.
const SHORTEST: usize = 6;
/// Lines of a key are 64 characters; anything this long in a key or a credential file is part of the secret.
const SHORTEST_LINE: usize = 16;
/// The first characters of a token are hidden also where the rest is cut off.
const HEAD: usize = 12;
/// Every key has such lines, and messages mention them.
const PEM_BOUNDARY: &str = "-----";
/// A request may be quoted in a document that is quoted in another one, and so on.
const MOST_LAYERS: usize = 3;

/// The secrets that were met so far, and how to leave them out of a text. Made once in `main`; clones share the secrets.
#[derive(Clone, Default)]
pub struct Redactor(Arc<RwLock<Vec<String>>>);

impl Redactor {
    /// From here on `secret` is redacted: as it is, escaped as in JSON, in a URL or in HTML, in base64, and each longer
    /// line of it.
    pub fn add(&self, secret: &str) {
        let forms = forms(secret);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for form in forms {
            if !known.contains(&form) {
                known.push(form);
            }
        }
    }

    /// `text` with every known secret replaced by stars.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut found = self.found(text);
        if found.is_empty() {
            return text.into();
        }
        found.sort_by_key(|range| range.start);
        let (mut redacted, mut end) = (String::new(), 0);
        for range in found {
            // What overlaps, or follows at once, is one secret: one row of stars rather than many.
            if end == 0 || range.start > end {
                redacted.push_str(&text[end..range.start.max(end)]);
                redacted.push_str(STARS);
            }
            end = end.max(range.end);
        }
        redacted.push_str(&text[end..]);
        redacted.into()
    }

    /// Where secrets are in the text, as it is and below each layer of escapes.
    fn found(&self, text: &str) -> Vec<Range<usize>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        if known.is_empty() {
            return found;
        }
        let layers = std::iter::successors(Some(Layer::of(text)), Layer::unescaped);
        for layer in layers.take(1 + MOST_LAYERS) {
            for place in known.iter().flat_map(|secret| places(&layer.bytes, secret)) {
                let (start, end) = (layer.places[place.start], layer.places[place.end]);
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

/// Where a secret stands, or at least its beginning if it is a token.
fn places<'a>(text: &'a [u8], secret: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let is_token = !secret.contains(|c: char| c.is_whitespace() || c == '{');
    let secret = secret.as_bytes();
    let head = if is_token {
        &secret[..secret.len().min(HEAD)]
    } else {
        secret
    };
    memchr::memmem::find_iter(text, head).map(move |start| {
        let pairs = text[start..].iter().zip(secret);
        start..start + pairs.take_while(|(found, expected)| found == expected).count()
    })
}

/// The texts to look for. Escapes are taken off the text in which they are looked for; base64 is not.
fn forms(secret: &str) -> Vec<String> {
    let secret = secret.trim();
    // A key inside a credential file has its line ends escaped.
    let lines = secret
        .split('\n')
        .flat_map(|line| line.split("\\n"))
        .map(str::trim);
    let mut forms: Vec<String> = lines
        .filter(|line| line.len() >= SHORTEST_LINE && !line.starts_with(PEM_BOUNDARY))
        .map(str::to_owned)
        .collect();
    if secret.len() >= SHORTEST {
        forms.push(secret.to_owned());
    }
    if secret.len() >= SHORTEST_LINE {
        for sent in [secret.to_owned(), json(secret), form(secret)] {
            forms.extend(base64(sent.as_bytes()));
        }
    }
    forms
}

/// As it stands between the quotes of a JSON string.
fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// As it stands in a form, such as the body of a token request.
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

/// As it stands within the base64 of something longer, wherever in that it begins: without the characters at both ends,
/// in which there are bits of its neighbours.
fn base64(secret: &[u8]) -> impl Iterator<Item = String> + '_ {
    (0..3).flat_map(move |before| {
        let whole = (before + secret.len()) / 3 * 3;
        let text = [&[0; 2][..before], secret].concat();
        let start = [0, 2, 3][before];
        [
            STANDARD_NO_PAD.encode(&text[..whole]),
            URL_SAFE_NO_PAD.encode(&text[..whole]),
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
    fn a_secret_is_redacted_raw_escaped_and_line_by_line() {
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
            assert!(shown.contains(STARS), "{shown}");
            for part in [first, second, r"word\x", r"word\\x", r"word\\\\x"] {
                assert!(!shown.contains(part), "{shown}");
            }
        }
    }

    #[test]
    fn a_credential_file_hides_the_key_inside_it() {
        let redactor = redactor(&[
            r#"{"type":"service_account","private_key":"-----BEGIN-----\nAAAABBBBCCCCDDDDEEEEFFFF\n-----END-----\n"}"#,
        ]);
        assert_eq!(redactor.redact("key AAAABBBBCCCCDDDDEEEEFFFF"), "key ***");
    }

    #[test]
    fn whatever_quotes_a_secret_shows_stars() {
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
            assert!(shown.contains(STARS), "{quote}: {shown}");
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
    fn a_token_that_is_cut_shows_no_more_than_how_it_begins() {
        let redactor = redactor(&["ya29.AbCdEfGhIjKlMnOpQrStUvWxYz"]);
        assert_eq!(redactor.redact("bearer ya29.AbCdEfGhIjKl"), "bearer ***");
        assert_eq!(
            redactor.redact("bearer ya29.AbCdEfGhIjK... and"),
            "bearer ***... and"
        );
        assert_eq!(redactor.redact("bearer ya29.AbCdEf"), "bearer ya29.AbCdEf");
    }

    #[test]
    fn what_overlaps_is_one_secret_and_neighbours_stay() {
        let redactor = redactor(&["overlap-one-two", "one-two-overlap"]);
        assert_eq!(
            redactor.redact("ä overlap-one-two-overlap ä overlap-one-two ä"),
            "ä *** ä *** ä"
        );
    }

    #[test]
    fn the_boundaries_of_a_key_are_no_secret() {
        let redactor = redactor(&[
            "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF0000\n-----END PRIVATE KEY-----",
        ]);
        let words = "it must begin with -----BEGIN PRIVATE KEY-----";
        assert_eq!(redactor.redact(words), words);
    }

    #[test]
    fn words_and_other_text_stay() {
        let redactor = redactor(&["GET", ""]);
        assert_eq!(redactor.redact("GET /v2/projects"), "GET /v2/projects");
    }

    #[test]
    fn clones_share_the_secrets_and_debug_shows_stars() {
        let redactor = Redactor::default();
        redactor.clone().add("ya29.of-the-clone");
        assert_eq!(redactor.redact("Bearer ya29.of-the-clone"), "Bearer ***");
    }
}
