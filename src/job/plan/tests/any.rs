//! Plans of random configurations, checked by the rules that Terraform enforces.

use proptest::prelude::*;

use super::*;
use crate::job::model::Job;
use terraform_plugin::arbitrary::any_object;

/// The value with some parts unknown, chosen by `mask`.
pub(crate) fn masked(value: &Value, mask: &mut impl Iterator<Item = bool>) -> Value {
    match value {
        Value::Map(members) => Value::Map(
            members
                .iter()
                .map(|(name, member)| (name.clone(), masked_part(member, mask)))
                .collect(),
        ),
        Value::List(items) => Value::List(items.iter().map(|item| masked_part(item, mask)).collect()),
        other => other.clone(),
    }
}

fn masked_part(value: &Value, mask: &mut impl Iterator<Item = bool>) -> Value {
    match mask.next() {
        Some(true) if !value.is_null() => Value::Unknown,
        _ => masked(value, mask),
    }
}

/// Terraform's rule for a planned attribute: it equals the configuration or the prior value, or it is computed.
pub(crate) fn assert_plan_is_allowed(
    attributes: &[terraform_plugin::schema::Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
) {
    use terraform_plugin::schema::{Configurability, Type};
    for attribute in attributes {
        let (prior, config, planned) = (
            prior.get(attribute.name),
            config.get(attribute.name),
            planned.get(attribute.name),
        );
        let computed = matches!(
            attribute.configurability,
            Configurability::Computed | Configurability::OptionalComputed
        );
        if config == planned
            || (!prior.is_null() && !config.is_null() && prior == planned)
            || (computed && config.is_null())
        {
            continue;
        }
        match (&attribute.ty, config, planned) {
            (Type::SingleNested(nested), Value::Map(_), Value::Map(_)) => {
                assert_plan_is_allowed(nested, prior, config, planned)
            }
            (Type::ListNested(nested), Value::List(configs), Value::List(plans))
                if configs.len() == plans.len() =>
            {
                for (index, (config, planned)) in configs.iter().zip(plans).enumerate() {
                    let prior = if let Value::List(priors) = prior {
                        priors.get(index)
                    } else {
                        None
                    };
                    if config != planned {
                        assert_plan_is_allowed(nested, prior.unwrap_or(&Value::Null), config, planned);
                    }
                }
            }
            _ => panic!(
                "{} may not be planned as {planned:?}: configured {config:?}, prior {prior:?}",
                attribute.name
            ),
        }
    }
}

/// Known values are equal; unknown ones may have become any value.
pub(crate) fn assert_refines(less: &Value, more: &Value) {
    match (less, more) {
        (Value::Unknown, _) => {}
        (Value::Map(less), Value::Map(more)) => {
            assert_eq!(less.keys().collect::<Vec<_>>(), more.keys().collect::<Vec<_>>());
            less.iter()
                .for_each(|(name, value)| assert_refines(value, &more[name]));
        }
        (Value::List(less), Value::List(more)) => {
            assert_eq!(less.len(), more.len());
            less.iter()
                .zip(more)
                .for_each(|(less, more)| assert_refines(less, more));
        }
        (less, more) => assert_eq!(less, more),
    }
}

/// Strings with a meaning in some attribute.
pub(crate) const WORDS: &[&str] = &[
    "demo",
    "20",
    "80Gi",
    "1h30m",
    "a@b.c",
    "latest",
    "us-central1",
    "",
];

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn every_plan_follows_terraforms_rules(
        before in any_config(), after in any_config(), fresh in any::<bool>(), moved in any::<[bool; 2]>(),
        mask in proptest::collection::vec(proptest::bool::weighted(0.15), 120), unknown in any::<[bool; 3]>(),
    ) {
        let prior = if fresh { Value::Null } else { applied(&plan(&Value::Null, &before, &defaults()).planned) };
        let mut defaults = defaults();
        for (default, is_changed, other) in
            [(&mut defaults.project, moved[0], "q"), (&mut defaults.region, moved[1], "us-central1")]
        {
            if is_changed {
                *default = Field::Known(other.to_owned());
            }
        }
        let known = plan(&prior, &after, &defaults);
        assert_plan_is_allowed(&SCHEMA.attributes, &prior, &after, &known.planned);
        prop_assert_eq!(&plan(&prior, &after, &defaults).planned, &known.planned, "plans are deterministic");

        let partly = masked(&after, &mut mask.into_iter());
        let mut early_defaults = defaults.clone();
        if unknown[0] {
            early_defaults.project = Field::Unknown;
        }
        if unknown[1] {
            early_defaults.region = Field::Unknown;
        }
        if unknown[2] {
            early_defaults.labels = Field::Unknown;
        }
        let early = plan(&prior, &partly, &early_defaults);
        assert_plan_is_allowed(&SCHEMA.attributes, &prior, &partly, &early.planned);
        // A replacement that becomes known only during the apply: Terraform refuses such a plan.
        let late_replacements: Vec<_> = known
            .requires_replace
            .iter()
            .filter(|path| !prior.is_null() && !early.requires_replace.contains(path))
            .map(ToString::to_string)
            .collect();
        if late_replacements.is_empty() {
            assert_refines(&early.planned, &known.planned);
        }
        for attribute in late_replacements {
            prop_assert!(partly.get(&attribute).is_null(), "{} is replaced only later", attribute);
            prop_assert_eq!(early.planned.get(&attribute), prior.get(&attribute));
            let is_unknown = match attribute.as_str() {
                "project" => unknown[0],
                "location" => unknown[1],
                _ => !partly.get("facets").is_wholly_known(),
            };
            prop_assert!(is_unknown, "{} was known", attribute);
        }
    }

    #[test]
    fn any_value_of_the_schema_is_validated_and_planned(
        before in any_object(&SCHEMA.attributes, WORDS), mut after in any_object(&SCHEMA.attributes, WORDS), fresh in any::<bool>(),
    ) {
        // Terraform refuses a configuration of computed attributes.
        SCHEMA.computed().for_each(|attribute| after.set(attribute.name, Value::Null));
        for diagnostic in validate::validate(&Job::read(&after)) {
            prop_assert!(!diagnostic.path.is_empty() && diagnostic.detail.len() < 2000, "{}", diagnostic);
        }
        let prior = if fresh { Value::Null } else { applied(&before) };
        let plan = plan(&prior, &after, &defaults());
        assert_plan_is_allowed(&SCHEMA.attributes, &prior, &after, &plan.planned);
        let planned = SCHEMA.coerce(plan.planned.clone(), terraform_plugin::schema::ExtraAttributes::Error);
        prop_assert_eq!(planned, Ok(plan.planned));
    }
}
