//! Members of a document that have an unexpected type.

/// That a member of a document is in the way, for whoever reads a larger one that holds it.
pub(crate) fn unexpected_type(path: &serde_path_to_error::Path, reason: impl std::fmt::Display) -> String {
    format!("{MEMBER}{path} has an unexpected type: {reason}")
}

pub(crate) const MEMBER: &str = "its member ";
