//! What the contract does not allow is refused at plan, in the words of the blueprint, and all of it at once.

use serde_json::{Value, json};

use super::super::terraform;
use super::{each, spec};
use crate::harness::platform::{Call, Root};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn every_neighbour_of_an_allowed_value_is_refused_in_the_words_of_the_blueprint() {
    let refused = refused();
    let specs: Vec<Value> = refused.iter().map(|(given, _)| spec(given)).collect();
    let mut calls = each(&specs);
    let mut elsewhere = Call::new("elsewhere", json!({ "spec": spec(&json!({})) }));
    elsewhere.inputs["cloud_account"]["attributes"]["region"] = json!("us-east4");
    calls.push(("elsewhere".to_owned(), elsewhere));
    let told = errors(&calls);
    let expected = refused.iter().map(|(_, words)| words.as_str()).chain([ELSEWHERE]);
    for words in expected.clone() {
        let same = |error: &&String| error.contains(words);
        assert_eq!(told.iter().filter(same).count(), 1, "{words}\n{told:#?}");
    }
    assert_eq!(told.len(), expected.count(), "{told:#?}");
}

/// What the contract does not allow, with the rule and the finding as they must be told.
fn refused() -> Vec<(Value, String)> {
    let mut all = Vec::new();
    let mut add = |group: &str, field: &str, rule: &str, values: &[Value]| {
        for value in values {
            let words = format!("spec.{group}.{field} {rule} It is {value}. ");
            all.push((json!({ group: { field: value } }), words));
        }
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect::<Vec<_>>();
    let cpus = texts(&["19", "21", "33", "20000m", "", "20.5"]);
    add("resources", "cpu", "must be \"20\", \"24\" or \"32\".", &cpus);
    let memories = texts(&["79Gi", "81Gi", "129Gi", "80G", "80gi", "80 Gi", "80", ""]);
    add("resources", "memory", "must be 80Gi, 96Gi or 128Gi.", &memories);
    let types = texts(&["nvidia-l4", "NVIDIA-RTX-PRO-6000", ""]);
    add(
        "gpu",
        "type",
        "must be nvidia-rtx-pro-6000, the only GPU for jobs.",
        &types,
    );
    let counts = [json!(0), json!(101), json!(-1), json!(1.5)];
    add("job", "task_count", "is a whole number from 1 to 100.", &counts);
    add("job", "parallelism", "is a whole number from 1 to 100.", &counts);
    let retries = [json!(-1), json!(11), json!(0.5)];
    add("job", "max_retries", "is a whole number from 0 to 10.", &retries);
    let times = texts(&TIMES);
    add(
        "job",
        "task_timeout",
        "is hours, minutes and seconds such as 3600s, 2h or 1h30m, more than nothing and at most 168h.",
        &times,
    );
    let egress = texts(&["PRIVATE_RANGES_ONLY", "all", ""]);
    add(
        "vpc_access",
        "egress",
        "must be private-ranges-only or all-traffic.",
        &egress,
    );
    add(
        "gpu",
        "enabled",
        "can only be true, since every task of this flavor gets a GPU.",
        &[json!(false)],
    );
    all
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_is_missing_or_of_another_type_is_refused_in_terraforms_words() {
    let other = |given: Value, words: &'static str| (spec(&given), words);
    // Terraform names no attribute when a text is no number or bool.
    let cases = [
        (
            json!({}),
            r#"attribute "spec": attribute "container" is required"#,
        ),
        (
            json!({ "container": {} }),
            r#"attribute "container": attribute "image" is required"#,
        ),
        other(
            json!({ "container": { "command": "run" } }),
            r#"attribute "container": attribute "command": list of string required"#,
        ),
        other(json!({ "job": "many" }), r#"attribute "job": object required"#),
        other(json!({ "job": { "task_count": "many" } }), "a number is required"),
        other(json!({ "gpu": { "enabled": "perhaps" } }), "a bool is required"),
        other(
            json!({ "secrets": [{ "env_var": "KEY" }] }),
            r#"attribute "secrets": element 0: attribute "secret_name" is required"#,
        ),
        other(
            json!({ "secrets": [{ "secret_name": "key" }] }),
            r#"attribute "secrets": element 0: attribute "env_var" is required"#,
        ),
        other(
            json!({ "secrets": { "KEY": { "secret_name": "key" } } }),
            r#"attribute "secrets": list of object required"#,
        ),
    ];
    let specs: Vec<Value> = cases.iter().map(|(spec, _)| spec.clone()).collect();
    let told = errors(&each(&specs));
    for (index, (spec, words)) in cases.iter().enumerate() {
        let address = format!("module.job[\"case-{index}\"].var.instance");
        let kept = told
            .iter()
            .any(|error| error.contains(&address) && error.contains(words));
        assert!(kept, "{spec}\n{words}\n{told:#?}");
    }
    assert_eq!(told.len(), cases.len(), "{told:#?}");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_the_provider_alone_can_tell_is_refused_at_plan_too() {
    let key = json!({ "env_var": "KEY", "secret_name": "key" });
    let cases = [
        (
            json!({ "container": { "image": "" } }),
            "container.image is the address of an image",
        ),
        (
            json!({ "container": { "args": [null] } }),
            "Every element of container.args needs a value",
        ),
        (
            json!({ "env": { "PORT": "80" } }),
            "Cloud Run sets the variable PORT itself",
        ),
        (json!({ "env": { "QUALITY": null } }), "env.QUALITY is null"),
        (json!({ "secrets": [null] }), "secrets[0] is null"),
        (
            json!({ "secrets": [key, key] }),
            "\"KEY\" is set by secrets[1] and by secrets[0]",
        ),
        (
            json!({ "secrets": [key], "env": { "KEY": "x" } }),
            "\"KEY\" is set by secrets[0] and by env.KEY",
        ),
        (
            json!({ "secrets": [{ "env_var": "KEY", "secret_name": "key:1" }] }),
            "In secrets[0] it is \"key:1\"",
        ),
        (
            json!({ "service_account": "runner" }),
            "service_account is the e-mail address",
        ),
    ];
    let specs: Vec<Value> = cases.iter().map(|(given, _)| spec(given)).collect();
    let told = errors(&each(&specs));
    for (given, words) in &cases {
        let same = |error: &&String| error.contains(words);
        assert_eq!(told.iter().filter(same).count(), 1, "{given}\n{told:#?}");
    }
    assert_eq!(told.len(), cases.len(), "{told:#?}");
}

/// Plans a root that must be refused, and passes on what was told.
fn errors(calls: &[(String, Call)]) -> Vec<String> {
    let terraform = terraform();
    Root::new().calling_each("job", calls).lay(&terraform);
    terraform.init().succeeds();
    let run = terraform.run(&["plan", "-input=false", "-json"]);
    assert_eq!(run.code, Some(1), "{run}");
    run.errors()
}

/// Limits that are none, or beyond 168 hours, or in other words than hours, minutes and seconds.
const TIMES: [&str; 14] = [
    "", "0s", "0h0m0s", "168h1s", "169h", "604801s", "10081m", "3600", "1 hour", "7d", "-1s", "1h 30m",
    "30m1h", "1H",
];
const ELSEWHERE: &str = "The region of the input cloud_account must offer nvidia-rtx-pro-6000: us-central1, europe-west4, asia-south2 or \
                         asia-southeast1. It is \"us-east4\".";
