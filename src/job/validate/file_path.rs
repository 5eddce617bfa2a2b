//! Paths of files and directories.

/// Whether a path starts with `/` and has no `..`.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with('/') && is_valid(path)
}

pub(super) fn is_relative(path: &str) -> bool {
    !path.is_empty() && !path.starts_with('/') && is_valid(path)
}

fn is_valid(path: &str) -> bool {
    path.split('/').all(|step| step != "..") && !path.contains(char::is_control)
}
