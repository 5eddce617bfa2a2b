//! The list resource `facets_gpu_cloudrun_job`, for `terraform query` (Terraform 1.14).

mod lister;
mod query;

use std::sync::LazyLock;

use tokio::sync::mpsc::Sender;

use super::TYPE_NAME;
use crate::gpu;
use crate::provider::{ClientUnavailable, ProviderData};
use lister::Lister;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::list_resource::{ListEvent, ListOptions};
use terraform_plugin::schema::{Attribute, Schema, Type};
use terraform_plugin::value::Value;
use terraform_plugin::{Context, ListResource, async_trait};

/// The list resource.
#[derive(Clone, Copy, Debug)]
pub struct CloudRunJobList;

#[async_trait]
impl ListResource<ProviderData> for CloudRunJobList {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> &Schema {
        &SCHEMA
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        query::validate(config)
    }

    async fn list(
        &self,
        context: &Context<ProviderData>,
        config: &Value,
        options: ListOptions,
        events: Sender<ListEvent>,
    ) -> Result<(), Vec<Diagnostic>> {
        let defaults = &context.data.defaults;
        let query = query::query(config, defaults)?;
        let client = context.data.client().map_err(ClientUnavailable::for_writing)?;
        let lister = Lister {
            client,
            query: &query,
            options,
            defaults,
            cancellation: &context.cancellation,
            events,
        };
        lister.run().await;
        Ok(())
    }
}

/// The schema.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    Schema {
    version: 0,
    description:
        "Lists Cloud Run jobs with a GPU that the resource supports, including jobs that Terraform does not manage. \
         Other jobs are skipped."
            .to_owned(),
    attributes: vec![
        Attribute::new(
            "project",
            Type::String,
            "ID of the Google Cloud project. Default: the provider's `project`.",
        ),
        Attribute::new(
            "locations",
            Type::strings(),
            format!(
                "Regions to list. Default: all regions that offer the GPU: {}.",
                gpu::default()
                    .regions
                    .iter()
                    .map(|region| format!("`{region}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        ),
        Attribute::new(
            "labels",
            Type::string_map(),
            "Labels that a job must have, with their values. Default: all jobs.",
        ),
    ],
}
});

#[cfg(test)]
mod tests;
