//! Why credentials cannot be used.

use crate::status::Status;

/// Why credentials cannot be used, in one sentence and without any part of them.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{reason}")]
pub struct CredentialsError {
    reason: String,
    kind: ErrorKind,
    problem: Option<Box<CredentialsProblem>>,
    in_gcloud_file: bool,
}

/// A problem on which an application can advise its user.
#[derive(Clone, Debug, PartialEq)]
pub enum CredentialsProblem {
    /// The text has another form than credentials.
    Mistake(Mistake),
    /// The credential document has a type that this client does not support.
    UnsupportedType,
    /// There are no application-default credentials.
    NotFound,
    /// The metadata server responded, without a token.
    MetadataServer,
    /// The IAM Credentials API did not impersonate the service account.
    ImpersonationRefused(Status),
}

/// The form of a text that is not credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
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
            in_gcloud_file: false,
        }
    }

    /// The problem, if an application can advise on it.
    pub fn problem(&self) -> Option<&CredentialsProblem> {
        self.problem.as_deref()
    }

    /// Whether the credentials are those of `gcloud auth application-default login`, which can be repeated.
    pub fn is_in_gcloud_file(&self) -> bool {
        self.in_gcloud_file
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

    /// The same error, of the file that gcloud writes.
    pub(crate) fn in_gcloud_file(self) -> CredentialsError {
        CredentialsError {
            in_gcloud_file: true,
            ..self
        }
    }
}
