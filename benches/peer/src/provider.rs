//! The provider: one resource, and the endpoint that it calls.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tf_provider::schema::{Attribute, AttributeConstraint, AttributeType, Block, Description, Schema};
use tf_provider::value::{Value, ValueEmpty};
use tf_provider::{Diagnostics, DynamicResource, Provider, map};

use crate::cloudrun::Client;
use crate::resource::GpuJob;

/// The configuration block `provider "peer"`.
#[derive(Serialize, Deserialize, Default)]
pub struct Config {
    cloud_run_endpoint: Value<String>,
    project: Value<String>,
    region: Value<String>,
}

/// What a job gets from the provider's configuration.
pub struct Settings {
    pub client: Client,
    pub project: String,
    pub region: String,
}

/// The provider; its settings are there once it is configured.
#[derive(Default)]
pub struct PeerProvider {
    settings: Arc<OnceLock<Settings>>,
}

#[async_trait]
impl Provider for PeerProvider {
    type Config<'a> = Config;
    type MetaState<'a> = ValueEmpty;

    fn schema(&self, _diagnostics: &mut Diagnostics) -> Option<Schema> {
        let text = |description: &str| Attribute {
            attr_type: AttributeType::String,
            description: Description::markdown(description),
            constraint: AttributeConstraint::Required,
            ..Attribute::default()
        };
        Some(Schema {
            version: 0,
            block: Block {
                description: Description::plain("The benchmark's peer."),
                attributes: map! {
                    "cloud_run_endpoint" => text("Base address of the API, such as `http://127.0.0.1:8080/v2/`."),
                    "project" => text("Project of the jobs."),
                    "region" => text("Region of the jobs."),
                },
                ..Block::default()
            },
        })
    }

    async fn configure<'a>(
        &self,
        diagnostics: &mut Diagnostics,
        _terraform_version: String,
        config: Config,
    ) -> Option<()> {
        let (Value::Value(endpoint), Value::Value(project), Value::Value(region)) =
            (config.cloud_run_endpoint, config.project, config.region)
        else {
            diagnostics.root_error_short("The peer is configured with known values only");
            return None;
        };
        self.settings.get_or_init(|| Settings {
            client: Client::new(endpoint),
            project,
            region,
        });
        Some(())
    }

    fn get_resources(
        &self,
        _diagnostics: &mut Diagnostics,
    ) -> Option<HashMap<String, Box<dyn DynamicResource>>> {
        Some(map! { "gpu_cloudrun_job" => GpuJob::new(Arc::clone(&self.settings)) })
    }
}
