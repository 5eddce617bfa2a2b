//! Executions, tasks, what is sent to run and to cancel, and lists.
//!
//! Names, types and marks are those of Google's discovery document of the API, revision 20261031.

use super::container::{CONTAINER, ENV_VAR, VOLUME};
use super::enumeration::{EXECUTION_ENVIRONMENT, LAUNCH_STAGE};
use super::job::{
    CONDITION, JOB, NODE_SELECTOR, SANDBOX_CONFIGURATION, TASK_TEMPLATE, VPC_ACCESS, WORKLOAD_IDENTITY_CONFIG,
};
use super::longrunning::RPC_STATUS;
use super::{Kind, Message, input, output};

pub(crate) static EXECUTION: Message = Message {
    name: "google.cloud.run.v2.Execution",
    fields: &[
        input("launchStage", Kind::Enum(&LAUNCH_STAGE)),
        output("annotations", Kind::Map),
        output("cancelledCount", Kind::Int32),
        output("client", Kind::Text),
        output("clientVersion", Kind::Text),
        output("completionTime", Kind::Timestamp),
        output("conditions", Kind::List(&Kind::Message(&CONDITION))),
        output("createTime", Kind::Timestamp),
        output("creator", Kind::Text),
        output("deleteTime", Kind::Timestamp),
        output("etag", Kind::Text),
        output("expireTime", Kind::Timestamp),
        output("failedCount", Kind::Int32),
        output("generation", Kind::Int64),
        output("job", Kind::Text),
        output("labels", Kind::Map),
        output("logUri", Kind::Text),
        output("name", Kind::Text),
        output("observedGeneration", Kind::Int64),
        output("parallelism", Kind::Int32),
        output("reconciling", Kind::Bool),
        output("retriedCount", Kind::Int32),
        output("runningCount", Kind::Int32),
        output("satisfiesPzs", Kind::Bool),
        output("startTime", Kind::Timestamp),
        output("succeededCount", Kind::Int32),
        output("taskCount", Kind::Int32),
        output("template", Kind::Message(&TASK_TEMPLATE)),
        output("uid", Kind::Text),
        output("updateTime", Kind::Timestamp),
    ],
};

pub(crate) static TASK: Message = Message {
    name: "google.cloud.run.v2.Task",
    fields: &[
        input("containers", Kind::List(&Kind::Message(&CONTAINER))),
        input("executionEnvironment", Kind::Enum(&EXECUTION_ENVIRONMENT)),
        input("maxRetries", Kind::Int32).one_of("retries"),
        input("sandboxes", Kind::Message(&SANDBOX_CONFIGURATION)),
        input("serviceAccount", Kind::Text),
        input("timeout", Kind::Duration),
        input("volumes", Kind::List(&Kind::Message(&VOLUME))),
        input("workloadIdentityConfig", Kind::Message(&WORKLOAD_IDENTITY_CONFIG)),
        output("annotations", Kind::Map),
        output("completionTime", Kind::Timestamp),
        output("conditions", Kind::List(&Kind::Message(&CONDITION))),
        output("createTime", Kind::Timestamp),
        output("deleteTime", Kind::Timestamp),
        output("encryptionKey", Kind::Text),
        output("etag", Kind::Text),
        output("execution", Kind::Text),
        output("expireTime", Kind::Timestamp),
        output("generation", Kind::Int64),
        output("gpuZonalRedundancyDisabled", Kind::Bool).optional(),
        output("index", Kind::Int32),
        output("job", Kind::Text),
        output("labels", Kind::Map),
        output("lastAttemptResult", Kind::Message(&TASK_ATTEMPT_RESULT)),
        output("logUri", Kind::Text),
        output("name", Kind::Text),
        output("nodeSelector", Kind::Message(&NODE_SELECTOR)),
        output("observedGeneration", Kind::Int64),
        output("reconciling", Kind::Bool),
        output("retried", Kind::Int32),
        output("satisfiesPzs", Kind::Bool),
        output("scheduledTime", Kind::Timestamp),
        output("startTime", Kind::Timestamp),
        output("uid", Kind::Text),
        output("updateTime", Kind::Timestamp),
        output("vpcAccess", Kind::Message(&VPC_ACCESS)),
    ],
};

pub(crate) static TASK_ATTEMPT_RESULT: Message = Message {
    name: "google.cloud.run.v2.TaskAttemptResult",
    fields: &[
        output("exitCode", Kind::Int32),
        output("status", Kind::Message(&RPC_STATUS)),
        output("termSignal", Kind::Int32),
    ],
};

pub(crate) static RUN_JOB_REQUEST: Message = Message {
    name: "google.cloud.run.v2.RunJobRequest",
    fields: &[
        input("etag", Kind::Text),
        input("overrides", Kind::Message(&OVERRIDES)),
        input("validateOnly", Kind::Bool),
    ],
};

pub(crate) static OVERRIDES: Message = Message {
    name: "google.cloud.run.v2.RunJobRequest.Overrides",
    fields: &[
        input(
            "containerOverrides",
            Kind::List(&Kind::Message(&CONTAINER_OVERRIDE)),
        ),
        input("delayExecution", Kind::Bool),
        input("taskCount", Kind::Int32),
        input("timeout", Kind::Duration),
    ],
};

pub(crate) static CONTAINER_OVERRIDE: Message = Message {
    name: "google.cloud.run.v2.RunJobRequest.Overrides.ContainerOverride",
    fields: &[
        input("args", Kind::List(&Kind::Text)),
        input("clearArgs", Kind::Bool),
        input("env", Kind::List(&Kind::Message(&ENV_VAR))),
        input("name", Kind::Text),
    ],
};

pub(crate) static CANCEL_EXECUTION_REQUEST: Message = Message {
    name: "google.cloud.run.v2.CancelExecutionRequest",
    fields: &[input("etag", Kind::Text), input("validateOnly", Kind::Bool)],
};

pub(crate) static LIST_JOBS_RESPONSE: Message = Message {
    name: "google.cloud.run.v2.ListJobsResponse",
    fields: &[
        input("jobs", Kind::List(&Kind::Message(&JOB))),
        input("nextPageToken", Kind::Text),
    ],
};

pub(crate) static LIST_EXECUTIONS_RESPONSE: Message = Message {
    name: "google.cloud.run.v2.ListExecutionsResponse",
    fields: &[
        input("executions", Kind::List(&Kind::Message(&EXECUTION))),
        input("nextPageToken", Kind::Text),
    ],
};

pub(crate) static LIST_TASKS_RESPONSE: Message = Message {
    name: "google.cloud.run.v2.ListTasksResponse",
    fields: &[
        input("nextPageToken", Kind::Text),
        input("tasks", Kind::List(&Kind::Message(&TASK))),
    ],
};
