//! A working directory: a provider configuration, one resource, its state, and the commands that are run on it.
//!
//! Each command is several walks, and each walk has a provider process of its own.

use std::collections::BTreeSet;

use facets_gpu::wire::proto::tfplugin6::{Diagnostic, Schema, schema::Attribute};
use serde_json::Value;

use super::{
    change::{Action, Change, Stored},
    query::{Findings, Query},
    walk::Walk,
};
use crate::{
    process::Launch,
    terraform::{JOB, Terraform, errors},
    version::Version,
};

type Told = Vec<Diagnostic>;

pub(crate) struct Workspace {
    version: Version,
    provider: Value,
    pub(crate) state: Option<Stored>,
    /// What each process since the last [`calls`](Self::calls) was asked, as it says itself.
    calls: Vec<Vec<String>>,
    /// Fields in which the provider told something that this version does not know.
    pub(crate) forgotten: BTreeSet<&'static str>,
}

/// The schemas of a command, which core keeps from its first process on.
struct Schemas {
    provider: Schema,
    job: Schema,
    identity: Vec<Attribute>,
    /// Of a `list` block, where the version knows those.
    list: Option<Schema>,
    /// Whether the provider writes configuration.
    generates: bool,
}

impl Workspace {
    pub(crate) fn new(version: Version, provider: Value) -> Self {
        Self {
            version,
            provider,
            state: None,
            calls: Vec::new(),
            forgotten: BTreeSet::new(),
        }
    }

    /// The same directory with another provider configuration.
    pub(crate) fn reconfigure(&mut self, provider: Value) {
        self.provider = provider;
    }

    /// What was asked since this was last asked, process by process.
    pub(crate) fn calls(&mut self) -> Vec<String> {
        std::mem::take(&mut self.calls)
            .into_iter()
            .map(|process| process.join(" "))
            .collect()
    }

    /// `terraform validate`.
    pub(crate) async fn validate(&mut self, config: &Value) -> Result<Told, Told> {
        let schemas = self.schemas().await;
        self.validate_walk(&schemas, config).await
    }

    /// `terraform plan`.
    pub(crate) async fn plan(&mut self, config: &Value) -> Result<Change, Told> {
        let schemas = self.schemas().await;
        self.validate_walk(&schemas, config).await?;
        self.plan_walk(&schemas, config).await
    }

    /// `terraform plan`, with an `import` block that has an id (text) or an identity (an object).
    pub(crate) async fn plan_import(
        &mut self,
        wanted: impl Into<Value>,
        config: &Value,
    ) -> Result<Change, Told> {
        let schemas = self.schemas().await;
        self.validate_walk(&schemas, config).await?;
        let mut terraform = self.configured(&schemas).await?;
        let mut walk = schemas.walk(&mut terraform);
        let change = match walk.import(&wanted.into()).await {
            Ok(imported) => walk.plan(Some(imported), config, None).await,
            Err(told) => Err(told),
        };
        self.end(terraform).await;
        change
    }

    /// `terraform query`, with one `list` block.
    pub(crate) async fn query(&mut self, query: &Query) -> Result<Findings, Told> {
        let schemas = self.schemas().await;
        let list = schemas.list.as_ref().expect("jobs can be listed");
        assert!(
            !schemas.identity.is_empty(),
            "core lists only what has an identity"
        );
        let mut terraform = self.process().await;
        let mut told = terraform
            .validate_provider(&schemas.provider, &self.provider)
            .await;
        told.extend(query.validate(&mut terraform, list).await);
        self.end(terraform).await;
        if !errors(&told).is_empty() {
            return Err(told);
        }
        let mut terraform = self.configured(&schemas).await?;
        let told = query.validate(&mut terraform, list).await;
        assert!(errors(&told).is_empty(), "{told:?}");
        let found = query.run(&mut terraform, list, &schemas.job).await;
        self.end(terraform).await;
        found
    }

    /// The configuration that is written for an object that a query has found, or an import.
    pub(crate) async fn written_for(&mut self, state: &Value) -> Result<Value, Told> {
        let schemas = self.schemas().await;
        assert!(schemas.generates);
        let mut terraform = self.configured(&schemas).await?;
        let written = schemas.walk(&mut terraform).written_for(state).await;
        self.end(terraform).await;
        written
    }

    /// `terraform plan -destroy`.
    pub(crate) async fn plan_destroy(&mut self, config: &Value) -> Result<Change, Told> {
        let schemas = self.schemas().await;
        self.validate_walk(&schemas, config).await?;
        // First as any plan, to find out what is still there.
        let found = self.plan_walk(&schemas, config).await?.refreshed;
        let found = found.expect("there is something to destroy");
        let mut terraform = self.configured(&schemas).await?;
        let mut walk = schemas.walk(&mut terraform);
        let found = walk.upgrade(found).await;
        let change = walk.plan_destroy(found).await;
        self.end(terraform).await;
        change
    }

    /// `terraform apply` of a plan. `config` is what the configuration has become with all that is known by then.
    pub(crate) async fn apply(&mut self, change: Change, config: &Value) -> Told {
        let schemas = self.schemas().await;
        let mut terraform = match self.configured(&schemas).await {
            Ok(terraform) => terraform,
            Err(told) => return told,
        };
        let mut walk = schemas.walk(&mut terraform);
        let mut state = change.refreshed.clone();
        let mut told = Vec::new();
        if let Some(stored) = state {
            let stored = walk.upgrade(stored).await;
            state = Some(stored.clone());
            if matches!(change.action, Action::Delete | Action::Replace) {
                (state, told) = walk.delete(stored, &change).await;
            }
        }
        let goes_on = !matches!(change.action, Action::Delete | Action::NoOp);
        if goes_on && errors(&told).is_empty() {
            let more;
            (state, more) = walk.apply(state, &change, config).await;
            told.extend(more);
        }
        self.state = state;
        self.end(terraform).await;
        told
    }

    async fn validate_walk(&mut self, schemas: &Schemas, config: &Value) -> Result<Told, Told> {
        let mut terraform = self.process().await;
        let mut told = terraform
            .validate_provider(&schemas.provider, &self.provider)
            .await;
        if errors(&told).is_empty() {
            let of_job = schemas.walk(&mut terraform).validate(config).await;
            told.extend(of_job.unwrap_or_else(|told| told));
        }
        self.end(terraform).await;
        if errors(&told).is_empty() {
            Ok(told)
        } else {
            Err(told)
        }
    }

    async fn plan_walk(&mut self, schemas: &Schemas, config: &Value) -> Result<Change, Told> {
        let mut terraform = self.configured(schemas).await?;
        let mut walk = schemas.walk(&mut terraform);
        let found = match self.state.clone() {
            Some(stored) => {
                let stored = walk.upgrade(stored).await;
                walk.refresh(stored).await
            }
            None => Ok(None),
        };
        let change = match found {
            Ok(found) => walk.plan(found, config, None).await,
            Err(told) => Err(told),
        };
        self.end(terraform).await;
        change
    }

    /// The first process of every command, which is asked for its schema and nothing else.
    async fn schemas(&mut self) -> Schemas {
        let mut terraform = Terraform::launch(self.version, &logged()).await;
        let mut schemas = terraform.schemas().await;
        let identity = terraform.identity.clone();
        self.end(terraform).await;
        Schemas {
            provider: schemas.provider.unwrap(),
            job: schemas.resource_schemas.remove(JOB).unwrap(),
            identity,
            list: schemas.list_resource_schemas.remove(JOB),
            generates: schemas.server_capabilities.unwrap().generate_resource_config,
        }
    }

    async fn process(&mut self) -> Terraform {
        let mut terraform = Terraform::launch(self.version, &logged()).await;
        if self.version.always_asks_for_schemas() {
            terraform.schemas().await;
        }
        terraform
    }

    /// A process for a walk that needs the provider configured. The configuration is sent as it is: core looks at what
    /// a validation makes of it, and does not use it.
    async fn configured(&mut self, schemas: &Schemas) -> Result<Terraform, Told> {
        let mut terraform = self.process().await;
        terraform.identity.clone_from(&schemas.identity);
        let mut told = terraform
            .validate_provider(&schemas.provider, &self.provider)
            .await;
        if errors(&told).is_empty() {
            told.extend(terraform.configure(&schemas.provider, &self.provider).await);
        }
        if errors(&told).is_empty() {
            return Ok(terraform);
        }
        self.end(terraform).await;
        Err(told)
    }

    async fn end(&mut self, mut terraform: Terraform) {
        self.forgotten.append(&mut terraform.forgotten);
        let log = terraform.end().await;
        self.calls.push(asked(&log));
    }
}

impl Schemas {
    fn walk<'a>(&'a self, terraform: &'a mut Terraform) -> Walk<'a> {
        Walk {
            terraform,
            schema: &self.job,
        }
    }
}

fn logged() -> Launch {
    Launch::by_terraform().with("TF_LOG_PROVIDER", "TRACE")
}

/// The methods that a provider says it was asked, in that order.
fn asked(log: &str) -> Vec<String> {
    log.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["@message"] == "received request")
        .filter_map(|line| line["tf_rpc"].as_str().map(str::to_owned))
        .collect()
}
