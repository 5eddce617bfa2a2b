//! Groups of attributes, by what changes them.

/// Attributes that are sent to the API: a change of one of them is a new generation of the job.
pub(super) const SENT: [&str; 14] = [
    "container",
    "gpu",
    "resources",
    "job",
    "secrets",
    "env",
    "vpc_access",
    "volumes",
    "service_account",
    "encryption_key",
    "binary_authorization",
    "launch_stage",
    "annotations",
    "effective_labels",
];
/// Computed once, when the job is created.
pub(super) const PER_JOB: [&str; 3] = ["uid", "create_time", "creator"];
/// Different in each generation.
pub(super) const PER_GENERATION: [&str; 5] =
    ["generation", "etag", "update_time", "last_modifier", "condition"];
/// Changed by executions only. A plan that made them unknown would show a change where there is none, so an apply stores
/// them as planned, and the next refresh updates them.
pub(super) const EXECUTIONS: [&str; 2] = ["execution_count", "latest_execution"];
