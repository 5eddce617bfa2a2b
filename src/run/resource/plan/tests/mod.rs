//! Plans of creations, changes, replacements and deletions.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod state;

use super::*;
use crate::job::plan::tests::any::{WORDS, assert_plan_is_allowed, assert_refines, masked};
use crate::job::plan::tests::defaults;
use crate::provider::ProviderData;
use crate::run::resource::CloudRunJobExecution;
use proptest::prelude::*;
use terraform_plugin::Resource as _;
use terraform_plugin::arbitrary::any_object;
use terraform_plugin::redact::Redactor;
use terraform_plugin::schema::{ExtraAttributes, Type};
use terraform_plugin::value::from_json;

const JOB: &str = "projects/dp/locations/europe-west4/jobs/train";

/// A value of the schema.
fn value(json: &str) -> Value {
    let value = from_json(json.as_bytes()).unwrap();
    SCHEMA.coerce(value, ExtraAttributes::Error).unwrap()
}

/// A configuration with these further attributes, such as `"wait": false`.
fn config(attributes: &str) -> Value {
    let attributes = match attributes {
        "" => format!(r#"{{"job": "{JOB}"}}"#),
        attributes if attributes.contains("\"job\"") => format!("{{{attributes}}}"),
        attributes => format!(r#"{{"job": "{JOB}", {attributes}}}"#),
    };
    value(&attributes)
}

/// The state after an apply of a configuration.
fn applied(config: &Value, state: &str) -> Value {
    let mut applied = known(&SCHEMA.with_defaults(config));
    for attribute in SCHEMA.computed() {
        let value = match attribute.ty {
            Type::Number => Value::from(1),
            _ => Value::from("from-the-api"),
        };
        applied.set(attribute.name, value);
    }
    applied.set("id", format!("{JOB}/executions/train-x7k2p"));
    applied.set("name", "train-x7k2p");
    applied.set("state", state);
    applied
}

/// The value with null for what is unknown.
fn known(value: &Value) -> Value {
    match value {
        Value::Unknown => Value::Null,
        Value::List(items) => Value::List(items.iter().map(known).collect()),
        Value::Map(members) => Value::Map(
            members
                .iter()
                .map(|(name, member)| (name.clone(), known(member)))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn plan_of(prior: &Value, config: &Value, private: &PrivateState) -> Plan {
    let private = private.to_bytes();
    let request = PlanRequest {
        prior,
        config,
        private: &private,
    };
    plan(&request, &defaults())
}

/// What a plan does, with the summaries of its diagnostics.
fn action(prior: &Value, plan: &Plan) -> String {
    let names = |paths: &mut dyn Iterator<Item = String>| paths.collect::<Vec<_>>().join(" ");
    let changed = SCHEMA.attributes.iter().map(|attribute| attribute.name);
    let mut changed = changed
        .filter(|name| prior.get(name) != plan.planned.get(name))
        .map(str::to_owned);
    let mut action = if plan.planned.is_null() {
        "delete".to_owned()
    } else if prior.is_null() {
        "create".to_owned()
    } else if !plan.requires_replace.is_empty() {
        let paths = plan.requires_replace.iter();
        format!("replace {}", names(&mut paths.map(ToString::to_string)))
    } else {
        format!("update {}", names(&mut changed))
    };
    for diagnostic in &plan.diagnostics {
        action.push_str("; ");
        action.push_str(&diagnostic.summary);
    }
    action
}

#[test]
fn run_that_outlasts_the_access_token_is_a_warning() {
    let provider = from_json(br#"{"project": "p", "region": "us-central1", "access_token": "t"}"#).unwrap();
    let (data, _) = ProviderData::new(&provider, "", &|_| None, &Redactor::default());
    for (own, prior, expected) in [
        (
            r#""timeouts": {"create": "2h"}"#,
            None,
            vec!["Access token may expire during the run"],
        ),
        (r#""timeouts": {"create": "1h"}"#, None, vec![]),
        (r#""wait": false, "timeouts": {"create": "2h"}"#, None, vec![]),
        ("", None, vec![]),
        (r#""timeouts": {"create": "2h"}"#, Some(""), vec![]),
    ] {
        let planned = config(own);
        let prior = prior.map_or(Value::Null, |own| applied(&config(own), "SUCCEEDED"));
        let request = PlanRequest {
            prior: &prior,
            config: &planned,
            private: b"",
        };
        let plan = CloudRunJobExecution.plan(&data, &request);
        let summaries: Vec<&str> = plan.diagnostics.iter().map(|one| one.summary.as_str()).collect();
        assert_eq!(summaries, expected, "{own}");
    }
}

const FULL: &str = r#""triggers": {"uid": "u"}, "args": ["a"], "env": {"K": "v"}, "task_count": 2, "task_timeout": "1h",
    "delay_execution": false, "wait": false, "timeouts": {"create": "2h", "delete": "10m"}"#;

#[test]
fn only_job_triggers_and_overrides_run_the_job_again() {
    let replaced = |name: &str, from: &str, to: &str| {
        (FULL.to_owned(), FULL.replace(from, to), format!("replace {name}"))
    };
    for (before, after, expected) in [
        (String::new(), String::new(), "update ".to_owned()),
        (FULL.to_owned(), FULL.to_owned(), "update ".to_owned()),
        replaced("triggers", r#"{"uid": "u"}"#, r#"{"uid": "v"}"#),
        replaced("triggers", r#"{"uid": "u"}"#, "null"),
        replaced("triggers", r#"{"uid": "u"}"#, r#"{"uid": null}"#),
        replaced("args", r#"["a"]"#, "[]"),
        replaced("env", r#"{"K": "v"}"#, r#"{"K": "w"}"#),
        replaced("task_count", r#""task_count": 2"#, r#""task_count": 3"#),
        replaced("task_timeout", r#""1h""#, r#""2h""#),
        replaced("delay_execution", "false, \"wait\"", "true, \"wait\""),
        replaced(
            "delay_execution",
            "\"delay_execution\": false",
            "\"delay_execution\": null",
        ),
        // The same values in another notation.
        (
            FULL.to_owned(),
            FULL.replace(r#""1h""#, r#""3600s""#),
            "update ".to_owned(),
        ),
        (
            FULL.to_owned(),
            FULL.replace(r#""2h""#, r#""120m""#),
            "update ".to_owned(),
        ),
        (
            String::new(),
            r#""job": "train""#.to_owned(),
            "update ".to_owned(),
        ),
        (
            r#""job": "train""#.to_owned(),
            String::new(),
            "update ".to_owned(),
        ),
        (
            String::new(),
            r#""triggers": {}, "env": {}"#.to_owned(),
            "update triggers env".to_owned(),
        ),
        (
            r#""args": []"#.to_owned(),
            String::new(),
            "replace args".to_owned(),
        ),
        // What only Terraform uses.
        (
            FULL.to_owned(),
            FULL.replace("\"wait\": false", "\"wait\": true"),
            "update wait".to_owned(),
        ),
        (
            FULL.to_owned(),
            FULL.replace(r#""10m""#, r#""11m""#),
            "update timeouts".to_owned(),
        ),
        (
            String::new(),
            format!(r#""job": "{JOB}-2""#),
            "replace job".to_owned(),
        ),
        (
            String::new(),
            r#""job": "projects/dp/locations/us-central1/jobs/train""#.to_owned(),
            "replace job".to_owned(),
        ),
    ] {
        let prior = applied(&config(&before), "SUCCEEDED");
        let plan = plan_of(&prior, &config(&after), &PrivateState::default());
        assert_eq!(action(&prior, &plan), expected, "{before} → {after}");
        let is_replaced = !plan.requires_replace.is_empty();
        for attribute in SCHEMA.computed() {
            let planned = plan.planned.get(attribute.name);
            assert_eq!(
                planned.is_unknown(),
                is_replaced,
                "{} {before} → {after}",
                attribute.name
            );
        }
    }
}

#[test]
fn unknown_trigger_runs_the_job_again() {
    let prior = applied(&config(r#""triggers": {"uid": "u"}"#), "SUCCEEDED");
    let mut unknown = config(r#""triggers": {"uid": "u"}"#);
    unknown.set("triggers", Value::from([("uid", Value::Unknown)]));
    let plan = plan_of(&prior, &unknown, &PrivateState::default());
    assert_eq!(action(&prior, &plan), "replace triggers");
}

#[test]
fn other_provider_project_or_region_is_another_job() {
    let short = config(r#""job": "train""#);
    let prior = applied(&short, "SUCCEEDED");
    let planned = |project: Field<String>| {
        let defaults = Defaults {
            project,
            ..defaults()
        };
        let request = PlanRequest {
            prior: &prior,
            config: &short,
            private: b"",
        };
        action(&prior, &plan(&request, &defaults))
    };
    assert_eq!(planned(Field::Known("dp".to_owned())), "update ");
    assert_eq!(planned(Field::Known("other".to_owned())), "replace id");
    assert_eq!(planned(Field::Unknown), "update ");
    assert_eq!(planned(Field::Null), "update ; Missing project");
}

/// Each warning once.
#[test]
fn warnings_name_the_execution_and_the_consequence() {
    let triggers = config(r#""triggers": {"uid": "u"}, "args": []"#);
    let interrupted = |failure: Option<&str>| PrivateState {
        interrupted: true,
        failure: failure.map(str::to_owned),
        imported: false,
    };
    let imported = PrivateState {
        imported: true,
        ..PrivateState::default()
    };
    let none = PrivateState::default();
    let texts: Vec<String> = [
        ("RUNNING", &triggers, &none),
        ("RUNNING", &Value::Null, &none),
        (
            "FAILED",
            &config(""),
            &interrupted(Some("NON_ZERO_EXIT_CODE: \"Task t failed.\"")),
        ),
        ("CANCELLED", &config(""), &interrupted(None)),
        ("SUCCEEDED", &triggers, &imported),
    ]
    .into_iter()
    .map(|(state, config, private)| {
        let plan = plan_of(&applied(&self::config(""), state), config, private);
        assert_eq!(plan.diagnostics.len(), 1, "{:?}", plan.diagnostics);
        plan.diagnostics[0].to_string()
    })
    .collect();
    insta::assert_snapshot!(texts.join("\n\n"));
}

proptest! {
    #[test]
    fn every_plan_follows_terraforms_rules(
        before in any_object(&SCHEMA.attributes, WORDS), mut after in any_object(&SCHEMA.attributes, WORDS), fresh in any::<bool>(),
        imported in any::<bool>(), interrupted in any::<bool>(), mask in proptest::collection::vec(proptest::bool::weighted(0.15), 60),
    ) {
        // Terraform refuses a configuration of computed attributes.
        SCHEMA.computed().for_each(|attribute| after.set(attribute.name, Value::Null));
        for diagnostic in super::super::validate::validate(&after) {
            prop_assert!(!diagnostic.path.is_empty() && diagnostic.detail.len() < 2000, "{}", diagnostic);
        }
        let private = PrivateState { imported, interrupted, failure: None };
        let prior = if fresh { Value::Null } else { applied(&before, "FAILED") };
        let plan = plan_of(&prior, &after, &private);
        assert_plan_is_allowed(&SCHEMA.attributes, &prior, &after, &plan.planned);
        let planned = SCHEMA.coerce(plan.planned.clone(), ExtraAttributes::Error);
        prop_assert_eq!(planned.as_ref(), Ok(&plan.planned));

        let early = plan_of(&prior, &masked(&after, &mut mask.into_iter()), &private);
        if early.requires_replace.is_empty() == plan.requires_replace.is_empty() {
            assert_refines(&early.planned, &plan.planned);
        } else {
            // An unknown value may turn out to be the prior one, and not the other way round.
            prop_assert!(plan.requires_replace.is_empty());
        }
    }
}
