//! Invalid specs fail the plan: by type checks of Terraform, by the provider at an attribute, or by the module's precondition.

use serde_json::{Value, json};

use super::super::terraform;
use super::root_module::{ModuleCall, RootModule};
use super::{calls, spec};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn errors_point_at_resource_attributes() {
    let invalid_values = json!({
        "gpu": { "enabled": false },
        "resources": { "cpu": "8", "memory": "64Gi" },
        "job": { "task_count": 0, "parallelism": 1.5, "max_retries": 11, "task_timeout": "169h" },
        "secrets": [{ "env_var": "KEY", "secret_name": "key:1" }],
        "vpc_access": { "egress": "all" },
        "env": { "KEY": "x" },
        "service_account": "runner",
    });
    let mut call = ModuleCall::new("render", json!({ "spec": spec(&invalid_values) }));
    call.inputs["cloud_account"]["attributes"]["region"] = json!("us-east4");
    let terraform = terraform();
    RootModule::new().with_call("job", &call).write_to(&terraform);
    terraform.init().succeeds();
    let run = terraform.run(&["plan", "-input=false", "-json"]);
    assert_eq!(run.code, Some(1), "{run}");
    let mut attributes = Vec::new();
    for line in run.stdout.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let diagnostic = &line["diagnostic"];
        if diagnostic["severity"] == "error" {
            assert_eq!(
                diagnostic["address"], "module.job.facets_gpu_cloudrun_job.this",
                "{diagnostic:#}"
            );
            assert_eq!(
                diagnostic["range"]["filename"], "gpu-job/main.tf",
                "{diagnostic:#}"
            );
            let code = diagnostic["snippet"]["code"].as_str().expect("the code");
            attributes.push(code.trim().split(' ').next().unwrap_or_default().to_owned());
        }
    }
    attributes.sort();
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
    assert_eq!(attributes, expected, "{run}");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn type_errors_come_from_terraform() {
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
    let errors = plan_errors(&calls(&cases.clone().map(|(spec, _)| spec)));
    for (spec, expected) in &cases {
        assert!(
            errors.iter().any(|error| error.contains(expected)),
            "{spec}\n{errors:#?}"
        );
    }
    assert_eq!(errors.len(), cases.len(), "{errors:#?}");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn connector_requires_network_input() {
    let connector = spec(&json!({ "vpc_access": { "connector": "my-vpc-connector" } }));
    let mut cases = calls(&[connector.clone(), connector.clone(), connector]);
    let networks = [Value::Null, json!({}), json!({ "attributes": null })];
    for ((_, call), network) in cases.iter_mut().zip(networks) {
        call.inputs["network_details"] = network;
    }
    let errors = plan_errors(&cases);
    assert_eq!(errors.len(), cases.len(), "{errors:#?}");
    for error in &errors {
        let precondition = "Resource precondition failed: spec.vpc_access.connector requires the input network_details, got none.";
        assert!(error.starts_with(precondition), "{error}");
    }
}

/// Returns the errors of a plan that must fail.
fn plan_errors(calls: &[(String, ModuleCall)]) -> Vec<String> {
    let terraform = terraform();
    RootModule::new().with_calls("job", calls).write_to(&terraform);
    terraform.init().succeeds();
    let run = terraform.run(&["plan", "-input=false", "-json"]);
    assert_eq!(run.code, Some(1), "{run}");
    run.errors()
}
