//! Binary Authorization, both ways.

use super::state::text;
use crate::cloudrun::model as api;
use crate::job::model::Job;
use crate::value::{Field, Value};

/// Which policy decides, as Google is asked for it.
pub(super) fn desired(job: &Job) -> Option<api::BinaryAuthorization> {
    let given = job.binary_authorization.known()?;
    Some(api::BinaryAuthorization {
        use_default: given.use_default == Field::Known(true),
        policy: given.policy.known().cloned(),
        breakglass_justification: given.breakglass_justification.known().cloned(),
    })
}

/// Which policy decides, as Google tells it; no, where it was not written, is not said.
pub(super) fn state(told: Option<&api::BinaryAuthorization>, hint: &Value) -> Value {
    let Some(told) = told.filter(|told| **told != api::BinaryAuthorization::default()) else {
        return Value::Null;
    };
    let use_default = match (told.use_default, hint.get("use_default")) {
        (false, Value::Null) => Value::Null,
        (told, _) => Value::from(told),
    };
    Value::from([
        ("use_default", use_default),
        ("policy", text(told.policy.as_ref())),
        (
            "breakglass_justification",
            text(told.breakglass_justification.as_ref()),
        ),
    ])
}
