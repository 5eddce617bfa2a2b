//! The action `facets_gpu_cloudrun_job_run`: starts an execution and waits for its end.

#[allow(clippy::disallowed_methods, reason = "calls the API")]
mod invoke;
mod schema;

use super::job_argument::job_name;
use super::limits::expiring_token;
use crate::duration;
use crate::provider::ProviderData;
pub use schema::SCHEMA;
use schema::{Config, validate};
use terraform_plugin::action::Progress;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::schema::Schema;
use terraform_plugin::value::{Field, Value};
use terraform_plugin::{Action, Context, async_trait};

/// The type name in a configuration.
pub const TYPE_NAME: &str = "facets_gpu_cloudrun_job_run";

/// The action.
#[derive(Clone, Copy, Debug)]
pub struct CloudRunJobRun;

#[async_trait]
impl Action<ProviderData> for CloudRunJobRun {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> &Schema {
        &SCHEMA
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        validate(config)
    }

    fn plan(&self, data: Option<&ProviderData>, config: &Value) -> Vec<Diagnostic> {
        let Some(data) = data else { return Vec::new() };
        let mut diagnostics = job_name(config, &data.defaults).err().unwrap_or_default();
        let Config { wait, timeout, .. } = Config::read(config);
        let waits = wait != Field::Known(false);
        let timeout = timeout.into_known().filter(|_| waits);
        let timeout = timeout.and_then(|text| duration::parse(&text).ok());
        if let (Ok(client), Some(timeout)) = (data.client(), timeout) {
            diagnostics.extend(expiring_token(client, timeout));
        }
        diagnostics
    }

    async fn invoke(
        &self,
        context: &Context<ProviderData>,
        config: &Value,
        progress: &Progress,
    ) -> Vec<Diagnostic> {
        let mut diagnostics = invoke::invoke(context, config, progress)
            .await
            .err()
            .unwrap_or_default();
        for error in diagnostics.iter_mut().filter(|one| one.is_error()) {
            error.detail.push_str(INVOKE_AGAIN);
        }
        diagnostics
    }
}

/// How to invoke a failed action again.
const INVOKE_AGAIN: &str = "\n\nTo invoke the action again:\n\n  terraform apply \
    -invoke=action.facets_gpu_cloudrun_job_run.NAME\n\nThe next apply invokes it again only if it was triggered by \
    before_create or before_update.";

#[cfg(test)]
mod tests;
