//! File modes, as users write them: octal digits in quotes, so that none is taken for a decimal number.

/// Reads `0444`, `444` or `0777`; none when it is no mode of a file's permissions.
pub(super) fn parse(text: &str) -> Option<i32> {
    let is_octal = (1..=4).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'7'));
    let mode = is_octal.then(|| i32::from_str_radix(text, 8).ok())??;
    (mode <= MOST).then_some(mode)
}

/// Whether files of a secret can have this mode: the owner has read permission, and no write permission comes without it.
pub(super) fn is_supported(mode: i32) -> bool {
    let may_read = mode & 0o444;
    let may_write = mode & 0o222;
    mode & 0o400 != 0 && (may_write << 1) & !may_read == 0
}

/// The mode that a decimal number such as `256` means, which the google provider takes: `0400`. None where it has a zero
/// before it or means no supported mode.
pub(super) fn of_decimal(text: &str) -> Option<String> {
    let mode = text
        .parse()
        .ok()
        .filter(|_| text.starts_with(|c: char| c.is_ascii_digit() && c != '0'))?;
    ((0..=MOST).contains(&mode) && is_supported(mode)).then(|| to_text(mode))
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

    #[test]
    fn the_owner_reads_and_whoever_writes_reads() {
        for mode in 0..=MOST {
            let digits = to_text(mode);
            let expected = !digits.contains(['2', '3']) && matches!(digits.as_bytes()[1], b'4'..=b'7');
            assert_eq!(is_supported(mode), expected, "{digits}");
        }
    }

    #[test]
    fn a_decimal_number_is_known_by_what_it_means() {
        for (text, expected) in [
            ("256", Some("0400")),
            ("292", Some("0444")),
            ("420", Some("0644")),
            ("511", Some("0777")),
            ("512", None),
            ("0256", None),
            ("20", None),
            ("+256", None),
            ("-1", None),
            ("", None),
        ] {
            assert_eq!(of_decimal(text).as_deref(), expected, "{text}");
        }
    }
}
