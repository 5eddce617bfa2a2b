//! What users give as credentials: JSON, the path of a file, or something else by accident, which is secret.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use crate::cloudrun::Secret;

/// The path that a text is. A text that is none, or could be something else as well, is kept out of logs and messages
/// from here on.
pub(super) fn path(text: &str) -> Option<PathBuf> {
    let path = at_home(text);
    let is_short = text.len() < MAX_SHOWN_PATH && !text.contains(char::is_control);
    if is_short && has_form_of_path(text) {
        return Some(path);
    }
    let exists = exists(&path);
    if !(is_short && exists) {
        drop(Secret::new(text));
    }
    exists.then_some(path)
}

/// Whether a text says by itself that it is a path.
fn has_form_of_path(text: &str) -> bool {
    let drive = text.split_once(':').map(|(drive, rest)| {
        drive.len() == 1 && drive.chars().all(|c| c.is_ascii_alphabetic()) && rest.starts_with(['\\', '/'])
    });
    ["/", "./", "../", "~/"]
        .iter()
        .any(|start| text.starts_with(start))
        || text.ends_with(".json")
        || drive.unwrap_or_default()
}

/// A path, with `~/` read as a shell does.
fn at_home(text: &str) -> PathBuf {
    let home = text.strip_prefix("~/").zip(std::env::home_dir());
    home.map_or_else(|| PathBuf::from(text), |(rest, home)| home.join(rest))
}

/// Whether there is such a file. Asked on a thread of its own, since a file system that hangs must not hold the caller.
fn exists(path: &Path) -> bool {
    let path = path.to_owned();
    let (answer, answered) = mpsc::channel();
    std::thread::spawn(move || answer.send(path.exists()));
    answered.recv_timeout(MAX_TIME).unwrap_or_default()
}

/// What a text is that is not what was asked for, and what to do, without a word of it.
pub(super) fn describe(text: &str) -> String {
    let text = text.trim();
    if let Some((_, found)) = STARTS.iter().find(|(start, _)| text.starts_with(start)) {
        return (*found).to_owned();
    }
    if ['"', '\'']
        .iter()
        .any(|quote| text.starts_with(*quote) && text.ends_with(*quote))
    {
        return "a text in quotes. Give it without them".to_owned();
    }
    if text.ends_with('}') || MEMBERS.iter().any(|member| text.contains(member)) {
        return "JSON that is cut at its beginning. Give it whole".to_owned();
    }
    if text.contains("-----BEGIN") {
        return "a key or certificate in PEM. Give the whole JSON file of the service account's key"
            .to_owned();
    }
    let is_token = |part: &str| {
        part.chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    if text.starts_with("eyJ") && text.split('.').count() == 3 && text.split('.').all(is_token) {
        return "a JSON Web Token, such as the token of another identity provider. Give a configuration of workload \
                identity federation, which names the file of the token"
            .to_owned();
    }
    match start_of_base64(text) {
        Some(start) if start.trim_ascii_start().starts_with(b"{") => {
            return "JSON in base64. Decode it first, for example with base64decode() or base64 --decode"
                .to_owned();
        }
        Some(start) if start.trim_ascii_start().starts_with(b"-----") => {
            return "a key or certificate in base64. Give the whole JSON file of the service account's key"
                .to_owned();
        }
        _ => {}
    }
    let count = text.chars().count();
    format!("a text of {count} characters that names no existing file")
}

/// The first bytes that a text in base64 stands for, with either alphabet, in any number of lines, cut or not.
fn start_of_base64(text: &str) -> Option<Vec<u8>> {
    let dense: String = text.split_whitespace().collect();
    let start = dense.get(..16)?.replace('-', "+").replace('_', "/");
    let is_base64 = dense
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "+/-_=".contains(c));
    is_base64.then(|| BASE64.decode(start).ok()).flatten()
}

/// How texts begin that are given by accident, and what they are.
const STARTS: [(&str, &str); 10] = [
    (
        "{",
        "JSON. Give JSON in the provider's credentials or in GOOGLE_CREDENTIALS",
    ),
    ("[", "a list in JSON. Give one credential document"),
    (
        "ya29.",
        "an access token. Give it in access_token or GOOGLE_OAUTH_ACCESS_TOKEN",
    ),
    (
        "Bearer ",
        "an access token. Give it without Bearer in access_token or GOOGLE_OAUTH_ACCESS_TOKEN",
    ),
    (
        "1//",
        "a refresh token. Give the whole file that gcloud auth application-default login has made",
    ),
    (
        "GOCSPX-",
        "a client secret. Give the whole file that gcloud auth application-default login has made",
    ),
    (
        "AIza",
        "an API key, which Cloud Run does not accept. Give a credential document",
    ),
    (
        "%7B",
        "JSON in the form of an address. Decode it first, for example with urldecode()",
    ),
    (
        "$",
        "a reference that was not replaced by its value. Give the value",
    ),
    ("file:", "an address of a file. Give its path"),
];
/// Members of credential documents that the rest of one is known by.
const MEMBERS: [&str; 4] = [
    "\"type\"",
    "\"private_key\"",
    "\"client_email\"",
    "\"refresh_token\"",
];
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
/// From this length on a text is secret, whatever it looks like.
const MAX_SHOWN_PATH: usize = 256;
/// A file system that responds at all does so sooner.
const MAX_TIME: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    const KEY: &str = include_str!("../testdata/service-account.json");

    /// Text in lines of this length, as `base64` writes them.
    fn lines(text: &str, length: usize) -> String {
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(length)
            .map(|line| str::from_utf8(line).unwrap())
            .collect();
        lines.join("\n")
    }

    #[test]
    fn what_has_the_form_of_a_path_is_one() {
        for text in [
            "/nonexistent/key",
            "./key",
            "../key",
            "~/key",
            "key.json",
            "a/b.json",
            "C:\\keys\\key",
            "d:/key",
            "/",
        ] {
            assert!(path(text).is_some(), "{text}");
        }
        let long = format!("/nonexistent/{}", "x".repeat(255));
        for text in [
            "key",
            "CC:/key",
            "1:/key",
            "C:key",
            "~key",
            "/a\nb",
            ".key",
            "x.json\ny.json",
            &long,
        ] {
            assert_eq!(path(text), None, "{text}");
        }
        let last = format!("/nonexistent/{}", "x".repeat(242));
        assert!(last.len() == 255 && path(&last).is_some());
    }

    #[test]
    fn a_file_that_is_there_is_taken_whatever_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut deep = folder.path().to_owned();
        deep.extend(["x".repeat(200), "y".repeat(200)]);
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(
            path(deep.to_str().unwrap()),
            Some(deep.clone()),
            "it is long, and secret then"
        );
        // The folder in which tests run has one.
        assert_eq!(path("Cargo.toml"), Some(PathBuf::from("Cargo.toml")));
    }

    #[test]
    fn an_accident_is_called_by_its_name_and_never_quoted() {
        let encoded = STANDARD.encode(KEY);
        let pem = "-----BEGIN PRIVATE KEY-----\nMIIEvhushhushhush\n-----END PRIVATE KEY-----\n";
        let json_string = serde_json::Value::from(KEY).to_string();
        for (text, expected) in [
            (KEY.to_owned(), "JSON."),
            (json_string.clone(), "a text in quotes."),
            (format!("'{KEY}'"), "a text in quotes."),
            (encoded.clone(), "JSON in base64."),
            (lines(&encoded, 76), "JSON in base64."),
            (encoded[..encoded.len() / 2].to_owned(), "JSON in base64."),
            (encoded[..77].to_owned(), "JSON in base64."),
            (URL_SAFE_NO_PAD.encode(KEY), "JSON in base64."),
            (STANDARD.encode(format!("\n  {KEY}")), "JSON in base64."),
            (pem.to_owned(), "a key or certificate in PEM."),
            (pem.replace('\n', " "), "a key or certificate in PEM."),
            (STANDARD.encode(pem), "a key or certificate in base64."),
            ("ya29.hush".to_owned(), "an access token."),
            ("Bearer ya29.hush".to_owned(), "an access token."),
            ("1//hush".to_owned(), "a refresh token."),
            ("GOCSPX-hush".to_owned(), "a client secret."),
            ("AIzahush".to_owned(), "an API key"),
            (
                "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodXNoIn0.aHVzaA".to_owned(),
                "a JSON Web Token",
            ),
            (KEY[1..].to_owned(), "JSON that is cut at its beginning."),
            (
                KEY[KEY.len() - 200..].to_owned(),
                "JSON that is cut at its beginning.",
            ),
            ("$GOOGLE_KEY_hush".to_owned(), "a reference that was not replaced"),
            (
                "hush hush".to_owned(),
                "a text of 9 characters that names no existing file",
            ),
        ] {
            let found = describe(&text);
            assert!(found.starts_with(expected), "{text}: {found}");
            assert!(!found.contains("hush"), "{found}");
        }
    }

    proptest! {
        /// Nothing that is said of a text has a part of it.
        #[test]
        fn no_text_is_quoted(text in "[a-zA-Z0-9+/=_.{}\"'$ \n-]{12,300}") {
            let found = describe(&text);
            let part: String = text.chars().take(12).collect();
            prop_assert!(!found.contains(&part), "{found}");
        }
    }
}
