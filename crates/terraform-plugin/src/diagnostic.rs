//! What a user is told: errors and warnings, each at the attribute that it is about.

use std::fmt;

use crate::value::{Number, Path};

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Terraform stops.
    Error,
    /// Terraform goes on and shows it.
    Warning,
}

/// One message to the user: the rule, what was found, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How grave it is.
    pub severity: Severity,
    /// Short and constant, so that it can be searched for.
    pub summary: String,
    /// The rule, the finding and the way out, in whole sentences.
    pub detail: String,
    /// The attribute that it is about; the root when it is about the whole resource.
    pub path: Path,
}

impl Diagnostic {
    /// An error about the whole resource, data source or provider.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Diagnostic::attribute_error(Path::default(), summary, detail)
    }

    /// A warning about the whole resource, data source or provider.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Diagnostic::attribute_warning(Path::default(), summary, detail)
    }

    /// An error at an attribute.
    pub fn attribute_error(path: Path, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            path,
        }
    }

    /// A warning at an attribute.
    pub fn attribute_warning(path: Path, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::attribute_error(path, summary, detail)
        }
    }

    /// Whether Terraform stops at it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// So that one problem is reported where there may be several.
impl From<Diagnostic> for Vec<Diagnostic> {
    fn from(diagnostic: Diagnostic) -> Self {
        vec![diagnostic]
    }
}

/// Text as a message shows it: in quotes, and cut where it is absurdly long.
pub fn quoted(text: &str) -> String {
    shown(text, |text| format!("{text:?}"))
}

/// Alternatives as a sentence lists them: `a, b or c`.
pub fn alternatives(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// A number as a message shows it: cut where it is absurdly long.
pub fn number(number: &Number) -> String {
    shown(&number.to_string(), str::to_owned)
}

fn shown(text: &str, write: impl Fn(&str) -> String) -> String {
    match text.char_indices().nth(LONGEST_SHOWN) {
        None => write(text),
        Some((end, _)) => format!(
            "{} (cut, {} characters)",
            write(&text[..end]),
            text.chars().count()
        ),
    }
}

/// The most characters of a value that a message shows.
const LONGEST_SHOWN: usize = 80;

impl fmt::Display for Diagnostic {
    /// As tests and logs show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let at = if self.path.is_empty() {
            String::new()
        } else {
            format!(" at {}", self.path)
        };
        write!(
            f,
            "{severity}{at}: {}\n  {}",
            self.summary,
            self.detail.replace('\n', "\n  ")
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn what_is_absurdly_long_is_cut_and_says_so() {
        assert_eq!(quoted("a \"b\""), r#""a \"b\"""#);
        assert_eq!(quoted(&"ä".repeat(80)), format!("{:?}", "ä".repeat(80)));
        let long = quoted(&"ä".repeat(1_000_000));
        assert_eq!(long, format!("{:?} (cut, 1000000 characters)", "ä".repeat(80)));
        assert_eq!(number(&Number::from(-7_i64)), "-7");
        let digits = number(&Number::parse(&"9".repeat(400)).unwrap());
        assert!(
            digits.len() < 110 && digits.ends_with("(cut, 400 characters)"),
            "{digits}"
        );
    }
}
