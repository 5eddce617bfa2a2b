//! Texts of a configuration that are sent in an HTTP header: what in them no header can carry.

/// The first character that cannot stand in a word of a header, in words and without the text itself: only visible
/// ASCII characters can.
pub fn invalid_in_header_word(text: &str) -> Option<String> {
    first(text, |c| c.is_ascii_graphic())
}

/// The first character that cannot stand in a value of several words.
pub(super) fn invalid_in_header(text: &str) -> Option<String> {
    first(text, |c| c.is_ascii_graphic() || c == ' ')
}

fn first(text: &str, is_valid: impl Fn(char) -> bool) -> Option<String> {
    let (index, character) = text.chars().enumerate().find(|(_, c)| !is_valid(*c))?;
    let name = match character {
        '\n' | '\r' => "a line break",
        ' ' => "a space",
        '\t' => "a tab",
        c if c.is_control() => "a control character",
        _ => "a character that is not ASCII",
    };
    let code = u32::from(character);
    Some(format!("{name} (U+{code:04X}) at character {}", index + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_character_that_no_header_carries_is_named_and_nothing_else() {
        for (text, found) in [
            ("hush\nhush", "a line break (U+000A) at character 5"),
            ("hush\r\n", "a line break (U+000D) at character 5"),
            ("\thush", "a tab (U+0009) at character 1"),
            ("hush\0", "a control character (U+0000) at character 5"),
            ("hush\u{7f}", "a control character (U+007F) at character 5"),
            ("hush\u{85}", "a control character (U+0085) at character 5"),
            ("häh", "a character that is not ASCII (U+00E4) at character 2"),
            (
                "ä\u{200b}",
                "a character that is not ASCII (U+00E4) at character 1",
            ),
        ] {
            assert_eq!(invalid_in_header_word(text).as_deref(), Some(found), "{text:?}");
            assert_eq!(invalid_in_header(text).as_deref(), Some(found), "{text:?}");
        }
        assert_eq!(
            invalid_in_header_word("Basic x").as_deref(),
            Some("a space (U+0020) at character 6")
        );
        assert_eq!(invalid_in_header("Basic x"), None);
        assert_eq!(invalid_in_header_word("ya29.a-b_c~d+e/f=="), None);
    }
}
