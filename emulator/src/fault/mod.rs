//! Faults: bad days of Google's and of the network, armed by name.
//!
//! An armed fault waits for a request that it concerns, happens, and is used up after so many times. One request
//! meets one fault at most; those armed first go first, and what happens by chance comes last.

mod catalog;
mod random;
mod responses;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::response::Response;
use crate::route::Call;
use crate::store::Ending;

pub(crate) use catalog::CATALOGUE;
use random::Chance;
pub use random::Rate;

/// An entry of the catalogue.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// What really happened somewhere, or does.
    pub(crate) story: &'static str,
    pub(crate) concerns: Concern,
    pub(crate) by_chance: ByChance,
    pub(crate) effect: Effect,
}

/// Whether a fault may happen by chance too, and why: only what a client can get over by itself, or by trying again
/// later, leaves something to expect of it.
pub(crate) enum ByChance {
    Yes(&'static str),
    No(&'static str),
}

/// Which requests a fault waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concern {
    Everything,
    /// Everything but the question which permissions one has, which needs none.
    Permitted,
    /// Whatever only looks: jobs, executions, tasks, operations.
    Reads,
    /// Lists of jobs.
    Lists,
    /// Create, patch, delete and run.
    Writes,
    /// Create, and not with `validateOnly`.
    Creates,
    /// Create and patch, with `validateOnly` too.
    Definitions,
    /// Patch and delete.
    Changes,
    Patches,
    /// Get and wait of operations.
    Operations,
    Waits,
    /// Changes that were accepted and have an operation.
    Accepted,
    /// The same, but no deletions: what a job needs is looked at when it is defined.
    AcceptedDefinitions,
    /// Executions that begin.
    Runs,
}

/// What happens.
pub(crate) enum Effect {
    /// This is answered, and nothing is done.
    Instead(fn(&Circumstances<'_>) -> Response),
    /// It is done; then this is answered.
    Afterwards(fn(Response) -> Response),
    /// It is done and answered after a time.
    Late(Duration),
    /// Somebody else is faster.
    Meddle(Meddling),
    /// `:wait` answers at once.
    WaitsNot,
    /// The operation ends like this.
    Ends(fn() -> Ending),
    /// Every attempt of every task exits with 1.
    TasksFail,
}

/// What somebody else does just before a request is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meddling {
    Creates,
    Changes,
    Deletes,
}

/// What is known when a fault happens.
pub(crate) struct Circumstances<'a> {
    pub(crate) call: &'a Call,
    pub(crate) job: Option<&'a str>,
    /// The HTTP method.
    pub(crate) method: &'a str,
    pub(crate) validate_only: bool,
}

/// What a fault waits for.
#[derive(Deserialize, Serialize)]
pub(crate) struct FaultRequest {
    /// The name of the fault.
    fault: String,
    #[serde(default = "once")]
    times: u32,
    /// Only for jobs whose id looks like this; `*` stands for anything.
    jobs: Option<String>,
    /// Only for requests of this HTTP method.
    method: Option<String>,
}

fn once() -> u32 {
    1
}

/// A fault that waits.
struct Armed {
    fault: &'static Fault,
    request: FaultRequest,
}

/// The faults that wait, and those that happen by chance.
#[derive(Default)]
pub(crate) struct Armory {
    armed: Vec<Armed>,
    chance: Chance,
}

impl FaultRequest {
    pub(crate) fn of(fault: &str, times: u32) -> Self {
        Self {
            fault: fault.to_owned(),
            times,
            jobs: None,
            method: None,
        }
    }
}

impl Armory {
    /// Arms a fault.
    ///
    /// # Errors
    /// When there is none of that name; the text lists those that there are.
    pub(crate) fn arm(&mut self, request: FaultRequest) -> Result<(), String> {
        let Some(fault) = CATALOGUE.iter().find(|fault| fault.name == request.fault) else {
            let names: Vec<&str> = CATALOGUE.iter().map(|fault| fault.name).collect();
            return Err(format!(
                "There is no fault {:?}. There are: {}.",
                request.fault,
                names.join(", ")
            ));
        };
        if request.times > 0 {
            self.armed.push(Armed { fault, request });
        }
        Ok(())
    }

    /// Lets faults happen by chance, to so many of all requests from now on.
    pub(crate) fn leave_to_chance(&mut self, rate: Rate, seed: u64) {
        self.chance = Chance::new(rate, seed);
    }

    pub(crate) fn disarm(&mut self) {
        *self = Self::default();
    }

    /// The fault that a request meets when it comes in.
    pub(crate) fn meet(&mut self, circumstances: &Circumstances<'_>) -> Option<&'static Fault> {
        let armed = self.take(circumstances.job, Some(circumstances.method), |concern| {
            concern.holds(circumstances)
        });
        if armed.is_some() {
            return armed;
        }
        let fault = self.chance.draw(circumstances)?;
        if fault.concerns.holds(circumstances) {
            return Some(fault);
        }
        // It strikes what this request begins; when that is refused, it waits for the next one of the job.
        let request = FaultRequest {
            jobs: circumstances.job.map(str::to_owned),
            ..FaultRequest::of(fault.name, 1)
        };
        self.armed.push(Armed { fault, request });
        None
    }

    /// The fault that a change meets once it is accepted.
    pub(crate) fn meet_accepted(&mut self, job: &str, deletes: bool) -> Option<&'static Fault> {
        self.take(Some(job), None, |concern| {
            concern == Concern::Accepted || (concern == Concern::AcceptedDefinitions && !deletes)
        })
    }

    /// The fault that an execution meets when it begins.
    pub(crate) fn meet_run(&mut self, job: &str) -> Option<&'static Fault> {
        self.take(Some(job), None, |concern| concern == Concern::Runs)
    }

    fn take(
        &mut self,
        job: Option<&str>,
        method: Option<&str>,
        concerned: impl Fn(Concern) -> bool,
    ) -> Option<&'static Fault> {
        let right_job = |armed: &Armed| match (&armed.request.jobs, job) {
            (None, _) => true,
            (Some(pattern), Some(job)) => matches(pattern, job),
            (Some(_), None) => false,
        };
        // What a request comes to once it is accepted is no longer a matter of its method.
        let right_method = |armed: &Armed| {
            let only = armed.request.method.as_deref();
            method.is_none() || only.is_none() || only == method
        };
        let at = self
            .armed
            .iter()
            .position(|armed| concerned(armed.fault.concerns) && right_job(armed) && right_method(armed))?;
        let armed = &mut self.armed[at];
        let fault = armed.fault;
        armed.request.times -= 1;
        if armed.request.times == 0 {
            self.armed.remove(at);
        }
        Some(fault)
    }

    /// The catalogue, what is armed, and what is left to chance.
    pub(crate) fn to_json(&self) -> Value {
        let catalogue: Value = CATALOGUE
            .iter()
            .map(|fault| {
                let (by_chance, why) = match fault.by_chance {
                    ByChance::Yes(why) => (true, why),
                    ByChance::No(why) => (false, why),
                };
                json!({ "name": fault.name, "story": fault.story, "byChance": by_chance, "why": why })
            })
            .collect();
        let armed: Vec<&FaultRequest> = self.armed.iter().map(|armed| &armed.request).collect();
        json!({ "catalogue": catalogue, "armed": armed, "chance": self.chance.to_json() })
    }
}

impl Concern {
    /// Whether a request that comes in is meant. What is decided later only never is.
    fn holds(self, circumstances: &Circumstances<'_>) -> bool {
        let call = circumstances.call;
        let patches = matches!(call, Call::PatchJob(_));
        let deletes = matches!(call, Call::DeleteJob(_));
        let creates = matches!(call, Call::CreateJob(_));
        match self {
            Self::Everything => true,
            Self::Permitted => !matches!(call, Call::TestPermissions(_)),
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
            Self::Lists => matches!(call, Call::ListJobs(_)),
            Self::Writes => creates || patches || deletes || matches!(call, Call::RunJob(_)),
            Self::Creates => creates && !circumstances.validate_only,
            Self::Definitions => creates || patches,
            Self::Changes => patches || deletes,
            Self::Patches => patches,
            Self::Operations => matches!(call, Call::GetOperation(..) | Call::WaitOperation(..)),
            Self::Waits => matches!(call, Call::WaitOperation(..)),
            Self::Accepted | Self::AcceptedDefinitions | Self::Runs => false,
        }
    }

    /// Whether a request that comes in will lead to what is meant, if it is accepted.
    fn will_hold(self, circumstances: &Circumstances<'_>) -> bool {
        let defines = matches!(circumstances.call, Call::CreateJob(_) | Call::PatchJob(_));
        let deletes = matches!(circumstances.call, Call::DeleteJob(_));
        let accepts = circumstances.job.is_some() && !circumstances.validate_only;
        match self {
            Self::Accepted => accepts && (defines || deletes),
            Self::AcceptedDefinitions => accepts && defines,
            Self::Runs => matches!(circumstances.call, Call::RunJob(_)),
            _ => false,
        }
    }
}

/// Whether a text fits a pattern in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, fits) in [
            ("render", "render", true),
            ("render", "render-2", false),
            ("render*", "render-2", true),
            ("*-2", "render-2", true),
            ("r*d*2", "render-2", true),
            ("r*x*2", "render-2", false),
            ("*", "", true),
            ("ab*b", "ab", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn names_are_given_once() {
        let mut names: Vec<&str> = CATALOGUE.iter().map(|fault| fault.name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
