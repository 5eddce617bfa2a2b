//! The catalogue of faults: one table, each entry with the event that it stands for.

use std::time::Duration;

use super::ByChance::{No, Yes};
use super::responses;
use super::{Concern, Effect, Fault, Meddling};
use crate::response::{Delivery, Response};
use crate::store::Ending;

/// All faults, by what they strike: the network, the service, permissions, quota, others, operations, jobs.
pub(crate) const CATALOGUE: &[Fault] = &[
    Fault {
        name: "connection-cut",
        story: "A load balancer or a laptop's sleep ends the connection before the request is accepted.",
        concerns: Concern::Everything,
        by_chance: Yes("nothing was received, and the next connection may hold"),
        effect: Effect::Instead(|_| Response {
            delivery: Delivery::Closed,
            ..responses::internal()
        }),
    },
    Fault {
        name: "create-lost-answer",
        story: "Google accepts a create and makes the job, but the connection breaks before the answer arrives; \
                a client that sends it again meets its own job.",
        concerns: Concern::Creates,
        by_chance: Yes("the job can be looked for"),
        effect: Effect::Afterwards(|answer| Response {
            delivery: Delivery::Closed,
            ..answer
        }),
    },
    Fault {
        name: "truncated-body",
        story: "The connection breaks in the middle of an answer whose length was announced.",
        concerns: Concern::Everything,
        by_chance: Yes("what came of the request can be looked for"),
        effect: Effect::Afterwards(|answer| Response {
            delivery: Delivery::Truncated,
            ..answer
        }),
    },
    Fault {
        name: "slow-answer",
        story: "A busy hour: the request is accepted at once and answered after three seconds.",
        concerns: Concern::Everything,
        by_chance: Yes("the answer comes all the same"),
        effect: Effect::Late(Duration::from_secs(3)),
    },
    Fault {
        name: "html-502",
        story: "A company's proxy answers 502 with a page of its own instead of JSON.",
        concerns: Concern::Everything,
        by_chance: Yes("nothing was received, and a proxy comes back"),
        effect: Effect::Instead(|_| responses::proxy_page()),
    },
    Fault {
        name: "html-200",
        story: "A captive portal answers 200 with its login page; nothing has reached Google.",
        concerns: Concern::Everything,
        by_chance: Yes("nothing was received, and it can be sent again"),
        effect: Effect::Instead(|_| responses::login_page()),
    },
    Fault {
        name: "redirect",
        story: "Something on the way sends the client elsewhere; a token must not follow.",
        concerns: Concern::Everything,
        by_chance: No("it is a setting of the network, which somebody has to mend"),
        effect: Effect::Instead(|_| responses::redirect()),
    },
    Fault {
        name: "rate-limited",
        story: "A big plan refreshes hundreds of jobs and meets the quota of requests per minute.",
        concerns: Concern::Everything,
        by_chance: Yes("the next minute has a quota of its own"),
        effect: Effect::Instead(responses::rate_limited),
    },
    Fault {
        name: "rate-limited-for-an-hour",
        story: "A script that ran away has used up the quota of requests, and Google says when to come back.",
        concerns: Concern::Everything,
        by_chance: No("an hour is longer than a client's patience"),
        effect: Effect::Instead(|on| responses::rate_limited_for(on, "3600")),
    },
    Fault {
        name: "unavailable",
        story: "Google's own retry table names UNAVAILABLE for reads: a server is being replaced.",
        concerns: Concern::Reads,
        by_chance: Yes("another server takes over"),
        effect: Effect::Instead(|_| responses::unavailable()),
    },
    Fault {
        name: "create-500",
        story: "The service fails inside and has not accepted the create.",
        concerns: Concern::Creates,
        by_chance: Yes("nothing was made, and it can be sent again"),
        effect: Effect::Instead(|_| responses::internal()),
    },
    Fault {
        name: "create-accepted-500",
        story: "The service fails inside after it has accepted the create: a retry meets its own job.",
        concerns: Concern::Creates,
        by_chance: Yes("the job can be looked for"),
        effect: Effect::Afterwards(|_| responses::internal()),
    },
    Fault {
        name: "token-expired",
        story: "An access token lives an hour; a long apply outlives it.",
        concerns: Concern::Everything,
        by_chance: No("a client that was given one token has no other"),
        effect: Effect::Instead(responses::token_expired),
    },
    Fault {
        name: "permission-denied",
        story: "The caller's account has no role for Cloud Run in this project.",
        concerns: Concern::Permitted,
        by_chance: No("somebody has to grant a role"),
        effect: Effect::Instead(responses::permission_denied),
    },
    Fault {
        name: "permission-denied-on-write",
        story: "The caller is a viewer: reads are answered, changes are refused.",
        concerns: Concern::Writes,
        by_chance: No("somebody has to grant a role"),
        effect: Effect::Instead(responses::permission_denied),
    },
    Fault {
        name: "permission-denied-on-list",
        story: "A role of the company's own lets one read a job by its name, and not list them.",
        concerns: Concern::Lists,
        by_chance: No("somebody has to grant a role"),
        effect: Effect::Instead(responses::permission_denied),
    },
    Fault {
        name: "act-as-denied",
        story: "The caller may make jobs, but not let them run as this service account.",
        concerns: Concern::Definitions,
        by_chance: No("somebody has to grant a role"),
        effect: Effect::Instead(responses::act_as_denied),
    },
    Fault {
        name: "service-agent-denied",
        story: "Google's own service agent has lost its role on the service account.",
        concerns: Concern::Definitions,
        by_chance: No("somebody has to grant a role"),
        effect: Effect::Instead(responses::service_agent_denied),
    },
    Fault {
        name: "api-not-enabled",
        story: "A fresh project in which nobody has enabled the Cloud Run API.",
        concerns: Concern::Everything,
        by_chance: No("somebody has to enable it"),
        effect: Effect::Instead(responses::api_not_enabled),
    },
    Fault {
        name: "quota-exceeded",
        story: "A project without GPU quota: refused already when the job is defined.",
        concerns: Concern::Definitions,
        by_chance: No("somebody has to raise the quota"),
        effect: Effect::Instead(|_| responses::gpu_quota()),
    },
    Fault {
        name: "memory-quota-exceeded",
        story: "A default project may use 40Gi in a region, and one task with an RTX PRO 6000 needs 80Gi.",
        concerns: Concern::Definitions,
        by_chance: No("somebody has to raise the quota"),
        effect: Effect::Instead(|_| responses::memory_quota()),
    },
    Fault {
        name: "launch-stage-refused",
        story: "The job uses a preview feature and does not declare a launch stage that allows it.",
        concerns: Concern::Definitions,
        by_chance: No("somebody has to change the definition"),
        effect: Effect::Instead(|_| responses::launch_stage()),
    },
    Fault {
        name: "already-exists",
        story: "Somebody else makes a job of the same name between the plan and the apply.",
        concerns: Concern::Creates,
        by_chance: No("the job is somebody else's, and stays"),
        effect: Effect::Meddle(Meddling::Creates),
    },
    Fault {
        name: "etag-conflict",
        story: "Somebody else changes the job between the read and the write; the emulator really changes it.",
        concerns: Concern::Changes,
        by_chance: Yes("the job can be read again, and changed as it is then"),
        effect: Effect::Meddle(Meddling::Changes),
    },
    Fault {
        name: "deleted-in-between",
        story: "Somebody else deletes the job between the read and the patch.",
        concerns: Concern::Patches,
        by_chance: No("the job is gone, and another of its name is another job"),
        effect: Effect::Meddle(Meddling::Deletes),
    },
    Fault {
        name: "operation-done-empty",
        story: "In December 2024 operations came back done with neither response nor error, and the job was fine.",
        concerns: Concern::Accepted,
        by_chance: Yes("the job can be read"),
        effect: Effect::Ends(|| Ending::Empty),
    },
    Fault {
        name: "operation-error",
        story: "The operation ends with an error, and the job stays behind, not ready.",
        concerns: Concern::Accepted,
        by_chance: No("the change has failed, and what is left of it is a job that is not ready"),
        effect: Effect::Ends(|| Ending::Failed {
            code: 13,
            message: "Internal error.".to_owned(),
        }),
    },
    Fault {
        name: "operation-never-ends",
        story: "On a bad day an operation outlasts every patience: twenty minutes were seen. A deleted \
                job goes all the same.",
        concerns: Concern::Accepted,
        by_chance: No("it lasts as long as the client's patience, which is no matter of a few requests"),
        effect: Effect::Ends(|| Ending::Never),
    },
    Fault {
        name: "operation-vanishes",
        story: "The operation's address answers 404 although the operation exists; other clients poll on.",
        concerns: Concern::Operations,
        by_chance: Yes("it can be asked for again"),
        effect: Effect::Instead(responses::operation_absent),
    },
    Fault {
        name: "wait-returns-early",
        story: "Waiting is best effort: the service may answer early with an operation that is not done.",
        concerns: Concern::Waits,
        by_chance: Yes("it can be waited for again"),
        effect: Effect::WaitsNot,
    },
    Fault {
        name: "wait-unimplemented",
        story: "An endpoint in front of Google, or an older one, does not know operations.wait.",
        concerns: Concern::Waits,
        by_chance: Yes("the operation can be asked for now and then"),
        effect: Effect::Instead(|_| responses::unimplemented()),
    },
    Fault {
        name: "wait-not-found",
        story: "A gateway knows only addresses without a verb and answers 404 with a page of its own.",
        concerns: Concern::Waits,
        by_chance: Yes("the operation can be asked for now and then"),
        effect: Effect::Instead(|_| Response::unknown_path("/v2/…:wait")),
    },
    Fault {
        name: "job-not-ready-secret",
        story: "The operation ends well, but the job's account may not read a secret that the job names.",
        concerns: Concern::AcceptedDefinitions,
        by_chance: No("somebody has to grant a role"),
        effect: Effect::Ends(|| {
            Ending::NotReady {
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
        story: "The operation ends well, but there is no such image.",
        concerns: Concern::AcceptedDefinitions,
        by_chance: No("somebody has to push the image"),
        effect: Effect::Ends(|| Ending::NotReady {
            reason: "CONTAINER_MISSING".to_owned(),
            message: "Image not found.".to_owned(),
        }),
    },
    Fault {
        name: "job-not-ready-quota",
        story: "GPU quota is checked a second time after the create: the job exists and is not ready.",
        concerns: Concern::AcceptedDefinitions,
        by_chance: No("somebody has to raise the quota"),
        effect: Effect::Ends(|| Ending::NotReady {
            reason: "INTERNAL".to_owned(),
            message: "Quota exceeded for total allowable count of GPUs per project per region.".to_owned(),
        }),
    },
    Fault {
        name: "execution-fails",
        story: "The program in the container exits with 1 in every attempt.",
        concerns: Concern::Runs,
        by_chance: No("a program fails for reasons of its own"),
        effect: Effect::TasksFail,
    },
];
