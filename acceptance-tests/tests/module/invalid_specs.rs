//! Mistakes are found at plan: by Terraform where a type does not fit, by the provider at the attribute of its resource,
//! and by the module's one precondition.

use serde_json::{Value, json};

use super::super::terraform;
use super::{each, spec};
use crate::harness::facets_platform::{Call, Root};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn all_mistakes_of_a_blueprint_are_reported_at_plan_at_the_attributes_of_the_resource() {
    let mistakes = json!({
        "gpu": { "enabled": false },
        "resources": { "cpu": "8", "memory": "64Gi" },
        "job": { "task_count": 0, "parallelism": 1.5, "max_retries": 11, "task_timeout": "169h" },
        "secrets": [{ "env_var": "KEY", "secret_name": "key:1" }],
        "vpc_access": { "egress": "all" },
        "env": { "KEY": "x" },
        "service_account": "runner",
    });
    let mut call = Call::new("render", json!({ "spec": spec(&mistakes) }));
    call.inputs["cloud_account"]["attributes"]["region"] = json!("us-east4");
    let terraform = terraform();
    Root::new().calling("job", &call).lay(&terraform);
    terraform.init().succeeds();
    let run = terraform.run(&["plan", "-input=false", "-json"]);
    assert_eq!(run.code, Some(1), "{run}");
    let mut places = Vec::new();
    for line in run.stdout.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let told = &line["diagnostic"];
        if told["severity"] == "error" {
            assert_eq!(
                told["address"], "module.job.facets_gpu_cloudrun_job.this",
                "{told:#}"
            );
            assert_eq!(told["range"]["filename"], "gpu-job/main.tf", "{told:#}");
            let code = told["snippet"]["code"].as_str().expect("the code");
            places.push(code.trim().split(' ').next().unwrap_or_default().to_owned());
        }
    }
    places.sort();
    let expected = [
        "gpu",
        "job",
        "job",
        "job",
        "job",
        "location",
        "resources",
        "resources",
        "secrets",
        "secrets",
        "service_account",
        "vpc_access",
    ];
    assert_eq!(places, expected, "{run}");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_is_missing_or_of_another_type_is_refused_in_terraforms_words() {
    let cases = [
        (
            json!({ "container": {} }),
            r#"attribute "container": attribute "image" is required"#,
        ),
        (
            spec(&json!({ "job": { "task_count": "many" } })),
            "a number is required",
        ),
        (
            spec(&json!({ "secrets": { "KEY": { "secret_name": "key" } } })),
            r#"attribute "secrets": list of object required"#,
        ),
    ];
    let told = errors(&each(&cases.clone().map(|(spec, _)| spec)));
    for (spec, words) in &cases {
        assert!(
            told.iter().any(|error| error.contains(words)),
            "{spec}\n{told:#?}"
        );
    }
    assert_eq!(told.len(), cases.len(), "{told:#?}");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_connector_without_a_network_is_refused() {
    let connector = spec(&json!({ "vpc_access": { "connector": "my-vpc-connector" } }));
    let mut cases = each(&[connector.clone(), connector.clone(), connector]);
    let networks = [Value::Null, json!({}), json!({ "attributes": null })];
    for ((_, call), network) in cases.iter_mut().zip(networks) {
        call.inputs["network_details"] = network;
    }
    let told = errors(&cases);
    assert_eq!(told.len(), cases.len(), "{told:#?}");
    for error in &told {
        let precondition =
            "Resource precondition failed: spec.vpc_access.connector needs the input network_details.";
        assert!(error.starts_with(precondition), "{error}");
    }
}

/// Plans a root that must be refused, and returns the errors.
fn errors(calls: &[(String, Call)]) -> Vec<String> {
    let terraform = terraform();
    Root::new().calling_each("job", calls).lay(&terraform);
    terraform.init().succeeds();
    let run = terraform.run(&["plan", "-input=false", "-json"]);
    assert_eq!(run.code, Some(1), "{run}");
    run.errors()
}
