//! The private key of a service account, as PEM: what has happened to it on its way here.
//!
//! The libraries that read keys quote what they cannot read, so that they only get what has been read here before.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::crypto::ring::sign::RsaSigningKey;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::borrow::Cow;

/// The same key with its line breaks in their places.
///
/// # Errors
/// What must hold of the key, what was found, and what to do, without a word of it.
pub(super) fn normalize(text: &str) -> Result<String, &'static str> {
    let text = unescape(text);
    let pem = text.find(ANY_BEGIN).and_then(|start| text.get(start..));
    let pem = pem.ok_or(NOT_PEM)?;
    // Without any whitespace it is the same, however the line breaks were lost.
    let dense: String = pem.split_whitespace().collect();
    let rest = dense.strip_prefix(&*without_spaces(BEGIN)).ok_or(NOT_PKCS8)?;
    let (body, _) = rest.split_once(&*without_spaces(END)).ok_or(CUT)?;
    let mut lines = pem
        .split(['\n', '\r'])
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let begins = lines.next() == Some(BEGIN);
    let whole = begins && lines.take_while(|line| *line != END).collect::<String>() == body;
    if !whole {
        let after = pem.strip_prefix(BEGIN).unwrap_or_default();
        let inside = after.split_once(END).map_or(after, |(inside, _)| inside);
        return Err(if inside.contains([' ', '\t']) {
            SPACES
        } else {
            LOST
        });
    }
    let der = STANDARD.decode(body).map_err(|_| DAMAGED)?;
    RsaSigningKey::new(&PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der))).map_err(|_| NOT_RSA)?;
    Ok(format!("{BEGIN}\n{body}\n{END}\n"))
}

/// Makes line breaks of `\n`, escaped once too often or more: PEM itself has no backslash.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut parts = text.split('\\');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.strip_prefix(['n', 'r']) {
            Some(rest) => whole.extend(["\n", rest]),
            None => whole.push_str(part),
        }
    }
    whole.into()
}

fn without_spaces(text: &str) -> String {
    text.replace(' ', "")
}

const ANY_BEGIN: &str = "-----BEGIN";
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

const NOT_PEM: &str =
    "its private_key must begin with -----BEGIN PRIVATE KEY-----, got other text. Download the key once more";
const NOT_PKCS8: &str = "its private_key must be in the form PKCS #8, which begins with -----BEGIN PRIVATE KEY-----, got another \
     form. Download the key once more, or convert it with openssl pkcs8 -topk8 -nocrypt";
const CUT: &str = "its private_key must end with -----END PRIVATE KEY-----, got one that is cut. Download the key once more";
const LOST: &str = "its private_key must have line breaks, written as \\n in JSON, got none in their places: they were lost on the \
     way. Give the file as it was downloaded";
const SPACES: &str = "its private_key must have line breaks, written as \\n in JSON, got spaces in their places. Give the file as it \
     was downloaded";
const DAMAGED: &str = "its private_key must be base64 between its first and last line, got something else: it is cut or was changed. \
     Download the key once more";
const NOT_RSA: &str = "its private_key must be an RSA key of at least 2048 bits, got another one, or one that is cut or was changed. \
     Download the key once more";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn key() -> String {
        let document = include_str!("../testdata/service-account.json");
        let document: serde_json::Value = serde_json::from_str(document).unwrap();
        document["private_key"].as_str().unwrap().to_owned()
    }

    /// The same with something else in the places of its line breaks.
    fn with_breaks(other: &str) -> String {
        key().replace('\n', other)
    }

    fn same_key(text: &str) {
        let found = normalize(text).unwrap();
        let body: String = found.lines().filter(|line| !line.starts_with('-')).collect();
        let expected: String = key().lines().filter(|line| !line.starts_with('-')).collect();
        assert_eq!(body, expected, "{text:?}");
    }

    #[test]
    fn line_breaks_that_were_escaped_too_often_are_mended() {
        for breaks in [
            "\n", "\r\n", "\r", "\\n", "\\\\n", "\\\\\\n", "\\r\\n", "\\\n", "\n    ", "\n\n", "\\n\n",
        ] {
            same_key(&with_breaks(breaks));
        }
        same_key(&format!("Bag Attributes\n{}more", key()));
        same_key(key().trim_end());
    }

    #[test]
    fn what_has_happened_to_a_key_is_said_exactly() {
        let key = key();
        let changed = key.replacen("MII", "MI!", 1);
        let shorter = key.replacen("MII", "", 1);
        let other = key.replacen("MIIE", "MIIF", 1);
        let middle = &key[..key.len() / 2];
        for (text, expected) in [
            (with_breaks(""), LOST),
            (with_breaks("n"), LOST),
            (with_breaks("").replace(' ', ""), LOST),
            (with_breaks(","), LOST),
            (with_breaks(" "), SPACES),
            (with_breaks("\t"), SPACES),
            (with_breaks("  "), SPACES),
            (format!("{}\n", with_breaks(" ")), SPACES),
            (
                format!("{BEGIN}\n{}", with_breaks(" ").replacen(BEGIN, "", 1)),
                SPACES,
            ),
            (
                format!("{BEGIN}{}", key.replacen(&format!("{BEGIN}\n"), "", 1)),
                LOST,
            ),
            (middle.to_owned(), CUT),
            (BEGIN.to_owned(), CUT),
            (changed, DAMAGED),
            (shorter, DAMAGED),
            (other, NOT_RSA),
            (format!("{BEGIN}\n{END}\n"), NOT_RSA),
            (key.replace("PRIVATE", "RSA PRIVATE"), NOT_PKCS8),
            (key.replace("PRIVATE", "ENCRYPTED PRIVATE"), NOT_PKCS8),
            (key.replace("PRIVATE KEY", "CERTIFICATE"), NOT_PKCS8),
            (key.replace("-----", "–––––"), NOT_PEM),
            (key.lines().nth(1).unwrap().to_owned(), NOT_PEM),
            (String::new(), NOT_PEM),
        ] {
            assert_eq!(normalize(&text), Err(expected), "{text:?}");
        }
    }

    proptest! {
        /// Whatever becomes of a key, the library is either not asked, or reads it.
        #[test]
        fn what_is_taken_the_library_can_read(
            at in any::<prop::sample::Index>(),
            cut in 0_usize..80,
            put in "(\\PC{0,3}|\\\\n|[ \n\r\t]{1,3})",
        ) {
            let key = key();
            let at = at.index(key.len());
            let end = (at + cut).min(key.len());
            let changed = format!("{}{put}{}", &key[..at], &key[end..]);
            if let Ok(normal) = normalize(&changed) {
                use rustls::pki_types::pem::PemObject as _;
                prop_assert!(PrivateKeyDer::from_pem_slice(normal.as_bytes()).is_ok(), "{changed:?}");
            }
        }
    }
}
