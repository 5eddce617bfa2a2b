//! The armed faults and the random faults, and which of them a request gets.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::random::{RandomFaults, Rate};
use super::target::Target;
use super::{CATALOG, Fault, FaultContext, Random};
use crate::pattern::matches_pattern;
use crate::types::MethodDescriptor;

#[derive(Default)]
pub(crate) struct FaultInjector {
    armed: Vec<ArmedFault>,
    random: RandomFaults,
}

/// What `POST /_emulator/faults` takes.
#[derive(Deserialize, Serialize)]
pub(crate) struct FaultSpec {
    /// The name of the fault.
    fault: String,
    #[serde(default = "once")]
    times: u32,
    /// Only for jobs whose id matches this pattern; `*` stands for any text.
    jobs: Option<String>,
    /// Only for requests of this HTTP method.
    method: Option<String>,
    /// Only for requests that require this permission.
    permission: Option<String>,
}

/// A fault for a request.
pub(crate) struct TakenFault {
    pub(crate) fault: &'static Fault,
    /// The permission that the fault was armed for.
    pub(crate) permission: Option<String>,
}

struct ArmedFault {
    fault: &'static Fault,
    spec: FaultSpec,
}

impl FaultSpec {
    pub(crate) fn new(fault: &str, times: u32) -> Self {
        Self {
            fault: fault.to_owned(),
            times,
            jobs: None,
            method: None,
            permission: None,
        }
    }
}

impl FaultInjector {
    /// Arms a fault.
    ///
    /// # Errors
    /// If the catalog has no such fault, or no method requires the permission; the message lists all names.
    pub(crate) fn arm(&mut self, spec: FaultSpec) -> Result<(), String> {
        let Some(fault) = CATALOG.iter().find(|fault| fault.name == spec.fault) else {
            let names: Vec<&str> = CATALOG.iter().map(|fault| fault.name).collect();
            return Err(format!(
                "fault must be one of {}, got {:?}",
                names.join(", "),
                spec.fault
            ));
        };
        let known = MethodDescriptor::permissions();
        if let Some(permission) = &spec.permission
            && !known.contains(&permission.as_str())
        {
            return Err(format!(
                "permission must be one of {}, got {permission:?}",
                known.join(", ")
            ));
        }
        if spec.times > 0 {
            self.armed.push(ArmedFault { fault, spec });
        }
        Ok(())
    }

    /// Injects faults at random from now on.
    pub(crate) fn set_random(&mut self, rate: Rate, seed: u64) {
        self.random = RandomFaults::new(rate, seed);
    }

    /// Disarms all faults and stops random ones.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The fault for an incoming request.
    pub(crate) fn take_for_request(&mut self, context: &FaultContext<'_>) -> Option<TakenFault> {
        let armed = self.take(context.job, Some(context), |target| target.includes(context));
        if armed.is_some() {
            return armed;
        }
        let fault = self.random.select(context)?;
        if fault.target.includes(context) {
            let permission = None;
            return Some(TakenFault { fault, permission });
        }
        // It applies to the operation or execution that this request starts; if the request is rejected, it stays armed for
        // the next one of the job.
        let spec = FaultSpec {
            jobs: context.job.map(str::to_owned),
            ..FaultSpec::new(fault.name, 1)
        };
        self.armed.push(ArmedFault { fault, spec });
        None
    }

    /// The fault for the operation of an accepted write.
    pub(crate) fn take_for_operation(&mut self, job: &str, deletes: bool) -> Option<&'static Fault> {
        let taken = self.take(Some(job), None, |target| {
            target == Target::AcceptedWrites || (target == Target::AcceptedCreateOrPatch && !deletes)
        });
        taken.map(|taken| taken.fault)
    }

    /// The fault for a new execution.
    pub(crate) fn take_for_execution(&mut self, job: &str) -> Option<&'static Fault> {
        let taken = self.take(Some(job), None, |target| target == Target::Executions);
        taken.map(|taken| taken.fault)
    }

    /// Takes the fault that was armed first; `request` is `None` for an operation or execution.
    fn take(
        &mut self,
        job: Option<&str>,
        request: Option<&FaultContext<'_>>,
        is_targeted: impl Fn(Target) -> bool,
    ) -> Option<TakenFault> {
        let matches_job = |spec: &FaultSpec| match (&spec.jobs, job) {
            (None, _) => true,
            (Some(pattern), Some(job)) => matches_pattern(pattern, job),
            (Some(_), None) => false,
        };
        // Operations and executions have neither an HTTP method nor a permission.
        let matches_request = |spec: &FaultSpec| {
            let (method, permission) = (spec.method.as_deref(), spec.permission.as_deref());
            request.is_none_or(|request| {
                method.is_none_or(|method| method == request.method)
                    && permission.is_none_or(|permission| request.permissions.contains(&permission))
            })
        };
        let position = self.armed.iter().position(|ArmedFault { fault, spec }| {
            is_targeted(fault.target) && matches_job(spec) && matches_request(spec)
        })?;
        let armed = &mut self.armed[position];
        let taken = TakenFault {
            fault: armed.fault,
            permission: armed.spec.permission.clone(),
        };
        armed.spec.times -= 1;
        if armed.spec.times == 0 {
            self.armed.remove(position);
        }
        Some(taken)
    }

    /// The catalog, the armed faults and the settings for random faults.
    pub(crate) fn to_json(&self) -> Value {
        let catalog: Value = CATALOG
            .iter()
            .map(|fault| {
                let (eligible, reason) = match fault.random {
                    Random::Eligible(reason) => (true, reason),
                    Random::Excluded(reason) => (false, reason),
                };
                json!({ "name": fault.name, "description": fault.description, "random": eligible, "reason": reason })
            })
            .collect();
        let armed: Vec<&FaultSpec> = self.armed.iter().map(|armed| &armed.spec).collect();
        json!({ "catalogue": catalog, "armed": armed, "random": self.random.to_json() })
    }
}

fn once() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_names_are_unique() {
        let mut names: Vec<&str> = CATALOG.iter().map(|fault| fault.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
