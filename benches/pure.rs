//! The pure parts of one plan, by criterion.
#![expect(missing_docs, reason = "criterion's macros make undocumented items")]

fn main() {}
