//! The resource: what tf-provider asks of it, each answered in a few lines.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use tf_provider::schema::Schema;
use tf_provider::value::{Value, ValueEmpty};
use tf_provider::{AttributePath, Diagnostics, Resource};

use crate::model::Job;
use crate::provider::Settings;
use crate::{rules, schema};

/// The resource `peer_gpu_cloudrun_job`.
pub struct GpuJob {
    settings: Arc<OnceLock<Settings>>,
}

impl GpuJob {
    /// A resource whose settings come with the provider's configuration.
    pub fn new(settings: Arc<OnceLock<Settings>>) -> GpuJob {
        GpuJob { settings }
    }

    fn settings(&self, diagnostics: &mut Diagnostics) -> Option<&Settings> {
        let settings = self.settings.get();
        if settings.is_none() {
            diagnostics.root_error_short("The provider is not configured");
        }
        settings
    }
}

#[async_trait]
impl Resource for GpuJob {
    type State<'a> = Job;
    type PrivateState<'a> = ValueEmpty;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _diagnostics: &mut Diagnostics) -> Option<Schema> {
        Some(schema::schema())
    }

    async fn validate<'a>(&self, diagnostics: &mut Diagnostics, config: Job) -> Option<()> {
        rules::check(&config, diagnostics);
        Some(())
    }

    async fn read<'a>(
        &self,
        diagnostics: &mut Diagnostics,
        state: Job,
        private: ValueEmpty,
        _meta: ValueEmpty,
    ) -> Option<(Job, ValueEmpty)> {
        let settings = self.settings(diagnostics)?;
        match settings.client.read(state).await {
            Ok(state) => state.map(|state| (state, private)),
            Err(reason) => {
                diagnostics.root_error("The job cannot be read", reason);
                None
            }
        }
    }

    async fn plan_create<'a>(
        &self,
        diagnostics: &mut Diagnostics,
        proposed: Job,
        config: Job,
        _meta: ValueEmpty,
    ) -> Option<(Job, ValueEmpty)> {
        rules::check(&config, diagnostics);
        let planned = rules::plan(proposed, self.settings(diagnostics)?);
        Some((rules::with_unknown(planned), Value::Null))
    }

    async fn plan_update<'a>(
        &self,
        diagnostics: &mut Diagnostics,
        prior: Job,
        proposed: Job,
        config: Job,
        private: ValueEmpty,
        _meta: ValueEmpty,
    ) -> Option<(Job, ValueEmpty, Vec<AttributePath>)> {
        rules::check(&config, diagnostics);
        let planned = rules::plan(proposed, self.settings(diagnostics)?);
        let replaced: Vec<AttributePath> = [
            ("name", prior.name != planned.name),
            ("project", prior.project != planned.project),
            ("location", prior.location != planned.location),
        ]
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(attribute, _)| AttributePath::new(attribute))
        .collect();
        let planned = if planned == prior {
            planned
        } else {
            rules::with_unknown(planned)
        };
        Some((planned, private, replaced))
    }

    async fn plan_destroy<'a>(
        &self,
        _diagnostics: &mut Diagnostics,
        _prior: Job,
        private: ValueEmpty,
        _meta: ValueEmpty,
    ) -> Option<ValueEmpty> {
        Some(private)
    }

    async fn create<'a>(
        &self,
        diagnostics: &mut Diagnostics,
        planned: Job,
        _config: Job,
        private: ValueEmpty,
        _meta: ValueEmpty,
    ) -> Option<(Job, ValueEmpty)> {
        match self.settings(diagnostics)?.client.create(planned).await {
            Ok(state) => Some((state, private)),
            Err(reason) => {
                diagnostics.root_error("The job was not created", reason);
                None
            }
        }
    }

    async fn update<'a>(
        &self,
        diagnostics: &mut Diagnostics,
        _prior: Job,
        _planned: Job,
        _config: Job,
        _private: ValueEmpty,
        _meta: ValueEmpty,
    ) -> Option<(Job, ValueEmpty)> {
        diagnostics.root_error_short("The benchmark updates nothing");
        None
    }

    async fn destroy<'a>(
        &self,
        diagnostics: &mut Diagnostics,
        prior: Job,
        _private: ValueEmpty,
        _meta: ValueEmpty,
    ) -> Option<()> {
        match self.settings(diagnostics)?.client.delete(&prior).await {
            Ok(()) => Some(()),
            Err(reason) => {
                diagnostics.root_error("The job was not deleted", reason);
                None
            }
        }
    }
}
