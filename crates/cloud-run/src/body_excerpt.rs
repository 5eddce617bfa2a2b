//! Short descriptions of response bodies that are not from the API.

use std::ops::Range;

use crate::text;

/// Describes an HTML page by its title, anything else by its start.
pub(super) fn describe(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_SEARCHED)]);
    let lower = text.to_ascii_lowercase();
    if !HTML.iter().any(|tag| lower.contains(tag)) {
        return match start(&text) {
            empty if empty.is_empty() => "an empty body".to_owned(),
            start => format!("a body that begins with {start:?}"),
        };
    }
    match title(&lower).map(|title| start(&text[title])) {
        Some(title) if !title.is_empty() => format!("an HTML page with the title {title:?}"),
        _ => "an HTML page without a title".to_owned(),
    }
}

/// The range of the title.
fn title(lower: &str) -> Option<Range<usize>> {
    let tag = lower.find("<title")?;
    let begin = tag + lower[tag..].find('>')? + 1;
    let end = lower[begin..]
        .find('<')
        .map_or(lower.len(), |length| begin + length);
    Some(begin..end)
}

/// The start of a text, in one line.
pub(super) fn start(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text::prefix(&words, MAX_SHOWN).to_owned()
}

/// Tags that only HTML has. XML documents begin with an angle bracket too.
const HTML: [&str; 5] = ["<!doctype html", "<html", "<head", "<title", "<body"];
/// The title is near the beginning of a page.
const MAX_SEARCHED: usize = 64 << 10;
/// The maximum length in bytes.
const MAX_SHOWN: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_page_is_described_by_title() {
        for (body, expected) in [
            (
                "<!DOCTYPE html>\n<html lang=en><TITLE lang=en>\n Error 502\t(Server Error)!!1 </TITLE><p>More",
                "an HTML page with the title \"Error 502 (Server Error)!!1\"",
            ),
            ("<html><body>secret-of-the-page", "an HTML page without a title"),
            (
                "<html><title></title>secret-of-the-page",
                "an HTML page without a title",
            ),
            ("<html><title", "an HTML page without a title"),
            (
                "\u{feff} <head><title>Sign in",
                "an HTML page with the title \"Sign in\"",
            ),
            (
                "<title>\u{1b}[2J\"x\"",
                "an HTML page with the title \"\\u{1b}[2J\\\"x\\\"\"",
            ),
            (
                "<?xml version='1.0'?><Error/>",
                "a body that begins with \"<?xml version='1.0'?><Error/>\"",
            ),
            ("upstream  error\n", "a body that begins with \"upstream error\""),
            (" \n", "an empty body"),
        ] {
            assert_eq!(describe(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn long_body_has_short_description() {
        let page = format!("<html><title>{}</title>", "ä".repeat(10_000_000));
        for body in [page, "x y ".repeat(10_000_000)] {
            assert!(describe(body.as_bytes()).chars().count() < 300);
        }
        let split = [b"<title>".as_slice(), &[0xff; 100_000]].concat();
        assert!(describe(&split).len() < 1000);
    }
}
