//! Members of a document that have an unexpected type.

/// The error text for a member, which [`Response`](crate::response::Response) recognizes by its first words.
pub(crate) fn unexpected_type(path: &serde_path_to_error::Path, reason: impl std::fmt::Display) -> String {
    format!("{MEMBER}{path} has an unexpected type: {reason}")
}

pub(crate) const MEMBER: &str = "member ";
