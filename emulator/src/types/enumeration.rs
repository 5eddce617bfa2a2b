//! Enumerations, with their numbers.
//!
//! Numbers are those of Google's published proto files; of values too new for them, the next in line.

use super::Enum;

pub(super) static FUNCTIONAL_TYPE: Enum = Enum {
    name: "google.cloud.run.v2.FunctionalType",
    values: &[
        ("FUNCTIONAL_TYPE_UNSPECIFIED", 0),
        ("FUNCTIONAL_TYPE_AGENT", 1),
        ("FUNCTIONAL_TYPE_MCP_SERVER", 2),
    ],
};

pub(super) static LAUNCH_STAGE: Enum = Enum {
    name: "google.api.LaunchStage",
    values: &[
        ("LAUNCH_STAGE_UNSPECIFIED", 0),
        ("UNIMPLEMENTED", 6),
        ("PRELAUNCH", 7),
        ("EARLY_ACCESS", 1),
        ("ALPHA", 2),
        ("BETA", 3),
        ("GA", 4),
        ("DEPRECATED", 5),
    ],
};

pub(super) static SEVERITY: Enum = Enum {
    name: "google.cloud.run.v2.Condition.Severity",
    values: &[
        ("SEVERITY_UNSPECIFIED", 0),
        ("ERROR", 1),
        ("WARNING", 2),
        ("INFO", 3),
    ],
};

pub(super) static STATE: Enum = Enum {
    name: "google.cloud.run.v2.Condition.State",
    values: &[
        ("STATE_UNSPECIFIED", 0),
        ("CONDITION_PENDING", 1),
        ("CONDITION_RECONCILING", 2),
        ("CONDITION_FAILED", 3),
        ("CONDITION_SUCCEEDED", 4),
    ],
};

pub(super) static EXECUTION_REASON: Enum = Enum {
    name: "google.cloud.run.v2.Condition.ExecutionReason",
    values: &[
        ("EXECUTION_REASON_UNDEFINED", 0),
        ("JOB_STATUS_SERVICE_POLLING_ERROR", 1),
        ("NON_ZERO_EXIT_CODE", 2),
        ("CANCELLED", 3),
        ("CANCELLING", 4),
        ("DELETED", 5),
        ("DELAYED_START_PENDING", 6),
        ("DELAYED_EXECUTION_EXCEEDING_DURATION_LIMIT", 7),
    ],
};

pub(super) static INSTANCE_REASON: Enum = Enum {
    name: "google.cloud.run.v2.Condition.InstanceReason",
    values: &[
        ("INSTANCE_REASON_UNSPECIFIED", 0),
        ("INSTANCE_DELETED", 1),
        ("INSTANCE_STOPPED", 2),
        ("INSTANCE_STOPPING", 3),
        ("INSTANCE_NON_ZERO_EXIT_CODE", 4),
    ],
};

pub(super) static COMMON_REASON: Enum = Enum {
    name: "google.cloud.run.v2.Condition.CommonReason",
    values: &[
        ("COMMON_REASON_UNDEFINED", 0),
        ("UNKNOWN", 1),
        ("REVISION_FAILED", 3),
        ("PROGRESS_DEADLINE_EXCEEDED", 4),
        ("CONTAINER_MISSING", 6),
        ("CONTAINER_PERMISSION_DENIED", 7),
        ("CONTAINER_IMAGE_UNAUTHORIZED", 8),
        ("CONTAINER_IMAGE_AUTHORIZATION_CHECK_FAILED", 9),
        ("ENCRYPTION_KEY_PERMISSION_DENIED", 10),
        ("ENCRYPTION_KEY_CHECK_FAILED", 11),
        ("SECRETS_ACCESS_CHECK_FAILED", 12),
        ("WAITING_FOR_OPERATION", 13),
        ("IMMEDIATE_RETRY", 14),
        ("POSTPONED_RETRY", 15),
        ("INTERNAL", 16),
        ("VPC_NETWORK_NOT_FOUND", 17),
    ],
};

pub(super) static REVISION_REASON: Enum = Enum {
    name: "google.cloud.run.v2.Condition.RevisionReason",
    values: &[
        ("REVISION_REASON_UNDEFINED", 0),
        ("PENDING", 1),
        ("RESERVE", 2),
        ("RETIRED", 3),
        ("RETIRING", 4),
        ("RECREATING", 5),
        ("HEALTH_CHECK_CONTAINER_ERROR", 6),
        ("CUSTOMIZED_PATH_RESPONSE_PENDING", 7),
        ("MIN_INSTANCES_NOT_PROVISIONED", 8),
        ("ACTIVE_REVISION_LIMIT_REACHED", 9),
        ("NO_DEPLOYMENT", 10),
        ("HEALTH_CHECK_SKIPPED", 11),
        ("MIN_INSTANCES_WARMING", 12),
    ],
};

pub(super) static COMPLETION_STATUS: Enum = Enum {
    name: "google.cloud.run.v2.ExecutionReference.CompletionStatus",
    values: &[
        ("COMPLETION_STATUS_UNSPECIFIED", 0),
        ("EXECUTION_SUCCEEDED", 1),
        ("EXECUTION_FAILED", 2),
        ("EXECUTION_RUNNING", 3),
        ("EXECUTION_PENDING", 4),
        ("EXECUTION_CANCELLED", 5),
    ],
};

pub(super) static EXECUTION_ENVIRONMENT: Enum = Enum {
    name: "google.cloud.run.v2.ExecutionEnvironment",
    values: &[
        ("EXECUTION_ENVIRONMENT_UNSPECIFIED", 0),
        ("EXECUTION_ENVIRONMENT_GEN1", 1),
        ("EXECUTION_ENVIRONMENT_GEN2", 2),
    ],
};

pub(super) static VPC_EGRESS: Enum = Enum {
    name: "google.cloud.run.v2.VpcAccess.VpcEgress",
    values: &[
        ("VPC_EGRESS_UNSPECIFIED", 0),
        ("ALL_TRAFFIC", 1),
        ("PRIVATE_RANGES_ONLY", 2),
    ],
};

pub(super) static IDENTITY_TYPE: Enum = Enum {
    name: "google.cloud.run.v2.WorkloadIdentityConfig.IdentityType",
    values: &[
        ("IDENTITY_TYPE_UNSPECIFIED", 0),
        ("IDENTITY_TYPE_SERVICE_ACCOUNT", 1),
        ("IDENTITY_TYPE_AGENT_IDENTITY", 2),
    ],
};

pub(super) static MEDIUM: Enum = Enum {
    name: "google.cloud.run.v2.EmptyDirVolumeSource.Medium",
    values: &[("MEDIUM_UNSPECIFIED", 0), ("MEMORY", 1), ("DISK", 2)],
};

pub(super) static LOG_TYPE: Enum = Enum {
    name: "google.iam.v1.AuditLogConfig.LogType",
    values: &[
        ("LOG_TYPE_UNSPECIFIED", 0),
        ("ADMIN_READ", 1),
        ("DATA_WRITE", 2),
        ("DATA_READ", 3),
    ],
};
