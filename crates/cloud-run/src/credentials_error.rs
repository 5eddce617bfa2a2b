//! Why credentials cannot be used.

use crate::status::Status;

/// Why credentials cannot be used, in one sentence and without any part of them.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{reason}")]
pub struct CredentialsError {
    reason: String,
    kind: ErrorKind,
    problem: Option<Box<CredentialsProblem>>,
}

/// A problem on which an application can advise its user.
#[derive(Clone, Debug, PartialEq)]
pub enum CredentialsProblem {
    /// Something else was given instead of credentials.
    Mistake(Mistake),
    /// The credential document has a type that this client does not support.
    UnsupportedType,
    /// There are no application-default credentials.
    NotFound,
    /// The IAM Credentials API refused to impersonate the service account.
    ImpersonationRefused(Status),
}

/// What was given instead of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Mistake {
    Json,
    TruncatedJson,
    Base64Json,
    QuotedText,
    AccessToken,
    JsonWebToken,
    Pem,
    Base64Pem,
}

/// Whether a retry may succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    Permanent,
    Transient,
    /// No connection: the server may be down, or not exist.
    Unreachable,
}

impl CredentialsError {
    pub(crate) fn new(reason: impl Into<String>) -> CredentialsError {
        CredentialsError {
            reason: reason.into(),
            kind: ErrorKind::Permanent,
            problem: None,
        }
    }

    /// The problem, if an application can advise on it.
    pub fn problem(&self) -> Option<&CredentialsProblem> {
        self.problem.as_deref()
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn with(self, kind: ErrorKind) -> CredentialsError {
        CredentialsError { kind, ..self }
    }

    pub(crate) fn with_problem(self, problem: CredentialsProblem) -> CredentialsError {
        CredentialsError {
            problem: Some(Box::new(problem)),
            ..self
        }
    }

    /// The same error, after its context.
    pub(crate) fn within(self, context: &str) -> CredentialsError {
        let reason = format!("{context}: {}", self.reason);
        CredentialsError { reason, ..self }
    }

    /// The same error, followed by another sentence.
    pub(crate) fn followed_by(self, sentence: &str) -> CredentialsError {
        let reason = format!("{}. {sentence}", self.reason);
        CredentialsError { reason, ..self }
    }
}
