//! What the resources and data sources get from the configured provider.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::environment::{self, Environment};
use super::{Config, LIVE, google_root, settings};
use crate::labels::Labels;
use cloud_run::{Client, JobName};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::redact::Redactor;
use terraform_plugin::value::{Field, Value};

/// What the provider's configuration says for jobs that do not say it themselves.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// The project.
    pub project: Field<String>,
    /// The region.
    pub region: Field<String>,
    /// Labels of every job.
    pub labels: Field<Labels>,
    /// The root of the endpoint of Google's that is in use; null for the global one, and while others stand in for Google.
    pub google_root: Field<String>,
}

impl Defaults {
    /// The address that starts an execution of a job.
    pub fn run_url(&self, name: &JobName) -> Field<String> {
        match &self.google_root {
            Field::Unknown => Field::Unknown,
            root => Field::Known(name.run_url(root.known().map(String::as_str))),
        }
    }
}

/// What a configured provider knows.
pub struct ProviderData {
    /// What jobs get that do not say it themselves.
    pub defaults: Defaults,
    /// Whether plans are shown to Google; off once nobody was there to ask.
    pub live_checks: AtomicBool,
    client: Result<Arc<Client>, ClientUnavailable>,
}

/// Why there is no client to ask Google with.
#[derive(Clone, Debug)]
pub enum ClientUnavailable {
    /// Terraform has not configured the provider.
    NotConfigured,
    /// This attribute is known only after other resources are applied.
    Unknown(&'static str),
    /// The configuration cannot work.
    Invalid(Diagnostic),
}

impl ProviderData {
    /// Takes a configuration and the environment behind it.
    ///
    /// `terraform_version` goes into the `User-Agent`; `variable` looks up an environment variable; `redactor` gets to
    /// know the credentials.
    pub fn new(
        config: &Value,
        terraform_version: &str,
        variable: &dyn Fn(&str) -> Option<String>,
        redactor: &Redactor,
    ) -> (ProviderData, Vec<Diagnostic>) {
        let config = Config::read(config);
        let environment = Environment(variable);
        let defaults = Defaults {
            project: config
                .project
                .clone()
                .or(environment.first(environment::PROJECT).into()),
            region: config
                .region
                .clone()
                .or(environment.first(environment::REGION).into()),
            labels: config.default_labels.clone(),
            google_root: config
                .cloud_run_endpoint
                .clone()
                .or(environment.first(environment::ENDPOINT).into())
                .and_then(|text| google_root(&text).into()),
        };
        let client = settings(&config, &environment, terraform_version, redactor)
            .map(|(settings, credentials)| Arc::new(Client::new(settings, credentials)));
        let told = match &client {
            Err(ClientUnavailable::Invalid(reason)) => vec![reason.clone()],
            _ => Vec::new(),
        };
        let live = config.plan_checks.known().is_some_and(|checks| checks == LIVE);
        let configured = ProviderData {
            defaults,
            live_checks: AtomicBool::new(live),
            client,
        };
        (configured, told)
    }

    /// The client, if there can be one.
    ///
    /// # Errors
    /// The reason why not.
    pub fn client(&self) -> Result<&Arc<Client>, &ClientUnavailable> {
        self.client.as_ref()
    }
}

impl ClientUnavailable {
    /// What to say when a job cannot be read: the state stands as it is, which is good enough for a plan.
    pub fn for_reading(&self) -> Diagnostic {
        match self {
            ClientUnavailable::Unknown(attribute) => Diagnostic::warning(
                "Job not refreshed",
                format!(
                    "Reading a job needs the provider's {attribute}, which depends on something not applied yet. \
                     The plan goes on with the state as it was stored. Plan again after the apply to see whether \
                     the job has changed meanwhile."
                ),
            ),
            other => other.for_writing(),
        }
    }

    /// What to say when a job cannot be written.
    pub fn for_writing(&self) -> Diagnostic {
        match self {
            ClientUnavailable::NotConfigured => Diagnostic::error(
                "Provider not configured",
                "Terraform configures a provider before it uses it. This one was asked without. Report this with the \
                 version of Terraform.",
            ),
            ClientUnavailable::Unknown(attribute) => Diagnostic::error(
                "Provider configuration not known",
                format!(
                    "The provider's {attribute} must be known to reach Google. It is not known yet. Apply what it \
                     depends on first, for example with -target."
                ),
            ),
            ClientUnavailable::Invalid(reason) => reason.clone(),
        }
    }
}
