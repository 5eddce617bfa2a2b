//! File modes: octal digits in quotes, so that none is read as a decimal number.

/// Parses `0444`, `444` or `0777`; `None` for anything but permissions.
pub(super) fn parse(text: &str) -> Option<i32> {
    let is_octal = (1..=4).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'7'));
    let mode = is_octal.then(|| i32::from_str_radix(text, 8).ok())??;
    (mode <= MAX).then_some(mode)
}

/// Whether files of a secret can have this mode: the owner can read, and everyone who can write can read.
pub(super) fn is_supported(mode: i32) -> bool {
    let readable = mode & 0o444;
    let writable = mode & 0o222;
    mode & 0o400 != 0 && (writable << 1) & !readable == 0
}

/// The mode of a decimal number such as `256`, which the google provider uses: `0400`. `None` for an unsupported mode and
/// for a number with a leading zero.
pub(super) fn from_decimal(text: &str) -> Option<String> {
    let mode = text
        .parse()
        .ok()
        .filter(|_| text.starts_with(|c: char| c.is_ascii_digit() && c != '0'))?;
    ((0..=MAX).contains(&mode) && is_supported(mode)).then(|| format(mode))
}

/// The four octal digits of a mode.
pub(super) fn format(mode: i32) -> String {
    format!("{mode:04o}")
}

/// Read, write and execute for everyone. The API accepts no other bits.
const MAX: i32 = 0o777;
/// The default for files of a secret: <https://cloud.google.com/run/docs/reference/rest/v2/Volume>.
pub(super) const SECRET_DEFAULT: i32 = 0o444;
