//! The provider as a whole: its configuration, and what resources, data sources and actions get from it.

use crate::action::Action;
use crate::data_source::DataSource;
use crate::diagnostic::Diagnostic;
use crate::list_resource::ListResource;
use crate::resource::Resource;
use crate::schema::Schema;
use crate::value::Value;

/// A Terraform provider.
pub trait Provider: Send + Sync + 'static {
    /// What a configured provider gives to its resources, data sources and actions, such as a client.
    type Data: Send + Sync + 'static;

    /// Name, version and address.
    fn info(&self) -> ProviderInfo;

    /// The schema of the provider's own configuration.
    fn schema(&self) -> &Schema;

    /// The resources, each with a type name of its own.
    fn resources(&self) -> Vec<Box<dyn Resource<Self::Data>>>;

    /// The data sources, each with a type name of its own.
    fn data_sources(&self) -> Vec<Box<dyn DataSource<Self::Data>>> {
        Vec::new()
    }

    /// The list resources of `terraform query` (Terraform 1.14). Each has the type name of a resource with an identity.
    fn list_resources(&self) -> Vec<Box<dyn ListResource<Self::Data>>> {
        Vec::new()
    }

    /// The actions (Terraform 1.14), each with a type name of its own. Older versions of Terraform ignore them.
    fn actions(&self) -> Vec<Box<dyn Action<Self::Data>>> {
        Vec::new()
    }

    /// Errors and warnings about the provider's configuration, of which parts may be unknown.
    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Takes the provider's configuration. Terraform configures a provider several times a command, during a plan perhaps
    /// with unknown values, so this must neither connect nor wait.
    ///
    /// Without data, the calls that need them return an error; the diagnostics must give the reason.
    fn configure(&self, request: &ConfigureRequest<'_>) -> (Option<Self::Data>, Vec<Diagnostic>);
}

/// What identifies a provider.
#[derive(Clone, Copy, Debug)]
pub struct ProviderInfo {
    /// The name of the program, `terraform-provider-TYPE`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What it is for, in one line.
    pub description: &'static str,
    /// Its source address without a registry, `NAMESPACE/TYPE`.
    pub source: &'static str,
    /// The crates whose log lines are the provider's own, besides this one. Lines of any other crate are written at the
    /// level `TRACE` only.
    pub log_crates: &'static [&'static str],
}

/// What Terraform sends to configure a provider.
#[derive(Clone, Copy, Debug)]
pub struct ConfigureRequest<'a> {
    /// The configuration; parts of it may be unknown during a plan.
    pub config: &'a Value,
    /// The version of Terraform or OpenTofu.
    pub terraform_version: &'a str,
}

impl ProviderInfo {
    /// The type in the source address, such as `facets-gpu`.
    pub(crate) fn provider_type(&self) -> &'static str {
        self.source.rsplit('/').next().unwrap_or_default()
    }
}
