//! `terraform query` of 1.14: a `list` block, and what core makes of the events that answer it.

use facets_gpu::wire::proto::tfplugin6::{Diagnostic, Schema, list_resource, schema::Attribute};
use serde_json::Value;
use tonic::Streaming;

use super::{identity, rules, typed, whole};
use crate::{
    codec,
    terraform::{Terraform, attributes, errors},
};

/// A `list` block.
#[derive(Clone)]
pub(crate) struct Query {
    pub(crate) config: Value,
    /// Terraform sends 100 when the block says nothing.
    pub(crate) limit: i64,
    pub(crate) include_resource: bool,
}

/// An object that was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) identity: Value,
    pub(crate) name: String,
    pub(crate) resource: Option<Value>,
}

/// What a query finds, and the warnings.
pub(crate) type Findings = (Vec<Found>, Vec<Diagnostic>);

impl Query {
    pub(crate) fn new(config: Value) -> Self {
        Self {
            config,
            limit: 100,
            include_resource: false,
        }
    }

    /// Validates the block, as every walk does.
    pub(super) async fn validate(&self, terraform: &mut Terraform, schema: &Schema) -> Vec<Diagnostic> {
        let config = codec::object(attributes(schema), &self.config);
        terraform.validate_query(Some(config)).await
    }

    /// Asks, and reads as far as core does.
    pub(super) async fn run(
        &self,
        terraform: &mut Terraform,
        schema: &Schema,
        job: &Schema,
    ) -> Result<Findings, Vec<Diagnostic>> {
        let config = whole(attributes(schema), &self.config);
        assert_eq!(
            rules::unknowns(&config),
            [""; 0],
            "core asks only when all is known"
        );
        let config = Some(codec::object(attributes(schema), &config));
        let events = terraform.list(config, self.limit, self.include_resource).await;
        let reading = Reading {
            query: self,
            identity: terraform.identity.clone(),
            job: attributes(job),
        };
        reading.all(events).await
    }
}

/// What core knows when it reads events.
struct Reading<'a> {
    query: &'a Query,
    identity: Vec<Attribute>,
    job: &'a [Attribute],
}

impl Reading<'_> {
    /// Reads until there are enough, or no more, or an error.
    async fn all(&self, mut events: Streaming<list_resource::Event>) -> Result<Findings, Vec<Diagnostic>> {
        let (mut found, mut told): (Vec<Found>, Vec<Diagnostic>) = Default::default();
        while i64::try_from(found.len()).unwrap() < self.query.limit {
            let Some(event) = events.message().await.unwrap() else {
                break;
            };
            told.extend(event.diagnostic.iter().cloned());
            if !errors(&told).is_empty() {
                return Err(told);
            }
            // An event without an identity is for words only.
            match event.identity {
                None => assert!(!event.diagnostic.is_empty(), "an event with nothing in it"),
                Some(_) => found.push(self.one(&event)),
            }
        }
        let twice = |one: &Found| {
            found
                .iter()
                .filter(|other| other.identity == one.identity)
                .count()
                > 1
        };
        assert!(!found.iter().any(twice), "{found:#?}");
        Ok((found, told))
    }

    fn one(&self, event: &list_resource::Event) -> Found {
        let identity = identity::read(&self.identity, "an object found", event.identity.as_ref());
        let identity = identity.unwrap().expect("an object is known by its identity");
        assert!(!event.display_name.is_empty());
        assert_eq!(event.resource_object.is_some(), self.query.include_resource);
        let resource = event.resource_object.as_ref().map(|resource| {
            let resource = typed::read(self.job, resource).unwrap();
            assert_eq!(rules::unknowns(&resource), [""; 0]);
            for (name, part) in identity.as_object().unwrap() {
                assert_eq!(*part, resource[name], "{name}");
            }
            resource
        });
        Found {
            identity,
            name: event.display_name.clone(),
            resource,
        }
    }
}
