//! Escapes taken off a text, whichever they are: those of JSON and of Rust's `{:?}`, of URLs, and of HTML.

/// A text without some layers of its escapes.
pub(super) struct Layer {
    pub(super) bytes: Vec<u8>,
    /// Where each byte, and the end, is in the original text.
    pub(super) places: Vec<usize>,
}

impl Layer {
    /// The text as it is.
    pub(super) fn of(text: &str) -> Layer {
        Layer {
            bytes: text.into(),
            places: (0..=text.len()).collect(),
        }
    }

    /// The same without its outermost escapes; `None` when there are none.
    pub(super) fn unescaped(&self) -> Option<Layer> {
        let mut next = Layer {
            bytes: Vec::with_capacity(self.bytes.len()),
            places: Vec::with_capacity(self.places.len()),
        };
        let mut at = 0;
        while at < self.bytes.len() {
            let (meant, length) = character(&self.bytes[at..]).unwrap_or((Meant::Byte(self.bytes[at]), 1));
            match meant {
                Meant::Byte(byte) => next.bytes.push(byte),
                Meant::Char(c) => next
                    .bytes
                    .extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            next.places.resize(next.bytes.len(), self.places[at]);
            at += length;
        }
        next.places.extend(self.places.last());
        // An escape is longer than what it stands for.
        (next.bytes.len() < self.bytes.len()).then_some(next)
    }
}

/// What an escape stands for.
enum Meant {
    /// A part of a character, perhaps.
    Byte(u8),
    Char(char),
}

/// What the escape at the beginning of the text stands for, and how long it is.
fn character(text: &[u8]) -> Option<(Meant, usize)> {
    match text {
        [b'%', high, low, ..] => Some((Meant::Byte(number(&[*high, *low], 16)?.try_into().ok()?), 3)),
        [b'\\', b'u', b'{', rest @ ..] => {
            let length = rest.iter().take(7).position(|byte| *byte == b'}')?;
            Some((of_number(number(&rest[..length], 16)?)?, length + 4))
        }
        [b'\\', b'u', rest @ ..] => Some((of_number(number(rest.get(..4)?, 16)?)?, 6)),
        [b'\\', b'x', rest @ ..] => Some((of_number(number(rest.get(..2)?, 16)?)?, 4)),
        [b'\\', b'n', ..] => Some((Meant::Byte(b'\n'), 2)),
        [b'\\', b'r', ..] => Some((Meant::Byte(b'\r'), 2)),
        [b'\\', b't', ..] => Some((Meant::Byte(b'\t'), 2)),
        [b'\\', byte, ..] if byte.is_ascii_punctuation() => Some((Meant::Byte(*byte), 2)),
        [b'&', rest @ ..] => {
            let length = rest
                .iter()
                .take(LONGEST_NAME + 1)
                .position(|byte| *byte == b';')?;
            let meant = match &rest[..length] {
                [b'#', b'x' | b'X', digits @ ..] => of_number(number(digits, 16)?)?,
                [b'#', digits @ ..] => of_number(number(digits, 10)?)?,
                name => Meant::Byte(NAMES.iter().find(|(known, _)| *known == name)?.1),
            };
            Some((meant, length + 2))
        }
        _ => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    // Else a sign would count as a digit.
    let is_digits = digits.iter().all(u8::is_ascii_alphanumeric);
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_digits)?;
    u32::from_str_radix(digits, radix).ok()
}

fn of_number(number: u32) -> Option<Meant> {
    char::from_u32(number).map(Meant::Char)
}

/// Characters that tokens consist of, and that pages escape by name.
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
/// Of a name, or of a number with its sign.
const LONGEST_NAME: usize = 8;

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
    fn each_kind_of_escape_is_taken_off_once() {
        check(r#"1\/\/a\"b\\c\n\u002Fd\u{2f}e\x2F"#, "1//a\"b\\c\n/d/e/");
        check("1%2F%2fa%C3%A4", "1//aä");
        check("1%252F", "1%2F");
        check(
            "&amp;&lt;&gt;&quot;&apos;&#39;&#x2F;&#X2f;&#43;&plus;&sol;&equals;&lowbar;",
            "&<>\"''//++/=_",
        );
    }

    #[test]
    fn what_is_no_escape_stays() {
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
    fn each_byte_has_its_place() {
        let unescaped = Layer::of("a%2Fb\\/c&amp;d").unescaped().unwrap();
        assert_eq!(unescaped.bytes, b"a/b/c&d");
        assert_eq!(unescaped.places, [0, 1, 4, 5, 7, 8, 13, 14]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_its_places_are_in_order(text in r#"([a-z]|\\|%|&|[0-9A-F]|;|u|\{|\}|#|ä){0,40}"#) {
            let layers = std::iter::successors(Some(Layer::of(&text)), Layer::unescaped);
            for Layer { bytes, places } in layers {
                prop_assert!(places.is_sorted() && places.len() == bytes.len() + 1);
                prop_assert_eq!(*places.last().unwrap(), text.len());
            }
        }
    }
}
