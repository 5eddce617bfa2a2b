//! Which requests a fault applies to.

use super::FaultContext;
use crate::route::Call;

/// The requests, or the events that they lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Any,
    /// Every method but testIamPermissions, which requires no permission.
    PermissionChecked,
    /// Get and list of jobs, executions, tasks and operations.
    Reads,
    JobLists,
    /// Create, patch, delete and run.
    Writes,
    /// Create without `validateOnly`.
    Create,
    /// Run without `validateOnly`.
    Run,
    /// Create and patch, also with `validateOnly`.
    CreateOrPatch,
    PatchOrDelete,
    Patch,
    /// Get and wait of operations.
    Operations,
    OperationWaits,
    /// An accepted create, patch or delete, which has an operation.
    AcceptedWrites,
    /// An accepted create or patch: Google checks what a job needs when it is defined, not when it is deleted.
    AcceptedCreateOrPatch,
    /// The start of an execution.
    Executions,
}

impl Target {
    /// Whether the request itself is targeted; never true for the events that follow from accepting it.
    pub(super) fn includes(self, context: &FaultContext<'_>) -> bool {
        let call = context.call;
        let patches = matches!(call, Call::PatchJob(_));
        let deletes = matches!(call, Call::DeleteJob(_));
        let creates = matches!(call, Call::CreateJob(_));
        match self {
            Self::Any => true,
            Self::PermissionChecked => !matches!(call, Call::TestPermissions(_)),
            Self::Reads => matches!(
                call,
                Call::GetJob(_)
                    | Call::ListJobs(_)
                    | Call::ListExecutions(_)
                    | Call::GetExecution(..)
                    | Call::ListTasks(..)
                    | Call::GetTask(..)
                    | Call::GetOperation(..)
                    | Call::ListOperations(_)
            ),
            Self::JobLists => matches!(call, Call::ListJobs(_)),
            Self::Writes => creates || patches || deletes || matches!(call, Call::RunJob(_)),
            Self::Create => creates && !context.validate_only,
            Self::Run => matches!(call, Call::RunJob(_)) && !context.validate_only,
            Self::CreateOrPatch => creates || patches,
            Self::PatchOrDelete => patches || deletes,
            Self::Patch => patches,
            Self::Operations => matches!(call, Call::GetOperation(..) | Call::WaitOperation(..)),
            Self::OperationWaits => matches!(call, Call::WaitOperation(..)),
            Self::AcceptedWrites | Self::AcceptedCreateOrPatch | Self::Executions => false,
        }
    }

    /// Whether accepting the request leads to a targeted event.
    pub(super) fn includes_result_of(self, context: &FaultContext<'_>) -> bool {
        let creates_or_patches = matches!(context.call, Call::CreateJob(_) | Call::PatchJob(_));
        let deletes = matches!(context.call, Call::DeleteJob(_));
        let can_be_accepted = context.job.is_some() && !context.validate_only;
        match self {
            Self::AcceptedWrites => can_be_accepted && (creates_or_patches || deletes),
            Self::AcceptedCreateOrPatch => can_be_accepted && creates_or_patches,
            Self::Executions => matches!(context.call, Call::RunJob(_)),
            _ => false,
        }
    }
}
