//! File modes, as users write them: octal digits in quotes, so that none is taken for a decimal number.

/// Reads `0444`, `444` or `0777`; none when it is no mode of a file's permissions.
pub(super) fn parse(text: &str) -> Option<i32> {
    let is_octal = (1..=4).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'7'));
    let mode = is_octal.then(|| i32::from_str_radix(text, 8).ok())??;
    (mode <= MOST).then_some(mode)
}

/// The four digits of a mode.
pub(super) fn to_text(mode: i32) -> String {
    format!("{mode:04o}")
}

/// Read, write and execute for everybody: the service takes nothing beyond it.
const MOST: i32 = 0o777;
/// What files of a secret have when nothing is said: <https://cloud.google.com/run/docs/reference/rest/v2/Volume>.
pub(super) const OF_SECRETS: i32 = 0o444;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_octal_and_no_more_than_permissions() {
        for (text, expected) in [
            ("0444", Some(0o444)),
            ("444", Some(0o444)),
            ("0", Some(0)),
            ("0777", Some(0o777)),
            ("1777", None),
            ("0888", None),
            ("00444", None),
            ("", None),
            ("+44", None),
            ("0o44", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        assert_eq!(
            (to_text(OF_SECRETS).as_str(), to_text(0).as_str()),
            ("0444", "0000")
        );
    }
}
