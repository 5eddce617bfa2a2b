//! Removes escapes: those of JSON, of Rust's `{:?}`, of URLs and of HTML.

/// A text with some layers of escapes removed.
pub(super) struct Layer {
    pub(super) bytes: Vec<u8>,
    /// The position of each byte, and of the end, in the original text.
    pub(super) positions: Vec<usize>,
}

impl Layer {
    /// The text as it is.
    pub(super) fn of(text: &str) -> Layer {
        let layer = Layer {
            bytes: text.into(),
            positions: (0..=text.len()).collect(),
        };
        layer.with_unix_line_ends()
    }

    /// The text without its outermost escapes; `None` when there are none.
    pub(super) fn unescaped(&self) -> Option<Layer> {
        let mut next = Layer {
            bytes: Vec::with_capacity(self.bytes.len()),
            positions: Vec::with_capacity(self.positions.len()),
        };
        let mut at = 0;
        while at < self.bytes.len() {
            let (unescaped, length) =
                unescape(&self.bytes[at..]).unwrap_or((Unescaped::Byte(self.bytes[at]), 1));
            match unescaped {
                Unescaped::Byte(byte) => next.bytes.push(byte),
                Unescaped::Char(c) => next
                    .bytes
                    .extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            next.positions.resize(next.bytes.len(), self.positions[at]);
            at += length;
        }
        next.positions.extend(self.positions.last());
        // An escape is longer than its character.
        (next.bytes.len() < self.bytes.len()).then(|| next.with_unix_line_ends())
    }

    /// Without the carriage returns of line ends, which a program that quotes a secret may have added.
    fn with_unix_line_ends(self) -> Layer {
        if memchr::memmem::find(&self.bytes, b"\r\n").is_none() {
            return self;
        }
        let is_removed = |at: &usize| self.bytes[*at..].starts_with(b"\r\n");
        let kept: Vec<usize> = (0..self.bytes.len()).filter(|at| !is_removed(at)).collect();
        Layer {
            bytes: kept.iter().map(|at| self.bytes[*at]).collect(),
            positions: kept
                .iter()
                .chain([&self.bytes.len()])
                .map(|at| self.positions[*at])
                .collect(),
        }
    }
}

/// The value of an escape.
enum Unescaped {
    /// Perhaps a part of a character.
    Byte(u8),
    Char(char),
}

/// The value and the length of the escape at the start of the text.
fn unescape(text: &[u8]) -> Option<(Unescaped, usize)> {
    match text {
        [b'%', high, low, ..] => Some((Unescaped::Byte(number(&[*high, *low], 16)?.try_into().ok()?), 3)),
        [b'\\', b'u', b'{', rest @ ..] => {
            let length = rest.iter().take(7).position(|byte| *byte == b'}')?;
            Some((of_number(number(&rest[..length], 16)?)?, length + 4))
        }
        [b'\\', b'u', rest @ ..] => Some((of_number(number(rest.get(..4)?, 16)?)?, 6)),
        [b'\\', b'x', rest @ ..] => Some((of_number(number(rest.get(..2)?, 16)?)?, 4)),
        [b'\\', b'n', ..] => Some((Unescaped::Byte(b'\n'), 2)),
        [b'\\', b'r', ..] => Some((Unescaped::Byte(b'\r'), 2)),
        [b'\\', b't', ..] => Some((Unescaped::Byte(b'\t'), 2)),
        [b'\\', byte, ..] if byte.is_ascii_punctuation() => Some((Unescaped::Byte(*byte), 2)),
        [b'&', rest @ ..] => {
            let length = rest
                .iter()
                .take(MAX_NAME_LENGTH + 1)
                .position(|byte| *byte == b';')?;
            let unescaped = match &rest[..length] {
                [b'#', b'x' | b'X', digits @ ..] => of_number(number(digits, 16)?)?,
                [b'#', digits @ ..] => of_number(number(digits, 10)?)?,
                name => Unescaped::Byte(NAMES.iter().find(|(known, _)| *known == name)?.1),
            };
            Some((unescaped, length + 2))
        }
        _ => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    // Without a sign, which `from_str_radix` accepts.
    let is_digits = digits.iter().all(u8::is_ascii_alphanumeric);
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_digits)?;
    u32::from_str_radix(digits, radix).ok()
}

fn of_number(number: u32) -> Option<Unescaped> {
    char::from_u32(number).map(Unescaped::Char)
}

/// Characters of tokens that HTML pages escape by name.
const NAMES: [(&[u8], u8); 9] = [
    (b"amp", b'&'),
    (b"lt", b'<'),
    (b"gt", b'>'),
    (b"quot", b'"'),
    (b"apos", b'\''),
    (b"plus", b'+'),
    (b"sol", b'/'),
    (b"equals", b'='),
    (b"lowbar", b'_'),
];
/// The most bytes between `&` and `;`.
const MAX_NAME_LENGTH: usize = 8;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        let unescaped = Layer::of(text).unescaped().unwrap_or_else(|| Layer::of(text));
        assert_eq!(String::from_utf8_lossy(&unescaped.bytes), expected, "{text}");
    }

    #[test]
    fn each_kind_of_escape_is_removed_once() {
        check(r#"1\/\/a\"b\\c\n\u002Fd\u{2f}e\x2F"#, "1//a\"b\\c\n/d/e/");
        check("1%2F%2fa%C3%A4", "1//aä");
        check("1%252F", "1%2F");
        check(
            "&amp;&lt;&gt;&quot;&apos;&#39;&#x2F;&#X2f;&#43;&plus;&sol;&equals;&lowbar;",
            "&<>\"''//++/=_",
        );
    }

    #[test]
    fn other_text_is_unchanged() {
        for text in [
            "",
            "100 %",
            "%",
            "%2",
            "%zz",
            "%+1",
            "a & b",
            "&",
            "&;",
            "&#;",
            "&#xD800;",
            "&nosuchname;",
            "\\",
            "\\u12",
            "\\u{}",
            "\\uD800",
            "\\q",
            "\\x1",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn each_byte_has_its_position() {
        let unescaped = Layer::of("a%2Fb\\/c&amp;d").unescaped().unwrap();
        assert_eq!(unescaped.bytes, b"a/b/c&d");
        assert_eq!(unescaped.positions, [0, 1, 4, 5, 7, 8, 13, 14]);
    }

    proptest! {
        #[test]
        fn positions_are_ordered_for_any_text(text in r#"([a-z]|\r|\n|\\|%|&|[0-9A-F]|;|u|\{|\}|#|ä){0,40}"#) {
            let layers = std::iter::successors(Some(Layer::of(&text)), Layer::unescaped);
            for Layer { bytes, positions } in layers {
                prop_assert!(positions.is_sorted() && positions.len() == bytes.len() + 1);
                prop_assert_eq!(*positions.last().unwrap(), text.len());
            }
        }
    }
}
