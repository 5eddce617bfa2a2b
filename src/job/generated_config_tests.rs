//! The generated configuration of a job plans no change, and has no defaults.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use crate::job::expand::expand;
use crate::job::flatten::for_import;
use crate::job::flatten::tests::job_response;
use crate::job::identity::job_name;
use crate::job::model::Job;
use crate::job::plan::plan;
use crate::job::plan::tests::any::WORDS;
use crate::job::plan::tests::{any_config, applied, defaults};
use crate::job::schema::SCHEMA;
use crate::job::validate::tests::config;
use crate::job::validate::validate;
use crate::provider::Defaults;
use proptest::prelude::*;
use terraform_plugin::arbitrary::any_object;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::schema::Configurability;
use terraform_plugin::schema::ExtraAttributes;
use terraform_plugin::value::{Field, Value, from_json};

/// The state after an apply of this configuration.
fn state_of(config: &Value) -> Value {
    let mut state = applied(&plan(&Value::Null, config, &defaults()).planned);
    if config.get("service_account").is_null() {
        state.set("service_account", "1-compute@developer.gserviceaccount.com");
    }
    state
}

fn plans_no_change(state: &Value, defaults: &Defaults) -> Result<(), TestCaseError> {
    let generated = SCHEMA.config_from_state(state);
    let conforming = SCHEMA.coerce(generated.clone(), ExtraAttributes::Error);
    prop_assert_eq!(conforming.as_ref(), Ok(&generated));
    for attribute in SCHEMA.computed() {
        prop_assert!(generated.get(attribute.name).is_null(), "{}", attribute.name);
    }
    let errors: Vec<_> = validate(&Job::read(&generated))
        .into_iter()
        .filter(Diagnostic::is_error)
        .collect();
    prop_assert_eq!(errors, vec![]);
    let plan = plan(state, &generated, defaults);
    prop_assert_eq!(&plan.planned, state);
    prop_assert_eq!((plan.requires_replace, plan.diagnostics), (vec![], vec![]));
    Ok(())
}

#[test]
fn defaults_are_not_generated() {
    let generated = |changes: &str| SCHEMA.config_from_state(&state_of(&config(changes)));
    let plain = config(r#"{"service_account": "1-compute@developer.gserviceaccount.com"}"#);
    assert_eq!(generated("{}"), plain);
    let defaults = r#"{"gpu": {"enabled": true}, "resources": {"cpu": "20"}, "job": {"max_retries": 3}, "deletion_protection": false}"#;
    assert_eq!(generated(defaults), plain, "defaults are omitted");
    let changes = r#"{"service_account": "a@b.c", "resources": {"cpu": "24"}, "labels": {"team": "render"},
        "job": {"task_count": 4}, "secrets": [{"env_var": "A", "secret_name": "s"}],
        "vpc_access": {"connector": "c"}, "deletion_protection": true}"#;
    assert_eq!(generated(changes), config(changes));
}

#[test]
fn empty_and_null_stay_different() {
    let empties = r#"{"env": {}, "secrets": [], "timeouts": {}, "vpc_access": {}}"#;
    let state = state_of(&config(empties));
    let generated = SCHEMA.config_from_state(&state);
    for name in ["env", "secrets", "timeouts", "vpc_access"] {
        assert!(!generated.get(name).is_null(), "{name}");
    }
    plans_no_change(&state, &defaults()).unwrap();
}

/// Any configuration, with more values that are empty or null.
fn any_full_config() -> impl Strategy<Value = Value> {
    let any_of = |texts: &'static [&'static str]| {
        proptest::sample::select(texts).prop_map(|text| from_json(text.as_bytes()).unwrap())
    };
    let vpc_access = any_of(&[
        "null",
        "{}",
        r#"{"connector": "c"}"#,
        r#"{"connector": "c", "egress": "all-traffic"}"#,
    ]);
    let timeouts = any_of(&["null", "{}", r#"{"create": "20m"}"#, r#"{"delete": "1h"}"#]);
    let env = any_of(&["null", "{}", r#"{"MODE": "fast"}"#]);
    let words = any_of(&["null", "[]", r#"["a", ""]"#]);
    (any_config(), vpc_access, timeouts, env, words).prop_map(
        |(mut config, vpc_access, timeouts, env, words)| {
            config.set("vpc_access", vpc_access);
            config.set("timeouts", timeouts);
            config.set("env", env);
            config.set("container", [("image", Value::from("i")), ("args", words)]);
            SCHEMA.coerce(config, ExtraAttributes::Error).unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn generated_config_plans_no_change(config in any_full_config()) {
        prop_assume!(!validate(&Job::read(&config)).iter().any(Diagnostic::is_error));
        plans_no_change(&state_of(&config), &defaults())?;
    }

    #[test]
    fn generated_config_of_an_import_plans_no_change(config in any_full_config()) {
        prop_assume!(!validate(&Job::read(&config)).iter().any(Diagnostic::is_error));
        let default_labels = [("a".to_owned(), Field::Known("x".to_owned())), ("z".to_owned(), Field::Known("z".to_owned()))];
        let defaults = Defaults { labels: Field::Known(default_labels.into()), ..defaults() };
        let planned = plan(&Value::Null, &config, &defaults).planned;
        let name = job_name(&planned).unwrap();
        let state = for_import(&job_response(&expand(&Job::read(&planned))), &name, &defaults);
        plans_no_change(&state, &defaults)?;
        // Labels of the provider are omitted.
        prop_assert!(SCHEMA.config_from_state(&state).get("labels").get("z").is_null());
    }

    #[test]
    fn any_generated_config_plans_no_replacement(mut config in any_object(&SCHEMA.attributes, WORDS)) {
        SCHEMA.computed().for_each(|attribute| config.set(attribute.name, Value::Null));
        config.set("name", "render");
        let state = applied(&plan(&Value::Null, &config, &defaults()).planned);
        let again = plan(&state, &SCHEMA.config_from_state(&state), &defaults());
        prop_assert_eq!(again.requires_replace, vec![]);
        // Computed attributes of an invalid job may change.
        for attribute in SCHEMA.attributes.iter().filter(|attribute| attribute.configurability != Configurability::Computed) {
            prop_assert_eq!(again.planned.get(attribute.name), state.get(attribute.name), "{}", attribute.name);
        }
    }
}
