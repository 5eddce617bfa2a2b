//! Whether a job that was only listed is as a state has it.
//!
//! What a list tells of a job may be less than what a read tells. So a list is believed only where it says what is known
//! already; where anything is missing, less or different, the job is read.

use super::super::plan::EXECUTIONS;
use crate::value::Value;

/// Whether a listed job, as a state of it, is the state that there is, but for executions since.
///
/// What is null in both is covered by the etag: it changes with every definition.
pub(super) fn confirms(mut listed: Value, state: &Value) -> bool {
    if state.get("etag").is_null() {
        return false;
    }
    // What is told of executions is told in full: a list that left them out would not count more of them than before.
    if count(&listed) > count(state) && !listed.get(LATEST).is_null() {
        for attribute in EXECUTIONS {
            listed.set(attribute, state.get(attribute).clone());
        }
    }
    listed == *state
}

fn count(job: &Value) -> Option<i64> {
    match job.get(COUNT) {
        Value::Number(count) => count.as_i64(),
        _ => None,
    }
}

const COUNT: &str = EXECUTIONS[0];
const LATEST: &str = EXECUTIONS[1];

#[cfg(test)]
mod tests {
    use super::*;

    fn job(changes: &[(&str, Value)]) -> Value {
        let mut job = Value::from([
            ("env", Value::from([("A", Value::from("1"))])),
            ("volumes", Value::Null),
            ("etag", Value::from("e")),
            (COUNT, Value::from(2)),
            (LATEST, Value::from("n-x")),
        ]);
        for (attribute, value) in changes {
            job.set(attribute, value.clone());
        }
        job
    }

    #[test]
    fn what_is_known_is_confirmed_and_nothing_else() {
        let executed = [(COUNT, Value::from(3)), (LATEST, Value::from("n-y"))];
        assert!(confirms(job(&[]), &job(&[])));
        assert!(confirms(job(&executed), &job(&[])));
        for change in [
            [("etag", Value::from("f"))].as_slice(),
            &[("etag", Value::Null)],
            &[("env", Value::Null)],
            &[("env", Value::from([("A", Value::from("2"))]))],
            &[("volumes", Value::from([("v", Value::Null)]))],
            // As if nothing had ever run, or not told in full.
            &[(COUNT, Value::from(0)), (LATEST, Value::Null)],
            &[(COUNT, Value::from(3)), (LATEST, Value::Null)],
            &[(LATEST, Value::from("n-y"))],
            &[(LATEST, Value::Null)],
            &[executed[0].clone(), executed[1].clone(), ("env", Value::Null)],
        ] {
            assert!(!confirms(job(change), &job(&[])), "{change:?}");
        }
    }

    #[test]
    fn without_an_etag_nothing_is_certain() {
        let bare = job(&[("etag", Value::Null)]);
        assert!(!confirms(bare.clone(), &bare));
    }
}
