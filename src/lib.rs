//! The provider `facets-cloud/facets-gpu`: GPU batch jobs on Google Cloud Run.
//!
//! [`FacetsGpu`] registers the resources, data sources and actions.
//!
//! Rules and plans are deterministic: they must not use what `clippy.toml` lists, such as time and the environment. Modules
//! that call the API are exempt.

#![warn(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod gpu;
pub mod job;
pub mod provider;
pub mod run;

pub mod duration;
pub mod hints;
pub mod labels;
pub mod name;
pub mod quantity;
pub mod validators;

use provider::ProviderData;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::redact::Redactor;
use terraform_plugin::schema::Schema;
use terraform_plugin::value::Value;
use terraform_plugin::{
    Action, ConfigureRequest, DataSource, ListResource, Provider, ProviderInfo, Resource,
};

/// The provider.
#[derive(Debug)]
pub struct FacetsGpu {
    redactor: Redactor,
}

impl FacetsGpu {
    /// Adds every credential to `redactor`, which removes it from log and diagnostics.
    pub fn new(redactor: Redactor) -> FacetsGpu {
        FacetsGpu { redactor }
    }
}

impl Provider for FacetsGpu {
    type Data = ProviderData;

    fn info(&self) -> ProviderInfo {
        ProviderInfo {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            description: env!("CARGO_PKG_DESCRIPTION"),
            source: "facets-cloud/facets-gpu",
            log_crates: &["facets_gpu", "cloud_run"],
        }
    }

    fn schema(&self) -> &Schema {
        &provider::SCHEMA
    }

    fn resources(&self) -> Vec<Box<dyn Resource<ProviderData>>> {
        vec![Box::new(job::CloudRunJob), Box::new(run::CloudRunJobExecution)]
    }

    fn data_sources(&self) -> Vec<Box<dyn DataSource<ProviderData>>> {
        vec![
            Box::new(job::CloudRunJobData),
            Box::new(run::CloudRunJobExecutionData),
            Box::new(gpu::GpuCatalog),
        ]
    }

    fn actions(&self) -> Vec<Box<dyn Action<ProviderData>>> {
        vec![Box::new(run::action::CloudRunJobRun)]
    }

    fn list_resources(&self) -> Vec<Box<dyn ListResource<ProviderData>>> {
        vec![Box::new(job::CloudRunJobList)]
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        provider::validate(config, &self.redactor)
    }

    fn configure(&self, request: &ConfigureRequest<'_>) -> (Option<ProviderData>, Vec<Diagnostic>) {
        #[expect(
            clippy::disallowed_methods,
            reason = "the configuration falls back to the environment"
        )]
        let variable = |name: &str| {
            // A value that is not UTF-8 counts as set, and parsing refuses it.
            std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
        };
        let (data, diagnostics) = ProviderData::new(
            request.config,
            request.terraform_version,
            &variable,
            &self.redactor,
        );
        (Some(data), diagnostics)
    }
}
