//! Text of unknown origin, bounded before it becomes part of a message.

use std::borrow::Cow;

/// Cuts `text` to at most `max` bytes, and adds how many more there were.
pub(crate) fn truncate(text: &str, max: usize) -> Cow<'_, str> {
    let start = prefix(text, max);
    match text.len() - start.len() {
        0 => Cow::Borrowed(text),
        more => Cow::Owned(format!("{start}… ({more} bytes more)")),
    }
}

/// The start of `text`, with at most `max` bytes. A short partial word at the end is omitted: it may be a part of
/// a secret that is too short for redaction to recognize.
pub(crate) fn prefix(text: &str, max: usize) -> &str {
    let start = &text[..text.floor_char_boundary(max)];
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-._~+/=%&;#\\".contains(c);
    let without = start.trim_end_matches(is_word);
    let goes_on = text[start.len()..].starts_with(is_word);
    if goes_on && start.len() - without.len() < SHORT_WORD {
        without
    } else {
        start
    }
}

/// Longer than the part by which redaction recognizes a secret.
const SHORT_WORD: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_before_a_partial_word() {
        assert_eq!(truncate("äöü", 6), "äöü");
        assert_eq!(truncate("äöü", 5), "äö… (2 bytes more)");
        assert_eq!(truncate("token ya29.AbCdEf", 14), "token … (11 bytes more)");
        assert_eq!(truncate("token ya29. and", 11), "token ya29.… (4 bytes more)");
        assert_eq!(
            truncate(&"x".repeat(100), 70),
            format!("{}… (30 bytes more)", "x".repeat(70))
        );
    }
}
