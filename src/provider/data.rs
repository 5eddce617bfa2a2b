//! The data of a configured provider.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::environment::{self, Environment};
use super::{Config, LIVE, google_root, settings};
use crate::labels::Labels;
use crate::run::Runs;
use cloud_run::{Client, JobName};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::redact::Redactor;
use terraform_plugin::value::{Field, Value};

/// Defaults of jobs.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// The default project.
    pub project: Field<String>,
    /// The default region.
    pub region: Field<String>,
    /// Labels of all jobs.
    pub labels: Field<Labels>,
    /// The root of a regional endpoint of Google; null for the global one and for other endpoints.
    pub google_root: Field<String>,
}

impl Defaults {
    /// The URL that starts an execution of a job.
    pub fn run_url(&self, name: &JobName) -> Field<String> {
        match &self.google_root {
            Field::Unknown => Field::Unknown,
            root => Field::Known(name.run_url(root.known().map(String::as_str))),
        }
    }
}

/// What a configured provider gives to its resources and data sources.
pub struct ProviderData {
    /// Defaults of jobs.
    pub defaults: Defaults,
    /// Whether the API checks plans; switched off when it is unavailable.
    pub live_checks: AtomicBool,
    /// The executions that this process started.
    pub runs: Runs,
    client: Result<Arc<Client>, ClientUnavailable>,
}

/// Why there is no client.
#[derive(Clone, Debug)]
pub enum ClientUnavailable {
    /// This argument is unknown until other resources are applied.
    Unknown(&'static str),
    /// The configuration is invalid.
    Invalid(Diagnostic),
}

impl ProviderData {
    /// The data of a configuration, completed by environment variables.
    ///
    /// `terraform_version` is for the `User-Agent`; `redactor` learns the credentials.
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
        let diagnostics = match &client {
            Err(ClientUnavailable::Invalid(reason)) => vec![reason.clone()],
            _ => Vec::new(),
        };
        let live = config.plan_checks.known().is_some_and(|checks| checks == LIVE);
        let configured = ProviderData {
            defaults,
            live_checks: AtomicBool::new(live),
            runs: Runs::default(),
            client,
        };
        (configured, diagnostics)
    }

    /// The client.
    ///
    /// # Errors
    /// When the configuration is invalid or not known yet.
    pub fn client(&self) -> Result<&Arc<Client>, &ClientUnavailable> {
        self.client.as_ref()
    }
}

impl ClientUnavailable {
    /// The diagnostic of a skipped read: a warning while the configuration is unknown, since a plan can use the old state.
    pub fn for_reading(&self) -> Diagnostic {
        match self {
            ClientUnavailable::Unknown(attribute) => Diagnostic::warning(
                "Skipped refresh",
                format!(
                    "The provider argument {attribute} is not known until apply. The plan uses the stored state, \
                     which may be outdated. Run terraform plan again after the apply."
                ),
            ),
            other => other.for_writing(),
        }
    }

    /// The diagnostic of a failed write.
    pub fn for_writing(&self) -> Diagnostic {
        match self {
            ClientUnavailable::Unknown(attribute) => Diagnostic::error(
                "Unknown provider argument",
                format!(
                    "The provider argument {attribute} must be known, got a value that is known only after apply. Apply the \
                     resources that it depends on first, for example with -target."
                ),
            ),
            ClientUnavailable::Invalid(reason) => reason.clone(),
        }
    }
}
