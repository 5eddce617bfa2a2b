//! Errors and warnings.

use std::fmt;

use crate::value::{Number, Path};

/// The severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Terraform stops.
    Error,
    /// Terraform continues.
    Warning,
}

/// An error or warning for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// A short, constant, searchable phrase.
    pub summary: String,
    /// What must hold, what was found, and what to do, in sentences.
    pub detail: String,
    /// The attribute; the root for the whole resource, data source or provider.
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

/// A value that does not meet a rule. Its message has one form: "`path` must RULE, got VALUE. FIX."
///
/// ```
/// use terraform_plugin::diagnostic::{InvalidValue, quoted};
/// use terraform_plugin::value::Path;
///
/// let error = InvalidValue {
///     path: Path::attribute("resources").key("cpu"),
///     must: "be \"20\" or \"24\"".into(),
///     got: quoted("8"),
///     fix: "Omit it to use the default, \"20\".".into(),
/// }
/// .error("Unsupported number of vCPUs");
/// assert_eq!(
///     error.detail,
///     r#"resources.cpu must be "20" or "24", got "8". Omit it to use the default, "20"."#
/// );
/// ```
#[derive(Clone, Debug)]
pub struct InvalidValue {
    /// The attribute or element. The message shows all of its steps.
    pub path: Path,
    /// What must hold, after "must".
    pub must: String,
    /// What was found: a value in quotes, a number, or words. Never a sensitive value.
    pub got: String,
    /// What to do, in sentences. A warning says first what happens if it is ignored.
    pub fix: String,
}

impl InvalidValue {
    /// An error with a short, constant, searchable summary.
    pub fn error(self, summary: impl Into<String>) -> Diagnostic {
        let detail = format!("{} must {}, got {}. {}", self.path, self.must, self.got, self.fix);
        Diagnostic::attribute_error(self.path, summary, detail)
    }

    /// A warning with a short, constant, searchable summary.
    pub fn warning(self, summary: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            ..self.error(summary)
        }
    }
}

/// For functions that return several.
impl From<Diagnostic> for Vec<Diagnostic> {
    fn from(diagnostic: Diagnostic) -> Self {
        vec![diagnostic]
    }
}

/// Text for a message: in quotes, and truncated after 80 characters.
pub fn quoted(text: &str) -> String {
    truncated(text, |text| format!("{text:?}"))
}

/// Alternatives for a message: `a, b or c`.
pub fn alternatives(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// A number for a message, truncated after 80 characters.
pub fn number(number: &Number) -> String {
    truncated(&number.to_string(), str::to_owned)
}

fn truncated(text: &str, write: impl Fn(&str) -> String) -> String {
    match text.char_indices().nth(MAX_LENGTH) {
        None => write(text),
        Some((end, _)) => format!(
            "{} (truncated, {} characters)",
            write(&text[..end]),
            text.chars().count()
        ),
    }
}

/// The most characters of a value in a message.
const MAX_LENGTH: usize = 80;

impl fmt::Display for Diagnostic {
    /// For logs and tests.
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
    fn long_values_are_truncated() {
        assert_eq!(quoted("a \"b\""), r#""a \"b\"""#);
        assert_eq!(quoted(&"ä".repeat(80)), format!("{:?}", "ä".repeat(80)));
        let long = quoted(&"ä".repeat(1_000_000));
        assert_eq!(
            long,
            format!("{:?} (truncated, 1000000 characters)", "ä".repeat(80))
        );
        assert_eq!(number(&Number::from(-7_i64)), "-7");
        let digits = number(&Number::parse(&"9".repeat(400)).unwrap());
        assert!(
            digits.len() < 110 && digits.ends_with("(truncated, 400 characters)"),
            "{digits}"
        );
    }
}
