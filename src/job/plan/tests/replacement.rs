//! What requires replacement, and what prevents it.

use super::*;

fn replaced(before: &str, after: &str) -> String {
    change(before, after)
        .requires_replace
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn only_name_project_and_location_require_replacement() {
    for (after, expected) in [
        (r#"{"name": "other"}"#, "name"),
        (r#"{"name": "?"}"#, "name"),
        (
            r#"{"project": "q", "location": "asia-south2"}"#,
            "project location",
        ),
        (
            r#"{"container": {"image": "other"}, "labels": {"a": "b"}, "launch_stage": "GA"}"#,
            "",
        ),
    ] {
        assert_eq!(replaced("{}", after), expected, "{after}");
    }
    let other = change("{}", r#"{"name": "other"}"#).planned;
    assert!(other.get("uid").is_unknown());
}

#[test]
fn name_stays_until_facets_change() {
    let facets = |environment: &str, tags: &str| {
        format!(
            r#"{{"name": null, "facets": {{"instance_name": "video", "environment": "{environment}", "cloud_tags": {tags}}}}}"#
        )
    };
    let named = |prior: &str, config: &str| {
        let plan = change(prior, config);
        let name = plan.planned.get("name").as_str().unwrap_or("?").to_owned();
        (name, plan.requires_replace.len())
    };
    let from_facets = facets("demo", "{}");
    // Facets that are added to an imported or named job do not change its name.
    assert_eq!(named("{}", &from_facets), ("render".to_owned(), 0));
    let imported = applied(&change("{}", &from_facets).planned);
    let again = plan(
        &imported,
        &config(&facets("demo", r#"{"tier": "batch"}"#)),
        &defaults(),
    );
    assert_eq!(
        (again.planned.get("name").as_str(), again.requires_replace),
        (Some("render"), vec![])
    );
    // Another environment is another job.
    assert_eq!(
        named(&from_facets, &facets("prod", "{}")),
        ("prod-video".to_owned(), 1)
    );
    let moved = plan(&imported, &config(&facets("prod", "{}")), &defaults());
    assert_eq!(
        (moved.planned.get("name").as_str(), moved.requires_replace.len()),
        (Some("prod-video"), 1)
    );
}

/// `"?"` is an unknown value.
#[test]
fn unknown_defaults_require_no_replacement() {
    let unknown = Defaults {
        project: Field::Unknown,
        region: Field::Unknown,
        labels: Field::Unknown,
        ..Defaults::default()
    };
    let omitted = r#""project": null, "location": null"#;
    let facets = |instance: &str, environment: &str| {
        format!(
            r#"{{"name": null, {omitted}, "facets": {{"instance_name": "{instance}", "environment": "{environment}"}}}}"#
        )
    };
    let named = format!("{{{omitted}}}");
    let from_facets = facets("video", "demo");
    let unknown_facets = format!(r#"{{"name": null, {omitted}, "facets": "?"}}"#);
    for (before, after) in [
        (&named, &named),
        (&from_facets, &from_facets),
        (&from_facets, &facets("video", "?")),
        (&from_facets, &facets("?", "demo")),
        (&from_facets, &facets("?", "?")),
        (&from_facets, &unknown_facets),
        (&named, &unknown_facets),
    ] {
        let state = applied(&create(before));
        let early = plan(&state, &config(after), &unknown);
        assert_eq!(
            (&early.requires_replace, &early.diagnostics),
            (&vec![], &vec![]),
            "{before} -> {after}"
        );
        for attribute in [
            "name",
            "project",
            "location",
            "id",
            "execution_url",
            "uid",
            "creator",
        ] {
            assert_eq!(
                early.planned.get(attribute),
                state.get(attribute),
                "{before} -> {after}"
            );
        }
        assert!(early.planned.get("effective_labels").is_unknown());
        assert!(
            early.planned.get("generation").is_unknown(),
            "the labels may change"
        );
        assert_eq!(
            crate::job::identity::of(&early.planned),
            crate::job::identity::of(&state)
        );
        // During the apply all values are known and unchanged.
        let late = plan(&state, &config(before), &defaults());
        assert_refines(&early.planned, &late.planned);
        assert_eq!(late.planned, state);
    }
    // A known part of the facets has changed.
    let other = change(&from_facets, &facets("audio", "?"));
    assert_eq!(
        (other.planned.get("name"), other.requires_replace.len()),
        (&Value::Unknown, 1)
    );
    // Unknown configured values require replacement.
    for (attribute, expected) in [("name", "name"), ("project", "project"), ("location", "location")] {
        assert_eq!(replaced("{}", &format!(r#"{{"{attribute}": "?"}}"#)), expected);
    }
    // A new job has no project and location yet.
    let new = plan(&Value::Null, &config(&from_facets), &unknown).planned;
    for attribute in ["project", "location", "id", "execution_url"] {
        assert!(new.get(attribute).is_unknown(), "{attribute}");
    }
    assert_eq!(
        plan(&applied(&create(&from_facets)), &Value::Null, &unknown).planned,
        Value::Null
    );
}

#[test]
fn stored_region_is_not_validated() {
    let mut state = applied(&create("{}"));
    state.set("location", "us-east4");
    let unknown = Defaults {
        region: Field::Unknown,
        ..defaults()
    };
    let plan = plan(&state, &config(r#"{"location": null}"#), &unknown);
    assert_eq!((plan.diagnostics, plan.requires_replace), (vec![], vec![]));
}

#[test]
fn replacement_by_provider_default_is_explained() {
    let other_defaults = Defaults {
        project: Field::Known("dq".to_owned()),
        region: Field::Known("us-central1".to_owned()),
        ..Defaults::default()
    };
    let warnings = |config: &str, after: &str| {
        let state = applied(&create(config));
        let plan = plan(
            &state,
            &crate::job::validate::tests::config(after),
            &other_defaults,
        );
        texts(&plan.diagnostics)
    };
    let omitted = r#"{"project": null, "location": null}"#;
    insta::assert_snapshot!(warnings(omitted, omitted));
    let one = r#"{"location": null}"#;
    assert!(warnings(one, one).starts_with("warning at location: Replacement by a provider default\n"));
    for (before, after) in [
        // The resource causes the replacement, alone or too.
        (omitted, r#"{"project": "dq", "location": "us-central1"}"#),
        (one, r#"{"name": "other", "location": null}"#),
        (omitted, r#"{"project": "p", "location": null}"#),
        // Nothing is replaced.
        (omitted, r#"{"project": "dp", "location": "europe-west4"}"#),
        ("{}", "{}"),
    ] {
        assert_eq!(warnings(before, after), "", "{before} -> {after}");
    }
}

#[test]
fn protected_job_is_neither_destroyed_nor_replaced() {
    let protected = r#"{"deletion_protection": true}"#;
    let state = applied(&create(protected));
    let errors = |config: &Value| texts(&plan(&state, config, &defaults()).diagnostics);
    let other_name = config(r#"{"deletion_protection": true, "name": "other"}"#);
    insta::assert_snapshot!(format!("{}{}", errors(&Value::Null), errors(&other_name)));
    assert_eq!(errors(&config("{}")), "");
    assert_eq!(
        plan(&applied(&create("{}")), &Value::Null, &defaults()).diagnostics,
        vec![]
    );
}
