//! Text of unknown origin, made fit to be printed: in a diagnostic, in a log line, in a panic message.

use std::borrow::Cow;

/// `text` without the characters that act on a terminal instead of being read: escape sequences, other control
/// characters, and those that change the direction of what follows. Line ends and tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(acts_on_a_terminal) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    text.replace(acts_on_a_terminal, "\u{fffd}").into()
}

/// `text` with at most `most` bytes, and how many more there were.
pub fn cut(text: &str, most: usize) -> Cow<'_, str> {
    let start = start(text, most);
    match text.len() - start.len() {
        0 => Cow::Borrowed(text),
        more => Cow::Owned(format!("{start}… ({more} bytes more)")),
    }
}

/// The start of `text`, with at most `most` bytes. A short word at its end that goes on is left out: it may be a part of a
/// secret, too short to be known as one.
pub fn start(text: &str, most: usize) -> &str {
    let start = &text[..text.floor_char_boundary(most)];
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || "-._~+/=%&;#\\".contains(c);
    let without = start.trim_end_matches(is_of_word);
    let goes_on = text[start.len()..].starts_with(is_of_word);
    if goes_on && start.len() - without.len() < SHORT_WORD {
        without
    } else {
        start
    }
}

/// Longer than the part by which a cut secret is known.
const SHORT_WORD: usize = 64;

/// Both at once, for what another program says. What is cut off is not looked at: it may be megabytes.
pub fn quotable(text: &str, most: usize) -> String {
    printable(&cut(text, most)).into_owned()
}

fn acts_on_a_terminal(c: char) -> bool {
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
    fn what_acts_on_a_terminal_is_not_printed() {
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
    fn what_is_too_long_is_cut_and_says_so() {
        assert_eq!(cut("äöü", 6), "äöü");
        assert_eq!(cut("äöü", 5), "äö… (2 bytes more)");
        assert_eq!(cut("token ya29.AbCdEf", 14), "token … (11 bytes more)");
        assert_eq!(cut("token ya29. and", 11), "token ya29.… (4 bytes more)");
        assert_eq!(
            cut(&"x".repeat(100), 70),
            format!("{}… (30 bytes more)", "x".repeat(70))
        );
        assert_eq!(quotable("äö\u{1b}", 5), "äö\u{fffd}");
        assert_eq!(quotable("äö\u{1b}ü", 5), "äö\u{fffd}… (2 bytes more)");
    }

    proptest! {
        #[test]
        fn nothing_printable_is_changed_and_nothing_else_is_left(text in ".{0,40}") {
            let shown = printable(&text);
            prop_assert!(!shown.contains(acts_on_a_terminal));
            prop_assert_eq!(printable(&shown), shown.as_ref());
        }
    }
}
