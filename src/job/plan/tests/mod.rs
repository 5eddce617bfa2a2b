//! Plans of creations, updates, replacements and deletions.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

pub(crate) mod any;
mod configurations;
mod replacement;

use super::*;
use crate::job::validate::tests::config;
pub(crate) use any::assert_refines;
pub(crate) use configurations::any_config;

pub(crate) fn defaults() -> Defaults {
    Defaults {
        project: Field::Known("dp".to_owned()),
        region: Field::Known("europe-west4".to_owned()),
        ..Defaults::default()
    }
}

/// The state after an apply: the plan with from_facets-up values for unknown ones.
pub(crate) fn applied(planned: &Value) -> Value {
    let mut state = planned.clone();
    if let Value::Map(members) = &mut state {
        for (name, value) in members.iter_mut() {
            fill(value, name);
        }
    }
    state
}

fn fill(value: &mut Value, name: &str) {
    match value {
        Value::Unknown if matches!(name, "generation" | "execution_count" | "max_gpu_hours") => {
            *value = Value::from(1)
        }
        Value::Unknown if name == "latest_execution" => *value = Value::Null,
        Value::Unknown => *value = Value::from("from-the-api"),
        Value::List(items) => items.iter_mut().for_each(|item| fill(item, name)),
        Value::Map(members) => members.values_mut().for_each(|member| fill(member, name)),
        _ => {}
    }
}

fn create(changes: &str) -> Value {
    let plan = plan(&Value::Null, &config(changes), &defaults());
    assert_eq!(plan.diagnostics, vec![], "{changes}");
    plan.planned
}

/// Plans a change of a job that was applied before.
fn change(before: &str, after: &str) -> Plan {
    plan(&applied(&create(before)), &config(after), &defaults())
}

#[test]
fn only_api_attributes_of_a_new_job_are_unknown() {
    let planned = create(r#"{"job": {"task_count": 10, "parallelism": 2}}"#);
    let unknown: Vec<&str> = SCHEMA
        .attributes
        .iter()
        .filter(|attribute| !planned.get(attribute.name).is_wholly_known())
        .map(|attribute| attribute.name)
        .collect();
    assert_eq!(
        unknown,
        [
            "service_account",
            "uid",
            "generation",
            "etag",
            "create_time",
            "update_time",
            "creator",
            "last_modifier",
            "condition",
            "execution_count",
            "latest_execution"
        ]
    );
    assert_eq!(
        planned.get("id").as_str(),
        Some("projects/p/locations/us-central1/jobs/render")
    );
    assert_eq!(
        planned.get("execution_url").as_str(),
        Some("https://run.googleapis.com/v2/projects/p/locations/us-central1/jobs/render:run")
    );
    assert_eq!(planned.get("max_gpu_hours"), &Value::from(40));
    assert_eq!(planned.get("resources").get("cpu").as_str(), Some("20"));
    assert_eq!(planned.get("gpu").get("enabled"), &Value::Bool(true));
}

#[test]
fn endpoint_change_plans_no_change() {
    let at = |endpoint: &Field<&str>| Defaults {
        google_root: endpoint.as_ref().map(|text| (*text).to_owned()),
        ..defaults()
    };
    let same = config("{}");
    let url = |planned: &Value| planned.get("execution_url").as_str().map(str::to_owned);
    let regional = Field::Known("https://us-central1-run.googleapis.com/v2/");
    let job = "projects/p/locations/us-central1/jobs/render:run";
    let new = plan(&Value::Null, &same, &at(&regional)).planned;
    assert_eq!(
        url(&new),
        Some(format!("https://us-central1-run.googleapis.com/v2/{job}"))
    );
    let unknown = plan(&Value::Null, &same, &at(&Field::Unknown)).planned;
    assert_eq!(unknown.get("execution_url"), &Value::Unknown);
    // Also as stored by an older version of the provider.
    for stored in [
        Field::Null,
        regional.clone(),
        Field::Known("https://run.europe-west4.rep.googleapis.com/v2/"),
    ] {
        let state = applied(&plan(&Value::Null, &same, &at(&stored)).planned);
        for now in [
            Field::Null,
            Field::Unknown,
            regional.clone(),
            Field::Known("https://run-psc.p.googleapis.com/v2/"),
        ] {
            let again = plan(&state, &same, &at(&now));
            assert_eq!(again.planned, state, "{stored:?} {now:?}");
        }
    }
    // Another job has another URL.
    let state = applied(&new);
    let other = plan(&state, &config(r#"{"name": "other"}"#), &at(&Field::Null)).planned;
    assert_eq!(
        url(&other),
        Some("https://run.googleapis.com/v2/projects/p/locations/us-central1/jobs/other:run".to_owned())
    );
}

#[test]
fn provider_and_facets_fill_omitted_attributes() {
    let planned = create(
        r#"{"name": null, "project": null, "location": null, "labels": {"team": "render", "instance": "mine"},
            "facets": {"instance_name": "video", "environment": "demo",
                       "cloud_tags": {"FacetsControlPlane": "demo.console.facets.cloud", "managed-by": "another-tool"}}}"#,
    );
    assert_eq!(
        planned.get("id").as_str(),
        Some("projects/dp/locations/europe-west4/jobs/demo-video")
    );
    let expected = [
        ("environment", "demo"),
        ("facetscontrolplane", "demo-console-facets-cloud"),
        ("instance", "mine"),
        ("managed-by", "facets"),
        ("team", "render"),
    ];
    assert_eq!(
        planned.get("effective_labels"),
        &Value::from(expected.map(|(key, value)| (key, Value::from(value))))
    );
}

#[test]
fn label_limit_covers_all_sources() {
    let tags = |count: usize| {
        let tags: Vec<String> = (0..count).map(|tag| format!(r#""tag-{tag}": "x""#)).collect();
        config(&format!(
            r#"{{"facets": {{"instance_name": "i", "environment": "e", "cloud_tags": {{{}}}}}}}"#,
            tags.join(",")
        ))
    };
    assert_eq!(plan(&Value::Null, &tags(61), &defaults()).diagnostics, vec![]);
    let diagnostics = plan(&Value::Null, &tags(63), &defaults()).diagnostics;
    insta::assert_snapshot!(texts(&diagnostics));
}

#[test]
fn provider_defaults_are_validated() {
    let errors = |project: &str, region: &str| {
        let known = |text: &str| (!text.is_empty()).then(|| text.to_owned()).into();
        let defaults = Defaults {
            project: known(project),
            region: known(region),
            ..Defaults::default()
        };
        let config = config(r#"{"project": null, "location": null}"#);
        texts(&plan(&Value::Null, &config, &defaults).diagnostics)
    };
    assert_eq!(errors("dp", "europe-west4"), "");
    assert!(errors("my project", "europe-west4").starts_with("error at project: Invalid project\n"));
    assert!(errors("dp", "us-east4").starts_with("error at location: Region without this GPU\n"));
    insta::assert_snapshot!(errors("", ""));
}

/// For a snapshot.
fn texts(diagnostics: &[Diagnostic]) -> String {
    diagnostics
        .iter()
        .map(|diagnostic| format!("{diagnostic}\n"))
        .collect()
}

/// Validation checks a configured region.
#[test]
fn references_must_be_in_the_default_region() {
    for (reference, path) in [
        (
            r#""vpc_access": {"connector": "projects/p/locations/us-central1/connectors/c"}"#,
            "vpc_access.connector",
        ),
        (
            r#""vpc_access": {"subnetwork": "projects/p/regions/us-central1/subnetworks/s"}"#,
            "vpc_access.subnetwork",
        ),
        (
            r#""encryption_key": "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k""#,
            "encryption_key",
        ),
    ] {
        let messages = |location: &str, region: Field<String>| -> Vec<String> {
            let config = config(&format!(r#"{{"location": {location}, {reference}}}"#));
            let defaults = Defaults { region, ..defaults() };
            let diagnostics = plan(&Value::Null, &config, &defaults).diagnostics;
            diagnostics
                .iter()
                .map(|d| format!("{} {}", d.path, d.is_error()))
                .collect()
        };
        let region = |region: &str| Field::Known(region.to_owned());
        assert_eq!(
            messages("null", region("europe-west4")),
            [format!("{path} false")]
        );
        assert_eq!(messages("null", region("us-central1")), [""; 0]);
        assert_eq!(messages("null", Field::Unknown), [""; 0]);
        assert_eq!(messages(r#""europe-west4""#, region("us-central1")), [""; 0]);
        assert_eq!(messages(r#""?""#, region("europe-west4")), [""; 0]);
    }
}

#[test]
fn equal_definition_keeps_the_generation() {
    let secrets = |secrets: &str| format!(r#"{{"secrets": {secrets}}}"#);
    let tags = |tags: &str| format!(r#"{{"vpc_access": {{"network": "n", "tags": {tags}}}}}"#);
    let args =
        |args: &str| format!(r#"{{"container": {{"image": "i", "command": {args}, "args": {args}}}}}"#);
    let (one, other) = (
        r#"{"env_var": "A", "secret_name": "a"}"#,
        r#"{"env_var": "B", "secret_name": "b"}"#,
    );
    let ordered = secrets(&format!("[{one}, {other}]"));
    for (before, after, is_sent) in [
        (ordered.clone(), secrets(&format!("[{other}, {one}]")), false),
        (ordered.clone(), secrets(&format!("[{one}]")), true),
        (secrets("null"), secrets("[]"), false),
        (tags(r#"["t", "u"]"#), tags(r#"["u", "t", "u"]"#), false),
        (tags(r#"["t", "u"]"#), tags(r#"["t"]"#), true),
        (args("null"), args("[]"), false),
        (args("[]"), args("null"), false),
        (args("null"), args(r#"["x"]"#), true),
        (r#"{"env": {}}"#.to_owned(), r#"{"env": null}"#.to_owned(), false),
        (
            r#"{"env": null}"#.to_owned(),
            r#"{"env": {"A": "b"}}"#.to_owned(),
            true,
        ),
        (
            "{}".to_owned(),
            r#"{"deletion_protection": true, "timeouts": {"create": "5m"}}"#.to_owned(),
            false,
        ),
    ] {
        let planned = change(&before, &after).planned;
        assert_eq!(
            planned.get("generation").is_unknown(),
            is_sent,
            "{before} -> {after}"
        );
        assert!(is_sent || planned.is_wholly_known(), "{before} -> {after}");
        assert_eq!(
            planned.get("secrets"),
            create(&after).get("secrets"),
            "the configured order"
        );
    }
}
