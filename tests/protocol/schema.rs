//! The schema obeys the rules that Terraform checks when it loads a provider.

use facets_gpu::wire::proto::tfplugin6::{
    Schema,
    schema::{Attribute, object::NestingMode},
};

use crate::terraform::Terraform;
use crate::version::V1_14_0;

/// Names that Terraform keeps for itself at the root of a resource.
const RESERVED: [&str; 7] = [
    "count",
    "for_each",
    "depends_on",
    "lifecycle",
    "provider",
    "provisioner",
    "connection",
];

#[tokio::test]
async fn terraform_loads_every_schema() {
    let schemas = Terraform::start(V1_14_0).await.schemas().await;
    let provider = schemas.provider.as_ref().expect("set even if it were empty");
    check("provider", provider);
    let mut data_sources: Vec<_> = schemas.data_source_schemas.keys().collect();
    data_sources.sort();
    assert_eq!(data_sources, ["facets_gpu_catalogue", "facets_gpu_cloudrun_job"]);
    let others = schemas
        .data_source_schemas
        .iter()
        .chain(&schemas.list_resource_schemas);
    for (name, schema) in others.chain(&schemas.resource_schemas) {
        check(name, schema);
        for attribute in attributes(schema) {
            assert!(
                !RESERVED.contains(&attribute.name.as_str()),
                "{name}.{}",
                attribute.name
            );
        }
    }
}

fn check(path: &str, schema: &Schema) {
    attributes(schema)
        .iter()
        .for_each(|attribute| check_attribute(path, attribute));
}

fn check_attribute(outer: &str, attribute: &Attribute) {
    let path = format!("{outer}.{}", attribute.name);
    let name = attribute.name.as_bytes();
    assert!(
        !name.is_empty() && name.iter().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'_')),
        "{path}"
    );
    assert!(
        attribute.optional || attribute.required || attribute.computed,
        "{path} is nothing"
    );
    assert!(
        !(attribute.optional && attribute.required),
        "{path} is optional and required"
    );
    assert!(
        !(attribute.computed && attribute.required),
        "{path} is computed and required"
    );
    assert_ne!(
        attribute.r#type.is_empty(),
        attribute.nested_type.is_none(),
        "{path} has one kind of type"
    );
    assert!(!attribute.description.is_empty(), "{path} is described");
    if let Some(nested) = &attribute.nested_type {
        assert_ne!(nested.nesting(), NestingMode::Invalid, "{path}");
        nested
            .attributes
            .iter()
            .for_each(|inner| check_attribute(&path, inner));
    } else {
        let kind: serde_json::Value = serde_json::from_slice(&attribute.r#type).expect(&path);
        assert!(kind.is_string() || kind.is_array(), "{path}: {kind}");
    }
}

fn attributes(schema: &Schema) -> &[Attribute] {
    &schema.block.as_ref().expect("a block").attributes
}
