//! What guards a job: whether its image may run at all.

use crate::schema::{Attribute, Type};

pub(super) fn binary_authorization() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "use_default",
            Type::Bool,
            "Whether the policy of the project decides. Not together with `policy`.",
        ),
        Attribute::new(
            "policy",
            Type::String,
            "A policy for Cloud Run that decides instead: `projects/P/platforms/cloudRun/policies/N`.",
        ),
        Attribute::new(
            "breakglass_justification",
            Type::String,
            "Why an image that the policy refuses runs all the same; it is logged by Google.",
        ),
    ]
}
