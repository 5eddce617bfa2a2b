//! The jobs that a query finds, told one by one in the order of its regions, and in Google's order within each.
//!
//! All regions are asked for their first page at the same time, and most have no other. Further pages are asked for when
//! they are to be told, so that a query that ends early has not read everything.

use futures_util::future::join_all;
use std::collections::HashSet;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::errors::unlisted;
use super::reading;
use crate::gpu;
use crate::job::convert;
use crate::job::identity;
use crate::job::list_resource::{Asked, none_with_gpu};
use crate::provider::Defaults;
use cloud_run::{Client, Error, JobName, Page, Paginator, model as api};
use terraform_plugin::diagnostic::Severity;
use terraform_plugin::list_resource::{ListEvent, ListOptions};

/// Finds jobs until there are no more, or as many as are wanted, or nobody listens any longer.
///
/// A region that cannot be asked is a warning as long as another one can: Terraform reads no further than the first error.
pub async fn list(
    client: &Client,
    asked: &Asked,
    wanted: ListOptions,
    defaults: &Defaults,
    stop: &CancellationToken,
    out: Sender<ListEvent>,
) {
    let mut teller = Teller {
        client,
        stop,
        asked,
        wanted,
        defaults,
        out,
        listed: 0,
        passed_over: 0,
        severity: Severity::Error,
    };
    let regions = asked.locations.iter();
    let first: Vec<_> = regions
        .map(|location| page(client, asked, location, "", stop))
        .collect();
    let first = join_all(first).await;
    if first.iter().any(Result::is_ok) {
        teller.severity = Severity::Warning;
    }
    // What is still to be told when nobody listens any longer is not.
    let _ = teller.tell(first).await;
}

/// Asks for a page of a region.
async fn page(
    client: &Client,
    asked: &Asked,
    location: &str,
    token: &str,
    stop: &CancellationToken,
) -> Result<Page, Error> {
    let patience = reading(stop);
    client.list_jobs(&asked.project, location, token, &patience).await
}

/// Tells what was found.
struct Teller<'a> {
    client: &'a Client,
    stop: &'a CancellationToken,
    asked: &'a Asked,
    wanted: ListOptions,
    defaults: &'a Defaults,
    out: Sender<ListEvent>,
    listed: usize,
    /// Jobs that are not this resource's.
    passed_over: usize,
    /// Of a region that could not be asked: a warning when any has answered.
    severity: Severity,
}

/// Nobody listens any longer, or nothing more is to be told.
struct Enough;

impl Teller<'_> {
    /// Tells the regions with these first pages, and asks for the others.
    async fn tell(&mut self, first: Vec<Result<Page, Error>>) -> Result<(), Enough> {
        for (location, mut answer) in self.asked.locations.iter().zip(first) {
            let mut pages = Paginator::default();
            let mut seen = HashSet::new();
            let mut some = false;
            let failed = loop {
                let told = match answer {
                    Ok(page) => page,
                    Err(error) => break Some(error),
                };
                some = true;
                self.page(location, &told, &mut seen).await?;
                match pages.advance(told.jobs.len(), told.next()) {
                    Ok(true) => {
                        answer = page(self.client, self.asked, location, pages.token(), self.stop).await;
                    }
                    Ok(false) => break None,
                    Err(endless) => break Some(endless),
                }
            };
            let Some(error) = failed else { continue };
            let mut told = unlisted(&self.asked.project, location, &error, some);
            if !error.is_cancelled() {
                told.severity = self.severity;
            }
            self.send(ListEvent::Diagnostics(vec![told])).await?;
            if error.is_cancelled() {
                return Err(Enough);
            }
        }
        info!(
            listed = self.listed,
            passed_over = self.passed_over,
            "listed the jobs"
        );
        if self.listed == 0 && self.passed_over > 0 {
            let nothing = none_with_gpu(&self.asked.project, self.passed_over);
            self.send(ListEvent::Diagnostics(vec![nothing])).await?;
        }
        Ok(())
    }

    /// Tells the jobs of a page. One that was on an earlier page has moved because another was made meanwhile.
    async fn page(&mut self, location: &str, page: &Page, seen: &mut HashSet<String>) -> Result<(), Enough> {
        for remote in page.jobs.iter().filter(|remote| remote.delete_time.is_none()) {
            if !is_of_this_kind(remote) {
                self.passed_over += 1;
                continue;
            }
            let mut labels = self.asked.labels.iter();
            if !labels.all(|(key, value)| remote.labels.get(key) == Some(value)) {
                continue;
            }
            let named = remote.name.as_deref().map(|name| JobName::parse(name, None));
            let Some(Ok(named)) = named else { continue };
            // Google may tell the project by its number: what was asked for stays.
            let name = JobName::new(&self.asked.project, location, &named.job);
            if !seen.insert(name.job.clone()) {
                continue;
            }
            let state = convert::imported(remote, &name, self.defaults);
            let Some(identity) = identity::of(&state) else {
                continue;
            };
            self.send(ListEvent::Object {
                identity,
                display_name: name.job,
                resource: self.wanted.include_resource.then_some(state),
            })
            .await?;
            self.listed += 1;
            if self.wanted.limit == Some(self.listed) {
                return Err(Enough);
            }
        }
        Ok(())
    }

    async fn send(&self, event: ListEvent) -> Result<(), Enough> {
        self.out.send(event).await.map_err(|_| Enough)
    }
}

/// Whether a job is one that this resource could have made: with a GPU that it offers. Any other would get one by the next
/// apply.
fn is_of_this_kind(remote: &api::Job) -> bool {
    let selector = remote.template.template.node_selector.as_ref();
    selector.is_some_and(|selector| gpu::find(&selector.accelerator).is_some())
}
