//! Errors in encoded values.

use std::fmt;

use super::{Path, Step};

/// Why bytes are not a value, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct DecodeError {
    reason: String,
    /// From the error to the root.
    steps: Vec<Step>,
}

impl DecodeError {
    pub(super) fn new(reason: impl Into<String>) -> DecodeError {
        DecodeError {
            reason: reason.into(),
            steps: Vec::new(),
        }
    }

    /// The same error, seen from the parent value.
    pub(super) fn below(mut self, step: Step) -> DecodeError {
        self.steps.push(step);
        self
    }

    /// The path to the error; the root when it cannot be determined.
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
