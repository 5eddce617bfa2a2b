//! The catalog of faults, each with the real event that it imitates.

use std::time::Duration;

use super::Random::{Eligible, Excluded};
use super::responses;
use super::target::Target;
use super::{ConcurrentChange, Effect, Fault};
use crate::response::{Delivery, Response};
use crate::store::ReconcileOutcome;

/// All faults: of the network, the service, permissions, quota, other clients, operations, jobs.
pub(super) const CATALOG: &[Fault] = &[
    Fault {
        name: "connection-cut",
        description: "A load balancer or a suspended laptop closes the connection before the request is accepted.",
        target: Target::Any,
        random: Eligible("the request was not received and can be sent again"),
        effect: Effect::Respond(|_| Response {
            delivery: Delivery::Closed,
            ..responses::internal()
        }),
    },
    Fault {
        name: "create-lost-answer",
        description: "Google accepts a create request and creates the job, but the connection breaks before the \
                response arrives; a client that repeats the request conflicts with its own job.",
        target: Target::Create,
        random: Eligible("a client can look up the job"),
        effect: Effect::ChangeResponse(|response| Response {
            delivery: Delivery::Closed,
            ..response
        }),
    },
    Fault {
        name: "truncated-body",
        description: "The connection breaks in the middle of a response with a Content-Length.",
        target: Target::Any,
        random: Eligible("a client can look up the effect of the request"),
        effect: Effect::ChangeResponse(|response| Response {
            delivery: Delivery::Truncated,
            ..response
        }),
    },
    Fault {
        name: "slow-answer",
        description: "The service is overloaded: the request is handled at once, the response takes three seconds.",
        target: Target::Any,
        random: Eligible("the response arrives late but complete"),
        effect: Effect::Delay(Duration::from_secs(3)),
    },
    Fault {
        name: "html-502",
        description: "A corporate proxy responds with 502 and an HTML page instead of JSON.",
        target: Target::Any,
        random: Eligible("the request was not received and can be sent again"),
        effect: Effect::Respond(|_| responses::proxy_page()),
    },
    Fault {
        name: "html-200",
        description: "A captive portal responds with 200 and its login page; the request does not reach Google.",
        target: Target::Any,
        random: Eligible("the request was not received and can be sent again"),
        effect: Effect::Respond(|_| responses::login_page()),
    },
    Fault {
        name: "redirect",
        description: "A proxy or firewall redirects the client to another host; a token must not be sent there.",
        target: Target::Any,
        random: Excluded("the network must be reconfigured"),
        effect: Effect::Respond(|_| responses::redirect()),
    },
    Fault {
        name: "rate-limited",
        description: "A large plan refreshes hundreds of jobs and exceeds the quota of requests per minute.",
        target: Target::Any,
        random: Eligible("the quota is available again in the next minute"),
        effect: Effect::Respond(responses::rate_limited),
    },
    Fault {
        name: "rate-limited-for-an-hour",
        description: "A script has used up the quota of requests, and Retry-After is an hour.",
        target: Target::Any,
        random: Excluded("an hour exceeds the timeouts of clients"),
        effect: Effect::Respond(|context| responses::rate_limited_for(context, "3600")),
    },
    Fault {
        name: "unavailable",
        description: "A server is being replaced; Google's retry configuration lists UNAVAILABLE for reads.",
        target: Target::Reads,
        random: Eligible("another server takes over"),
        effect: Effect::Respond(|_| responses::unavailable()),
    },
    Fault {
        name: "create-500",
        description: "The service fails internally and has not accepted the create request.",
        target: Target::Create,
        random: Eligible("no job was created and the request can be sent again"),
        effect: Effect::Respond(|_| responses::internal()),
    },
    Fault {
        name: "create-accepted-500",
        description: "The service fails internally after it has accepted the create request: a retry conflicts with \
                the client's own job.",
        target: Target::Create,
        random: Eligible("a client can look up the job"),
        effect: Effect::ChangeResponse(|_| responses::internal()),
    },
    Fault {
        name: "run-lost-answer",
        description: "Google accepts a run and creates the execution, but the connection breaks before the response \
                arrives; a client that repeats the request runs the job twice.",
        target: Target::Run,
        random: Excluded("a client may not be able to identify its execution"),
        effect: Effect::ChangeResponse(|response| Response {
            delivery: Delivery::Closed,
            ..response
        }),
    },
    Fault {
        name: "run-accepted-500",
        description: "The service fails internally after it has created the execution: a retry runs the job twice.",
        target: Target::Run,
        random: Excluded("a client may not be able to identify its execution"),
        effect: Effect::ChangeResponse(|_| responses::internal()),
    },
    Fault {
        name: "run-500",
        description: "The service fails internally and has not created an execution, which a client cannot distinguish \
                from run-accepted-500 by the response.",
        target: Target::Run,
        random: Excluded("a client must not run a job again by itself"),
        effect: Effect::Respond(|_| responses::internal()),
    },
    Fault {
        name: "run-cut",
        description: "The connection breaks before the request is accepted, which a client cannot distinguish from \
                run-lost-answer; no execution is created.",
        target: Target::Run,
        random: Excluded("a client must not run a job again by itself"),
        effect: Effect::Respond(|_| Response {
            delivery: Delivery::Closed,
            ..responses::internal()
        }),
    },
    Fault {
        name: "token-expired",
        description: "An access token is valid for an hour; a long apply takes longer.",
        target: Target::Any,
        random: Excluded("a client configured with one token has no other"),
        effect: Effect::Respond(responses::token_expired),
    },
    Fault {
        name: "permission-denied",
        description: "The caller has no role for Cloud Run in this project.",
        target: Target::PermissionChecked,
        random: Excluded("a role must be granted"),
        effect: Effect::Respond(responses::permission_denied),
    },
    Fault {
        name: "permission-denied-on-write",
        description: "The caller is a viewer: reads succeed, writes are denied.",
        target: Target::Writes,
        random: Excluded("a role must be granted"),
        effect: Effect::Respond(responses::permission_denied),
    },
    Fault {
        name: "permission-denied-on-list",
        description: "A custom role allows getting a job but not listing jobs.",
        target: Target::JobLists,
        random: Excluded("a role must be granted"),
        effect: Effect::Respond(responses::permission_denied),
    },
    Fault {
        name: "act-as-denied",
        description: "The caller may create jobs, but not with this service account.",
        target: Target::CreateOrPatch,
        random: Excluded("a role must be granted"),
        effect: Effect::Respond(responses::act_as_denied),
    },
    Fault {
        name: "service-agent-denied",
        description: "Google's service agent has lost its role on the service account.",
        target: Target::CreateOrPatch,
        random: Excluded("a role must be granted"),
        effect: Effect::Respond(responses::service_agent_denied),
    },
    Fault {
        name: "api-not-enabled",
        description: "The Cloud Run API is not enabled in a new project.",
        target: Target::Any,
        random: Excluded("the API must be enabled"),
        effect: Effect::Respond(responses::api_not_enabled),
    },
    Fault {
        name: "quota-exceeded",
        description: "The project has no GPU quota: the definition of the job is rejected.",
        target: Target::CreateOrPatch,
        random: Excluded("the quota must be increased"),
        effect: Effect::Respond(|_| responses::gpu_quota_exceeded()),
    },
    Fault {
        name: "memory-quota-exceeded",
        description: "The default quota is 40Gi per region, and one task with an RTX PRO 6000 requires 80Gi.",
        target: Target::CreateOrPatch,
        random: Excluded("the quota must be increased"),
        effect: Effect::Respond(|_| responses::memory_quota_exceeded()),
    },
    Fault {
        name: "launch-stage-refused",
        description: "The job uses a preview feature without a launch stage that allows it.",
        target: Target::CreateOrPatch,
        random: Excluded("the definition must be changed"),
        effect: Effect::Respond(|_| responses::launch_stage_rejected()),
    },
    Fault {
        name: "already-exists",
        description: "Another client creates a job of the same name between plan and apply.",
        target: Target::Create,
        random: Excluded("the job belongs to another client and stays"),
        effect: Effect::ConcurrentChange(ConcurrentChange::Create),
    },
    Fault {
        name: "etag-conflict",
        description: "Another client changes the job between read and write; the emulator really changes it.",
        target: Target::PatchOrDelete,
        random: Eligible("a client can read the job again and repeat the write"),
        effect: Effect::ConcurrentChange(ConcurrentChange::Update),
    },
    Fault {
        name: "deleted-in-between",
        description: "Another client deletes the job between read and patch.",
        target: Target::Patch,
        random: Excluded("the job is deleted, and a new one of its name is another job"),
        effect: Effect::ConcurrentChange(ConcurrentChange::Delete),
    },
    Fault {
        name: "operation-done-empty",
        description: "In December 2024 operations were done with neither response nor error, and the jobs were ready.",
        target: Target::AcceptedWrites,
        random: Eligible("a client can read the job"),
        effect: Effect::Reconcile(|| ReconcileOutcome::EmptyOperation),
    },
    Fault {
        name: "operation-error",
        description: "The operation ends with an error, and the job remains, not ready.",
        target: Target::AcceptedWrites,
        random: Excluded("the write has failed, and the job remains not ready"),
        effect: Effect::Reconcile(|| ReconcileOutcome::OperationError {
            code: 13,
            message: "Internal error.".to_owned(),
        }),
    },
    Fault {
        name: "operation-never-ends",
        description: "An operation outlasts every timeout; twenty minutes were observed. A deletion still deletes the job.",
        target: Target::AcceptedWrites,
        random: Excluded("it lasts until the client's timeout, not for a few requests"),
        effect: Effect::Reconcile(|| ReconcileOutcome::NeverDone),
    },
    Fault {
        name: "operation-vanishes",
        description: "Getting the operation returns 404 although it exists; other clients keep polling.",
        target: Target::Operations,
        random: Eligible("a client can get the operation again"),
        effect: Effect::Respond(responses::operation_not_found),
    },
    Fault {
        name: "wait-returns-early",
        description: "Waiting is best effort: the service may return an operation that is not done.",
        target: Target::OperationWaits,
        random: Eligible("a client can wait again"),
        effect: Effect::ReturnEarly,
    },
    Fault {
        name: "wait-unimplemented",
        description: "A proxy in front of Google, or an older endpoint, does not implement operations.wait.",
        target: Target::OperationWaits,
        random: Eligible("a client can poll the operation"),
        effect: Effect::Respond(|_| responses::unimplemented()),
    },
    Fault {
        name: "wait-not-found",
        description: "A gateway does not route paths with a custom verb and responds with 404 and an HTML page.",
        target: Target::OperationWaits,
        random: Eligible("a client can poll the operation"),
        effect: Effect::Respond(|_| Response::unknown_path("/v2/…:wait")),
    },
    Fault {
        name: "job-not-ready-secret",
        description: "The operation succeeds, but the job's service account has no access to a secret of the job.",
        target: Target::AcceptedCreateOrPatch,
        random: Excluded("a role must be granted"),
        effect: Effect::Reconcile(|| {
            ReconcileOutcome::JobNotReady {
            reason: "SECRETS_ACCESS_CHECK_FAILED".to_owned(),
            message: "Permission denied on secret for the job's service account. The service account used must \
                      be granted the 'Secret Manager Secret Accessor' role (roles/secretmanager.secretAccessor) \
                      at the secret, project or higher level."
                .to_owned(),
        }
        }),
    },
    Fault {
        name: "job-not-ready-image",
        description: "The operation succeeds, but the image does not exist.",
        target: Target::AcceptedCreateOrPatch,
        random: Excluded("the image must be pushed"),
        effect: Effect::Reconcile(|| ReconcileOutcome::JobNotReady {
            reason: "CONTAINER_MISSING".to_owned(),
            message: "Image not found.".to_owned(),
        }),
    },
    Fault {
        name: "job-not-ready-quota",
        description: "GPU quota is checked again after the create: the job exists and is not ready.",
        target: Target::AcceptedCreateOrPatch,
        random: Excluded("the quota must be increased"),
        effect: Effect::Reconcile(|| ReconcileOutcome::JobNotReady {
            reason: "INTERNAL".to_owned(),
            message: "Quota exceeded for total allowable count of GPUs per project per region.".to_owned(),
        }),
    },
    Fault {
        name: "execution-fails",
        description: "The program in the container exits with 1 in every attempt.",
        target: Target::Executions,
        random: Excluded("the program must be fixed"),
        effect: Effect::FailTask,
    },
];
