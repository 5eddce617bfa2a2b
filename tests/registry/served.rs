//! The table of pages against what the provider really serves: nothing that Terraform can use is without a page.

use facets_gpu::server::Provider;
use facets_gpu::wire::StopSignal;
use facets_gpu::wire::proto::tfplugin6 as tf;
use facets_gpu::wire::proto::tfplugin6::provider_server::Provider as _;

use crate::page::Kind;
use crate::pages::pages;
use crate::rule::Rule;

#[tokio::test]
async fn all_that_is_served_has_a_page_of_its_own_attributes() {
    let mut rule = Rule::new(
        "Each resource, data source and list resource that the provider serves has a page, drawn from the schema that is \
         served.",
        "Add a line for it to the table in tests/registry/pages.rs, and run `make docs`.",
    );
    let provider = Provider::new(StopSignal::default());
    let asked = tonic::Request::new(tf::get_provider_schema::Request::default());
    let served = provider
        .get_provider_schema(asked)
        .await
        .expect("schemas")
        .into_inner();
    let mut kinds = vec![(
        Kind::Provider,
        "facets-gpu".to_owned(),
        served.provider.clone().expect("one"),
    )];
    for (kind, schemas) in [
        (Kind::Resource, &served.resource_schemas),
        (Kind::DataSource, &served.data_source_schemas),
        (Kind::ListResource, &served.list_resource_schemas),
    ] {
        kinds.extend(
            schemas
                .iter()
                .map(|(name, schema)| (kind, name.clone(), schema.clone())),
        );
    }
    assert!(kinds.len() > 1, "nothing is served");
    let pages = pages();
    for (kind, name, schema) in &kinds {
        let Some(page) = pages.iter().find(|page| page.is_of(*kind, name)) else {
            rule.broken(format!("{name} is served and has no page"));
            continue;
        };
        if names(schema) != page.names() {
            rule.broken(format!(
                "{} has other attributes than {name} as it is served",
                page.path()
            ));
        }
    }
    for page in &pages {
        if !kinds.iter().any(|(kind, name, _)| page.is_of(*kind, name)) {
            rule.broken(format!("{} is about something that is not served", page.path()));
        }
    }
    let asked = tonic::Request::new(tf::get_resource_identity_schemas::Request::default());
    let identities = provider
        .get_resource_identity_schemas(asked)
        .await
        .expect("identities")
        .into_inner();
    for page in pages
        .iter()
        .filter(|page| page.is_of(Kind::Resource, page.name()))
    {
        let served = identities.identity_schemas.contains_key(page.name());
        if served != page.has_identity() {
            let word = if served { "an" } else { "no" };
            rule.broken(format!(
                "{} is of a resource with {word} identity: .identified_by(…)",
                page.path()
            ));
        }
    }
    rule.judge();
}

fn names(schema: &tf::Schema) -> Vec<String> {
    let attributes = schema.block.iter().flat_map(|block| &block.attributes);
    let mut names: Vec<String> = attributes.map(|attribute| attribute.name.clone()).collect();
    names.sort();
    names
}
