//! Paths of files and directories.

/// The rule of [`is_absolute`] in a message.
pub(super) const ABSOLUTE: &str = "be an absolute path without \"..\"";
/// The rule of [`is_relative`] in a message.
pub(super) const RELATIVE: &str = "be a relative path without \"..\"";

/// Whether a path starts with `/` and has no `..`.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with('/') && is_valid(path)
}

/// Whether a path does not start with `/` and has no `..`.
pub(super) fn is_relative(path: &str) -> bool {
    !path.is_empty() && !path.starts_with('/') && is_valid(path)
}

fn is_valid(path: &str) -> bool {
    path.split('/').all(|step| step != "..") && !path.contains(char::is_control)
}
