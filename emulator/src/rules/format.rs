//! The formats of names.

/// Whether a text is a DNS label as defined by RFC 1123.
pub(super) fn is_dns_label(text: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= 63
        && text.bytes().next().is_some_and(is_alphanumeric)
        && text.bytes().next_back().is_some_and(is_alphanumeric)
        && text.bytes().all(|byte| is_alphanumeric(byte) || byte == b'-')
}

/// Whether a resource name matches a pattern such as `projects/*/secrets/*`.
pub(super) fn matches_pattern(name: &str, pattern: &str) -> bool {
    let segments: Vec<&str> = name.split('/').collect();
    let patterns: Vec<&str> = pattern.split('/').collect();
    segments.len() == patterns.len()
        && segments.iter().zip(patterns).all(|(segment, pattern)| {
            if pattern == "*" {
                !segment.is_empty()
            } else {
                *segment == pattern
            }
        })
}

/// A secret's short name in the same project, or its full name.
pub(super) fn is_secret(secret: &str) -> bool {
    let is_id = |id: &str| (1..=255).contains(&id.len()) && id.bytes().all(is_id_byte);
    is_id(secret)
        || (matches_pattern(secret, "projects/*/secrets/*") && secret.rsplit('/').next().is_some_and(is_id))
}

/// The number or the alias of a secret's version; may be empty.
pub(super) fn is_secret_version(version: &str) -> bool {
    version.bytes().all(is_id_byte)
}

fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}
