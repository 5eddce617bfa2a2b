//! Paths, tokens and mistakes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

const KEY: &str = include_str!("../../testdata/service-account.json");

#[test]
fn path_is_recognized_by_form_or_existence() {
    let long = format!("/nonexistent/{}", "x".repeat(255));
    for (text, expected) in [
        ("/nonexistent/key", true),
        ("./key", true),
        ("~/key", true),
        ("a/b.json", true),
        ("C:\\keys\\key", true),
        // It exists where tests run.
        ("Cargo.toml", true),
        ("key", false),
        ("", false),
        ("ä", false),
        ("/a\nb", false),
        (&long, false),
    ] {
        assert_eq!(path(text, &Redaction::default()).is_some(), expected, "{text}");
    }
}

#[test]
fn mistake_is_described_without_quoting() {
    let encoded = STANDARD.encode(KEY);
    let lines: Vec<&str> = encoded
        .as_bytes()
        .chunks(76)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    let pem = "-----BEGIN PRIVATE KEY-----\nMIIEvhushhushhush\n-----END PRIVATE KEY-----\n";
    for (text, expected) in [
        (String::new(), "nothing"),
        (KEY.to_owned(), "JSON"),
        (format!("\"{KEY}\""), "text in quotation marks"),
        (lines.join("\n"), "JSON in base64"),
        (encoded[..77].to_owned(), "JSON in base64"),
        (URL_SAFE_NO_PAD.encode(KEY), "JSON in base64"),
        (pem.to_owned(), "a key or certificate in PEM"),
        (STANDARD.encode(pem), "a key or certificate in base64"),
        ("ya29.hush".to_owned(), "an access token"),
        ("Bearer hush".to_owned(), "an access token"),
        (
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodXNoIn0.aHVzaA".to_owned(),
            "a JSON Web Token",
        ),
        (KEY[1..].to_owned(), "JSON that is truncated at its beginning"),
        (
            "hush hush".to_owned(),
            "text of 9 characters that is not the path of an existing file",
        ),
    ] {
        let found = describe(&text).text;
        assert!(found.starts_with(expected), "{text}: {found}");
        assert!(!found.contains("hush"), "{found}");
    }
}
