//! The gRPC service of a provider.
//!
//! A method of the plugin protocol (`rpc`) decodes the request (`decode`), calls the implementation with the type name of the request, and encodes the
//! response (`encode`). `respond` wraps each call: it opens a span for the log, and turns a panic into a diagnostic.

mod action;
mod data_source;
mod decode;
mod encode;
mod identity;
mod list_resource;
mod provider;
mod read_only;
mod resource;
mod respond;
mod rpc;

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::{Response, Status};

use crate::action::Action;
use crate::context::Context;
use crate::data_source::DataSource;
use crate::diagnostic::{Diagnostic, quoted};
use crate::go_plugin::StopSignal;
use crate::list_resource::ListResource;
use crate::provider::Provider;
use crate::redact::Redactor;
use crate::resource::Resource;

type RpcResult<T> = Result<Response<T>, Status>;

/// The gRPC service of a provider. [`serve`](crate::serve) makes one; tests call its methods in process.
pub struct Server<P: Provider>(Arc<Inner<P>>);

struct Inner<P: Provider> {
    provider: P,
    resources: Vec<Box<dyn Resource<P::Data>>>,
    data_sources: Vec<Box<dyn DataSource<P::Data>>>,
    list_resources: Vec<Box<dyn ListResource<P::Data>>>,
    actions: Vec<Box<dyn Action<P::Data>>>,
    data: RwLock<Option<Arc<P::Data>>>,
    stop: StopSignal,
    redactor: Redactor,
    /// Each task of a call has a receiver.
    tasks: watch::Sender<()>,
}

impl<P: Provider> Clone for Server<P> {
    fn clone(&self) -> Self {
        Server(self.0.clone())
    }
}

impl<P: Provider> Server<P> {
    /// A provider that is not configured yet. `stop` cancels its calls; secrets in `redactor` are removed from diagnostics.
    pub fn new(provider: P, stop: StopSignal, redactor: Redactor) -> Server<P> {
        Server(Arc::new(Inner {
            resources: provider.resources(),
            data_sources: provider.data_sources(),
            list_resources: provider.list_resources(),
            actions: provider.actions(),
            provider,
            data: RwLock::new(None),
            stop,
            redactor,
            tasks: watch::Sender::new(()),
        }))
    }

    fn resource(&self, type_name: &str) -> Result<&dyn Resource<P::Data>, Diagnostic> {
        find("resource", type_name, &self.0.resources, |item| item.type_name())
    }

    fn data_source(&self, type_name: &str) -> Result<&dyn DataSource<P::Data>, Diagnostic> {
        find("data source", type_name, &self.0.data_sources, |item| {
            item.type_name()
        })
    }

    fn list_resource(&self, type_name: &str) -> Result<&dyn ListResource<P::Data>, Diagnostic> {
        find("list resource", type_name, &self.0.list_resources, |item| {
            item.type_name()
        })
    }

    fn action(&self, type_name: &str) -> Result<&dyn Action<P::Data>, Diagnostic> {
        find("action", type_name, &self.0.actions, |item| item.type_name())
    }

    /// Runs a call in a task of its own, which a client that hangs up does not cancel.
    fn spawn<T: Send + 'static>(&self, call: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        let running = self.0.tasks.subscribe();
        tokio::spawn(async move {
            let _running = running;
            call.await
        })
    }

    /// Returns when no call runs in a task of its own.
    pub(crate) async fn tasks_finished(&self) {
        self.0.tasks.closed().await;
    }

    /// What [`Provider::configure`] returned.
    fn data(&self) -> Option<Arc<P::Data>> {
        let data = self.0.data.read().unwrap_or_else(PoisonError::into_inner);
        data.clone()
    }

    /// What a call gets from the provider, once it is configured.
    fn context(&self) -> Result<Context<P::Data>, Diagnostic> {
        let data = self.data().ok_or_else(|| {
            Diagnostic::error(
                "Provider not configured",
                "The provider must be configured before this operation, got no valid configuration. Correct the errors in \
                 the provider configuration. If there are none, report this as a bug with the version of Terraform.",
            )
        })?;
        Ok(Context {
            data,
            cancellation: self.0.stop.token(),
        })
    }
}

/// The implementation of a type name.
fn find<'a, T: ?Sized>(
    kind: &str,
    type_name: &str,
    all: &'a [Box<T>],
    name_of: impl Fn(&T) -> &'static str,
) -> Result<&'a T, Diagnostic> {
    let found = all.iter().find(|item| name_of(item) == type_name);
    let found = found.ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|item| name_of(item)).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Diagnostic::error(
            format!("Unknown {kind} type"),
            format!(
                "The {kind} type must be one that this version of the provider supports ({known}), got {}. Use a version \
                 of the provider that supports it.",
                quoted(type_name)
            ),
        )
    })?;
    Ok(found.as_ref())
}

#[cfg(test)]
mod tests;
