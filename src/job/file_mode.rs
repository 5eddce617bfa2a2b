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
