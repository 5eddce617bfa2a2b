//! Compares the JSON Schema `spec` in facets.yaml with the provider's catalog and schema.

use facets_gpu::gpu::{self, JOB_LIMITS};
use facets_gpu::job::schema::{EGRESS, SCHEMA};
use serde_json::{Value, json};
use terraform_plugin::value::Value as ProviderValue;

use crate::facets_yaml;

pub(crate) fn spec_schema() -> Value {
    facets_yaml()["spec"].clone()
}

/// The path and the keyword of each validation error.
pub(crate) fn validation_errors(spec: &Value) -> Vec<(String, String)> {
    let validator = jsonschema::draft7::new(&spec_schema()).unwrap();
    let errors = validator.iter_errors(spec);
    let errors = errors.map(|error| {
        (
            error.instance_path().to_string(),
            error.kind().keyword().to_owned(),
        )
    });
    errors.collect()
}

#[test]
fn spec_enums_match_catalog() {
    let gpu = gpu::default();
    let limits = &JOB_LIMITS;
    let property = |group: &str, field: &str, keyword: &str| {
        spec_schema()["properties"][group]["properties"][field][keyword].clone()
    };
    assert_eq!(property("gpu", "type", "enum"), json!([gpu.name]));
    assert_eq!(property("resources", "cpu", "enum"), json!(gpu.cpu_choices()));
    assert_eq!(
        property("resources", "memory", "enum"),
        json!(gpu.memory_choices())
    );
    assert_eq!(
        property("vpc_access", "egress", "enum"),
        json!(EGRESS.map(|(name, _)| name))
    );
    for (field, range) in [
        ("task_count", &limits.task_count),
        ("parallelism", &limits.parallelism),
        ("max_retries", &limits.max_retries),
    ] {
        assert_eq!(property("job", field, "minimum"), json!(range.start()), "{field}");
        assert_eq!(property("job", field, "maximum"), json!(range.end()), "{field}");
    }
}

#[test]
fn spec_defaults_match_provider() {
    let sample = &facets_yaml()["sample"]["spec"];
    assert_eq!(validation_errors(sample), []);
    let mut count = 0;
    for (group, schema) in spec_schema()["properties"].as_object().unwrap() {
        let attribute = SCHEMA
            .attributes
            .iter()
            .find(|attribute| attribute.name == group)
            .expect(group);
        for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
            let nested = attribute.ty.nested().unwrap();
            let default = &nested
                .iter()
                .find(|inner| inner.name == field)
                .expect(field)
                .default;
            let default = match default {
                Some(ProviderValue::Bool(truth)) => json!(truth),
                Some(ProviderValue::Number(number)) => json!(number.as_i64()),
                Some(ProviderValue::String(text)) => json!(text.as_str()),
                _ => continue,
            };
            assert_eq!(schema["default"], default, "{group}.{field}");
            let value = sample.get(group).map_or(&default, |group| &group[field]);
            assert_eq!(*value, default, "{group}.{field} in the sample");
            count += 1;
        }
    }
    assert_eq!(count, 9);
}

#[test]
fn invalid_specs_fail_at_path() {
    let valid = json!({
        "container": {"image": "x", "command": ["a"], "args": ["b"]},
        "gpu": {"enabled": true, "type": "nvidia-rtx-pro-6000"},
        "resources": {"cpu": "24", "memory": "96Gi"},
        "job": {"task_count": 100, "parallelism": 100, "max_retries": 0, "task_timeout": "1h30m"},
        "secrets": [{"env_var": "A", "secret_name": "a", "version": "3"}],
        "vpc_access": {"connector": "c", "egress": "all-traffic"},
        "env": {"B": "b"},
        "service_account": "runner@acme-batch.iam.gserviceaccount.com",
    });
    assert_eq!(validation_errors(&valid), []);
    for (pointer, invalid, keyword) in [
        ("/container", json!({"command": []}), "required"),
        ("/container/image", json!(""), "minLength"),
        ("/container/command", json!("bash"), "type"),
        ("/gpu/enabled", json!("true"), "type"),
        ("/gpu/type", json!("nvidia-l4"), "enum"),
        ("/resources/cpu", json!("8"), "enum"),
        ("/resources/cpu", json!(20), "type"),
        ("/resources/memory", json!(null), "type"),
        ("/job/task_count", json!(101), "maximum"),
        ("/job/parallelism", json!(1.5), "type"),
        ("/job/max_retries", json!(-1), "minimum"),
        ("/job/task_timeout", json!("1 hour"), "pattern"),
        ("/job/task_timeout", json!(""), "minLength"),
        ("/secrets", json!({"A": {"secret_name": "a"}}), "type"),
        ("/secrets/0", json!({"env_var": "A"}), "required"),
        ("/vpc_access/egress", json!("ALL_TRAFFIC"), "enum"),
        ("/service_account", json!(null), "type"),
    ] {
        let mut spec = valid.clone();
        *spec.pointer_mut(pointer).expect(pointer) = invalid;
        let errors = validation_errors(&spec);
        assert!(
            errors.contains(&(pointer.to_owned(), keyword.to_owned())),
            "{errors:?}"
        );
        assert!(errors.iter().all(|(path, _)| path == pointer), "{errors:?}");
    }
}

/// Parts of facets.yaml that the platform expects and ftf-cli does not check.
#[test]
fn facets_yaml_has_platform_metadata() {
    let facets = facets_yaml();
    for key in ["type", "description", "displayName", "iconUrl"] {
        assert!(facets["intentDetails"][key].is_string(), "intentDetails.{key}");
    }
    assert_eq!(
        facets["artifact_inputs"]["primary"]["attribute_path"],
        "spec.container.image"
    );
    assert_eq!(
        facets["imports"][0]["resource_address"],
        "facets_gpu_cloudrun_job.this"
    );
    let sample = &facets["sample"];
    assert_eq!(
        [
            &sample["kind"],
            &sample["flavor"],
            &sample["version"],
            &sample["disabled"]
        ],
        [
            &facets["intent"],
            &facets["flavor"],
            &facets["version"],
            &json!(false)
        ]
    );
    assert_described("spec", &spec_schema());
}

/// Asserts that each property has a title and a description, and that `x-ui-order` lists all of them.
fn assert_described(path: &str, schema: &Value) {
    let schema = if schema["items"].is_object() {
        &schema["items"]
    } else {
        schema
    };
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    let mut order: Vec<&str> = schema["x-ui-order"]
        .as_array()
        .expect(path)
        .iter()
        .flat_map(Value::as_str)
        .collect();
    order.sort_unstable();
    assert!(order.iter().eq(properties.keys()), "{path}: {order:?}");
    for (name, property) in properties {
        let path = format!("{path}.{name}");
        assert!(
            property["title"].is_string() && property["description"].is_string(),
            "{path}"
        );
        assert_described(&path, property);
    }
}
