//! Jobs, without their containers and volumes.
//!
//! Names, types and marks are those of Google's discovery document of the API, revision 20261031.

use super::container::{CONTAINER, ENV_VAR, VOLUME, VOLUME_MOUNT};
use super::enumeration::{
    COMMON_REASON, COMPLETION_STATUS, EXECUTION_ENVIRONMENT, EXECUTION_REASON, FUNCTIONAL_TYPE,
    IDENTITY_TYPE, INSTANCE_REASON, LAUNCH_STAGE, REVISION_REASON, SEVERITY, STATE, VPC_EGRESS,
};
use super::{Kind, Message, input, output};

pub(crate) static JOB: Message = Message {
    name: "google.cloud.run.v2.Job",
    fields: &[
        input("annotations", Kind::Map),
        input("binaryAuthorization", Kind::Message(&BINARY_AUTHORIZATION)),
        input("client", Kind::Text),
        input("clientVersion", Kind::Text),
        input("etag", Kind::Text),
        input("functionalType", Kind::Enum(&FUNCTIONAL_TYPE)),
        input("labels", Kind::Map),
        input("launchStage", Kind::Enum(&LAUNCH_STAGE)),
        input("name", Kind::Text),
        input("runExecutionToken", Kind::Text).one_of("execution"),
        input("startExecutionToken", Kind::Text).one_of("execution"),
        input("template", Kind::Message(&EXECUTION_TEMPLATE)),
        output("conditions", Kind::List(&Kind::Message(&CONDITION))),
        output("createTime", Kind::Timestamp),
        output("creator", Kind::Text),
        output("deleteTime", Kind::Timestamp),
        output("executionCount", Kind::Int32),
        output("expireTime", Kind::Timestamp),
        output("generation", Kind::Int64),
        output("lastModifier", Kind::Text),
        output("latestCreatedExecution", Kind::Message(&EXECUTION_REFERENCE)),
        output("observedGeneration", Kind::Int64),
        output("reconciling", Kind::Bool),
        output("satisfiesPzs", Kind::Bool),
        output("terminalCondition", Kind::Message(&CONDITION)),
        output("uid", Kind::Text),
        output("updateTime", Kind::Timestamp),
    ],
};

pub(crate) static BINARY_AUTHORIZATION: Message = Message {
    name: "google.cloud.run.v2.BinaryAuthorization",
    fields: &[
        input("breakglassJustification", Kind::Text),
        input("policy", Kind::Text).one_of("binauthz_method"),
        input("useDefault", Kind::Bool).one_of("binauthz_method"),
    ],
};

pub(crate) static CONDITION: Message = Message {
    name: "google.cloud.run.v2.Condition",
    fields: &[
        input("lastTransitionTime", Kind::Timestamp),
        input("message", Kind::Text),
        input("severity", Kind::Enum(&SEVERITY)),
        input("state", Kind::Enum(&STATE)),
        input("type", Kind::Text),
        output("executionReason", Kind::Enum(&EXECUTION_REASON)).one_of("reasons"),
        output("instanceReason", Kind::Enum(&INSTANCE_REASON)).one_of("reasons"),
        output("reason", Kind::Enum(&COMMON_REASON)).one_of("reasons"),
        output("revisionReason", Kind::Enum(&REVISION_REASON)).one_of("reasons"),
    ],
};

pub(crate) static EXECUTION_REFERENCE: Message = Message {
    name: "google.cloud.run.v2.ExecutionReference",
    fields: &[
        input("completionStatus", Kind::Enum(&COMPLETION_STATUS)),
        input("completionTime", Kind::Timestamp),
        input("createTime", Kind::Timestamp),
        input("deleteTime", Kind::Timestamp),
        input("name", Kind::Text),
    ],
};

pub(crate) static EXECUTION_TEMPLATE: Message = Message {
    name: "google.cloud.run.v2.ExecutionTemplate",
    fields: &[
        input("annotations", Kind::Map),
        input("client", Kind::Text),
        input("clientVersion", Kind::Text),
        input("delayExecution", Kind::Bool),
        input("labels", Kind::Map),
        input("parallelism", Kind::Int32),
        input("taskCount", Kind::Int32),
        input("template", Kind::Message(&TASK_TEMPLATE)),
    ],
};

pub(crate) static TASK_TEMPLATE: Message = Message {
    name: "google.cloud.run.v2.TaskTemplate",
    fields: &[
        input("containers", Kind::List(&Kind::Message(&CONTAINER))),
        input("encryptionKey", Kind::Text),
        input("executionEnvironment", Kind::Enum(&EXECUTION_ENVIRONMENT)),
        input("gpuZonalRedundancyDisabled", Kind::Bool).optional(),
        input("maxRetries", Kind::Int32).one_of("retries"),
        input("nodeSelector", Kind::Message(&NODE_SELECTOR)),
        input("sandboxes", Kind::Message(&SANDBOX_CONFIGURATION)),
        input("serviceAccount", Kind::Text),
        input("timeout", Kind::Duration),
        input("volumes", Kind::List(&Kind::Message(&VOLUME))),
        input("vpcAccess", Kind::Message(&VPC_ACCESS)),
        input("workloadIdentityConfig", Kind::Message(&WORKLOAD_IDENTITY_CONFIG)),
    ],
};

pub(crate) static NODE_SELECTOR: Message = Message {
    name: "google.cloud.run.v2.NodeSelector",
    fields: &[input("accelerator", Kind::Text)],
};

pub(crate) static VPC_ACCESS: Message = Message {
    name: "google.cloud.run.v2.VpcAccess",
    fields: &[
        input("connector", Kind::Text),
        input("egress", Kind::Enum(&VPC_EGRESS)),
        input(
            "networkInterfaces",
            Kind::List(&Kind::Message(&NETWORK_INTERFACE)),
        ),
    ],
};

pub(crate) static NETWORK_INTERFACE: Message = Message {
    name: "google.cloud.run.v2.NetworkInterface",
    fields: &[
        input("network", Kind::Text),
        input("subnetwork", Kind::Text),
        input("tags", Kind::List(&Kind::Text)),
    ],
};

pub(crate) static WORKLOAD_IDENTITY_CONFIG: Message = Message {
    name: "google.cloud.run.v2.WorkloadIdentityConfig",
    fields: &[
        input("identity", Kind::Text),
        input("identityCertificateEnabled", Kind::Bool),
        input("identityType", Kind::Enum(&IDENTITY_TYPE)),
    ],
};

pub(crate) static SANDBOX_CONFIGURATION: Message = Message {
    name: "google.cloud.run.v2.SandboxConfiguration",
    fields: &[input("templates", Kind::List(&Kind::Message(&SANDBOX_TEMPLATE)))],
};

pub(crate) static SANDBOX_TEMPLATE: Message = Message {
    name: "google.cloud.run.v2.SandboxTemplate",
    fields: &[
        input("args", Kind::List(&Kind::Text)),
        input("command", Kind::List(&Kind::Text)),
        input("env", Kind::List(&Kind::Message(&ENV_VAR))),
        input("image", Kind::Text),
        input("name", Kind::Text),
        input("volumeMounts", Kind::List(&Kind::Message(&VOLUME_MOUNT))),
        input("workingDir", Kind::Text),
    ],
};
