//! Validation of text that is sent in an HTTP header.

/// Describes the first character that is invalid in a token of a header, without quoting the text: only visible ASCII
/// characters are valid.
pub fn invalid_in_header_word(text: &str) -> Option<String> {
    let (index, character) = text.chars().enumerate().find(|(_, c)| !c.is_ascii_graphic())?;
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
    fn first_invalid_character_is_described_without_quoting() {
        for (text, found) in [
            ("hush\nhush", Some("a line break (U+000A) at character 5")),
            ("\thush", Some("a tab (U+0009) at character 1")),
            ("Basic x", Some("a space (U+0020) at character 6")),
            ("hush\u{85}", Some("a control character (U+0085) at character 5")),
            (
                "ä\u{200b}",
                Some("a character that is not ASCII (U+00E4) at character 1"),
            ),
            ("ya29.a-b_c~d+e/f==", None),
        ] {
            assert_eq!(invalid_in_header_word(text).as_deref(), found, "{text:?}");
        }
    }
}
