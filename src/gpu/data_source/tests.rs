//! The catalog and its filter.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use crate::gpu;
use crate::quantity::Cpu;
use terraform_plugin::schema::ExtraAttributes;

#[test]
fn catalog_conforms_to_schema_without_nulls() {
    let catalog = read(&Value::from([]));
    assert_eq!(
        SCHEMA.coerce(catalog.clone(), ExtraAttributes::Error),
        Ok(catalog.clone())
    );
    fn nulls(at: &str, value: &Value) -> Vec<String> {
        match value {
            Value::Null => vec![at.to_owned()],
            Value::List(items) => items.iter().flat_map(|item| nulls(at, item)).collect(),
            Value::Map(members) => members
                .iter()
                .flat_map(|(name, member)| nulls(&format!("{at}.{name}"), member))
                .collect(),
            _ => Vec::new(),
        }
    }
    assert_eq!(nulls("", &catalog), [".type"]);
}

#[test]
fn choices_are_valid_in_the_resource() {
    let catalog = read(&Value::from([]));
    let Value::List(gpus) = catalog.get("gpus") else {
        panic!("no list")
    };
    assert_eq!(gpus.len(), CATALOG.len());
    let (first, gpu) = (&gpus[0], gpu::default());
    let texts = |value: &Value| Field::<Vec<Field<String>>>::read(value).known().cloned().unwrap();
    for cpu in texts(first.get("cpus")) {
        assert!(gpu.allows_cpu(Cpu::parse(cpu.known().unwrap()).unwrap()));
    }
    for memory in texts(first.get("memory")) {
        assert!(gpu.allows_memory(Memory::parse(memory.known().unwrap()).unwrap()));
    }
    assert_eq!(texts(first.get("regions")).len(), gpu.regions.len());
    assert_eq!(
        crate::duration::parse(
            catalog
                .get("job")
                .get("task_timeout")
                .get("max")
                .as_str()
                .unwrap()
        ),
        Ok(JOB_LIMITS.task_timeout)
    );
}

#[test]
fn filter_selects_one_and_must_exist() {
    let of = |name: &str| Value::from([("type", Value::from(name))]);
    let count = |value: &Value| match value {
        Value::List(items) => items.len(),
        _ => usize::MAX,
    };
    assert_eq!(validate(&of(gpu::default().name)), []);
    assert_eq!(count(read(&of(gpu::default().name)).get("gpus")), 1);
    assert_eq!(count(read(&of("nvidia-l4")).get("gpus")), 0);
    let errors = validate(&of("nvidia-l4"));
    insta::assert_snapshot!(errors[0].to_string());
    let unknown_type = Value::from([("type", Value::Unknown)]);
    assert_eq!(validate(&unknown_type), []);
    assert_eq!(read(&unknown_type).get("gpus"), &Value::Unknown);
}
