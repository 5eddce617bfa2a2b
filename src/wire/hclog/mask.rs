//! Secrets that must not be read in a log or a diagnostic, in whatever form they turn up.

use std::{
    borrow::Cow,
    ops::Range,
    sync::{PoisonError, RwLock},
};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::unescape::Unescaped;

/// What is read instead of a secret.
const STARS: &str = "***";
/// Shorter "secrets" are words that a log is full of; to hide them would hide nothing and ruin the log.
const SHORTEST: usize = 6;
/// Lines of a key are 64 characters; anything this long in a key or a credential file is part of the secret.
const SHORTEST_LINE: usize = 16;
/// The first characters of a token are hidden also where the rest is cut off.
const HEAD: usize = 12;
/// Every key has such lines, and messages speak of them.
const PEM_BOUNDARY: &str = "-----";
/// Whoever quotes a request may quote what quotes it, and so on.
const MOST_LAYERS: usize = 3;

static SECRETS: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// From here on `secret` is masked in log lines, diagnostics and panic messages: as it is, escaped as in JSON, in a URL
/// or in HTML, in base64, and each longer line of it. Saying it twice does no harm.
pub fn mask(secret: &str) {
    let forms = forms(secret);
    let mut secrets = SECRETS.write().unwrap_or_else(PoisonError::into_inner);
    for form in forms {
        if !secrets.contains(&form) {
            secrets.push(form);
        }
    }
}

/// `text` with every known secret replaced by stars.
pub fn masked(text: &str) -> Cow<'_, str> {
    let mut found = found(text);
    if found.is_empty() {
        return text.into();
    }
    found.sort_by_key(|range| range.start);
    let (mut masked, mut end) = (String::new(), 0);
    for range in found {
        // What overlaps, or follows at once, is one secret: one row of stars rather than many.
        if end == 0 || range.start > end {
            masked.push_str(&text[end..range.start.max(end)]);
            masked.push_str(STARS);
        }
        end = end.max(range.end);
    }
    masked.push_str(&text[end..]);
    masked.into()
}

/// Where secrets stand in the text, as it is and below each layer of escapes.
fn found(text: &str) -> Vec<Range<usize>> {
    let secrets = SECRETS.read().unwrap_or_else(PoisonError::into_inner);
    let mut found = Vec::new();
    let mut layers: Vec<Unescaped> = Vec::new();
    loop {
        let bytes = layers.last().map_or(text.as_bytes(), Unescaped::bytes);
        let source = |at| layers.iter().rev().fold(at, |at, layer| layer.source(at));
        for secret in secrets.iter() {
            for place in places(bytes, secret) {
                found.push(
                    text.floor_char_boundary(source(place.start))..text.ceil_char_boundary(source(place.end)),
                );
            }
        }
        if layers.len() == MOST_LAYERS {
            return found;
        }
        match Unescaped::new(bytes) {
            Some(layer) => layers.push(layer),
            None => return found,
        }
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

    #[test]
    fn a_secret_is_masked_raw_escaped_and_line_by_line() {
        let first = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
        let second = "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{first}\n{second}\n-----END PRIVATE KEY-----\n");
        mask(&pem);
        mask(r#"pass"word\x"#);
        for leaky in [
            pem.clone(),
            serde_json::Value::from(pem.clone()).to_string(),
            format!("cannot parse {second}: bad"),
            r#"{"password":"pass\"word\\x"}"#.to_owned(),
            serde_json::Value::from(r#"{"password":"pass\"word\\x"}"#).to_string(),
        ] {
            let shown = masked(&leaky);
            assert!(shown.contains(STARS), "{shown}");
            for part in [first, second, r"word\x", r"word\\x", r"word\\\\x"] {
                assert!(!shown.contains(part), "{shown}");
            }
        }
    }

    #[test]
    fn a_credential_file_hides_the_key_inside_it() {
        mask(
            r#"{"type":"service_account","private_key":"-----BEGIN-----\nAAAABBBBCCCCDDDDEEEEFFFF\n-----END-----\n"}"#,
        );
        assert_eq!(masked("key AAAABBBBCCCCDDDDEEEEFFFF"), "key ***");
    }

    #[test]
    fn whatever_quotes_a_secret_shows_stars() {
        let secret = "1//0aBc+dEf/gHi=_jK.lMn~oPq";
        mask(secret);
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
            let shown = masked(&quote);
            assert!(shown.contains(STARS), "{quote}: {shown}");
            let mut left = shown.as_bytes().to_vec();
            while let Some(unescaped) = Unescaped::new(&left) {
                left = unescaped.bytes().to_vec();
            }
            let left = String::from_utf8_lossy(&left);
            for part in all.windows(8) {
                let part: String = part.iter().collect();
                assert!(!left.contains(&part), "{quote}: {shown}");
            }
        }
    }

    #[test]
    fn a_token_that_is_cut_shows_no_more_than_how_it_begins() {
        mask("ya29.AbCdEfGhIjKlMnOpQrStUvWxYz");
        assert_eq!(masked("bearer ya29.AbCdEfGhIjKl"), "bearer ***");
        assert_eq!(masked("bearer ya29.AbCdEfGhIjK... and"), "bearer ***... and");
        assert_eq!(masked("bearer ya29.AbCdEf"), "bearer ya29.AbCdEf");
    }

    #[test]
    fn what_overlaps_is_one_secret_and_neighbours_stay() {
        mask("overlap-one-two");
        mask("one-two-overlap");
        assert_eq!(
            masked("ä overlap-one-two-overlap ä overlap-one-two ä"),
            "ä *** ä *** ä"
        );
    }

    #[test]
    fn the_boundaries_of_a_key_are_no_secret() {
        mask("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF0000\n-----END PRIVATE KEY-----");
        let words = "it must begin with -----BEGIN PRIVATE KEY-----";
        assert_eq!(masked(words), words);
    }

    #[test]
    fn words_and_other_text_stay() {
        mask("GET");
        mask("");
        assert_eq!(masked("GET /v2/projects"), "GET /v2/projects");
    }
}
