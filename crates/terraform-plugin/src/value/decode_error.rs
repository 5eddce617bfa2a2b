//! Why bytes are no value, and where in them.

use std::fmt;

use super::{Path, Step};

/// Why bytes are not a value.
#[derive(Debug, PartialEq, Eq)]
pub struct DecodeError {
    reason: String,
    /// From the fault outwards.
    steps: Vec<Step>,
}

impl DecodeError {
    pub(super) fn new(reason: impl Into<String>) -> DecodeError {
        DecodeError {
            reason: reason.into(),
            steps: Vec::new(),
        }
    }

    /// The same fault, seen from one level further out.
    pub(super) fn below(mut self, step: Step) -> DecodeError {
        self.steps.push(step);
        self
    }

    /// Where the fault is, as far as it was read that far: the root when nothing inside of it can be named.
    pub fn path(&self) -> Path {
        self.steps.iter().rev().cloned().collect()
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for DecodeError {}
