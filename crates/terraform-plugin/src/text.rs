//! Makes text from other programs printable: in diagnostics, log lines and panic messages.

use std::borrow::Cow;

/// `text` without characters that affect a terminal: escape sequences, other control characters, and those that change the
/// direction of text. Line ends and tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(affects_a_terminal) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    text.replace(affects_a_terminal, "\u{fffd}").into()
}

/// At most `max` bytes of `text`, and the number of bytes that are omitted.
pub fn truncate(text: &str, max: usize) -> Cow<'_, str> {
    let start = prefix(text, max);
    match text.len() - start.len() {
        0 => Cow::Borrowed(text),
        more => Cow::Owned(format!("{start}… ({more} bytes more)")),
    }
}

/// At most the first `max` bytes of `text`, without a short part of a word at the end: it may be the start of a secret, too
/// short to be redacted.
fn prefix(text: &str, max: usize) -> &str {
    let start = &text[..text.floor_char_boundary(max)];
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-._~+/=%&;#\\".contains(c);
    let without = start.trim_end_matches(is_word);
    let continues = text[start.len()..].starts_with(is_word);
    if continues && start.len() - without.len() < SHORT_WORD {
        without
    } else {
        start
    }
}

/// Longer than the part by which a truncated secret is recognized.
const SHORT_WORD: usize = 64;

/// At most `max` bytes of `text`, printable.
pub fn quotable(text: &str, max: usize) -> String {
    printable(&truncate(text, max)).into_owned()
}

fn affects_a_terminal(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // Bidi_Control of <https://www.unicode.org/reports/tr9/>, the separators of lines and paragraphs, the byte order
        // mark, and the tags that no font shows.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}' => true,
        c => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn terminal_controls_are_replaced() {
        for (text, expected) in [
            (
                "Quota exceeded.\n\tTry later: ä 環境 👩‍💻",
                "Quota exceeded.\n\tTry later: ä 環境 👩‍💻",
            ),
            ("\u{1b}[31mred\u{1b}[0m", "\u{fffd}[31mred\u{fffd}[0m"),
            ("a\r\nb\rc", "a\nb\u{fffd}c"),
            ("\u{9b}2J\u{7f}\0\u{8}", "\u{fffd}2J\u{fffd}\u{fffd}\u{fffd}"),
            ("a\u{202e}b\u{2066}c\u{200f}", "a\u{fffd}b\u{fffd}c\u{fffd}"),
            ("a\u{2028}b\u{feff}\u{e0041}", "a\u{fffd}b\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(printable(text), expected, "{text:?}");
        }
    }

    #[test]
    fn long_text_is_truncated() {
        assert_eq!(truncate("äöü", 6), "äöü");
        assert_eq!(truncate("äöü", 5), "äö… (2 bytes more)");
        assert_eq!(truncate("token ya29.AbCdEf", 14), "token … (11 bytes more)");
        assert_eq!(truncate("token ya29. and", 11), "token ya29.… (4 bytes more)");
        assert_eq!(
            truncate(&"x".repeat(100), 70),
            format!("{}… (30 bytes more)", "x".repeat(70))
        );
        assert_eq!(quotable("äö\u{1b}", 5), "äö\u{fffd}");
        assert_eq!(quotable("äö\u{1b}ü", 5), "äö\u{fffd}… (2 bytes more)");
    }

    proptest! {
        #[test]
        fn printable_text_is_unchanged(text in ".{0,40}") {
            let shown = printable(&text);
            prop_assert!(!shown.contains(affects_a_terminal));
            prop_assert_eq!(printable(&shown), shown.as_ref());
        }
    }
}
