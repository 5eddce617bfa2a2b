//! Lists the jobs of a query, region by region in the order of the query, and in the order of the API within each.
//!
//! The first pages of all regions are requested at once, since most have no other. Further pages are requested when they are
//! needed, so that a query with a limit does not read everything.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::query::ListQuery;
use crate::gpu;
use crate::hints;
use crate::job::crud::read_context;
use crate::job::flatten::for_import;
use crate::job::identity;
use crate::provider::Defaults;
use crate::validators::choices;
use cloud_run::{Client, Error, JobName, Page, Paginator, model as api};
use terraform_plugin::diagnostic::{Diagnostic, Severity};
use terraform_plugin::list_resource::{ListEvent, ListOptions};

/// One query.
pub(super) struct Lister<'a> {
    pub(super) client: &'a Client,
    pub(super) query: &'a ListQuery,
    pub(super) options: ListOptions,
    pub(super) defaults: &'a Defaults,
    pub(super) cancellation: &'a CancellationToken,
    pub(super) events: Sender<ListEvent>,
}

/// How many jobs were listed, and how many were not because this resource does not manage their kind.
#[derive(Default)]
struct Counts {
    listed: usize,
    skipped: usize,
}

/// The limit is reached, the query was cancelled, or the receiver is closed.
struct Stop;

impl Lister<'_> {
    /// Lists until there are no more jobs, the limit is reached or the receiver is closed.
    ///
    /// A region that cannot be listed is a warning as long as another one can be: Terraform reads nothing after an error.
    pub(super) async fn run(&self) {
        let locations = self.query.locations.iter();
        let first_pages = join_all(locations.map(|location| self.page(location, ""))).await;
        let severity = if first_pages.iter().any(Result::is_ok) {
            Severity::Warning
        } else {
            Severity::Error
        };
        // After `Stop` there is nothing to send.
        let _ = self.send_all(first_pages, severity).await;
    }

    async fn page(&self, location: &str, token: &str) -> Result<Page, Error> {
        let context = read_context(self.cancellation);
        self.client
            .list_jobs(&self.query.project, location, token, &context)
            .await
    }

    async fn send_all(&self, first_pages: Vec<Result<Page, Error>>, severity: Severity) -> Result<(), Stop> {
        let mut counts = Counts::default();
        for (location, mut response) in self.query.locations.iter().zip(first_pages) {
            let mut pages = Paginator::default();
            let mut sent = BTreeSet::new();
            let mut any_page = false;
            let failed = loop {
                let page = match response {
                    Ok(page) => page,
                    Err(error) => break Some(error),
                };
                any_page = true;
                self.send_page(location, &page, &mut sent, &mut counts).await?;
                match pages.advance(page.jobs.len(), page.next()) {
                    Ok(true) => response = self.page(location, pages.token()).await,
                    Ok(false) => break None,
                    Err(endless) => break Some(endless),
                }
            };
            let Some(error) = failed else { continue };
            let mut diagnostic = region_error(&self.query.project, location, &error, any_page);
            if !error.is_cancelled() {
                diagnostic.severity = severity;
            }
            self.send(ListEvent::Diagnostics(vec![diagnostic])).await?;
            if error.is_cancelled() {
                return Err(Stop);
            }
        }
        info!(
            listed = counts.listed,
            skipped = counts.skipped,
            "listed the jobs"
        );
        if counts.listed == 0 && counts.skipped > 0 {
            let warning = no_gpu_job(&self.query.project, counts.skipped);
            self.send(ListEvent::Diagnostics(vec![warning])).await?;
        }
        Ok(())
    }

    /// Sends the jobs of a page. A job may be on two pages when another one was created meanwhile.
    async fn send_page(
        &self,
        location: &str,
        page: &Page,
        sent: &mut BTreeSet<String>,
        counts: &mut Counts,
    ) -> Result<(), Stop> {
        for remote in page.jobs.iter().filter(|remote| remote.delete_time.is_none()) {
            if !has_catalog_gpu(remote) {
                counts.skipped += 1;
                continue;
            }
            let mut labels = self.query.labels.iter();
            if !labels.all(|(key, value)| remote.labels.get(key) == Some(value)) {
                continue;
            }
            let name = remote.name.as_deref().map(|name| JobName::parse(name, None));
            let Some(Ok(name)) = name else { continue };
            // The API may return the number of the project for its ID.
            let name = JobName::new(&self.query.project, location, &name.job);
            if !sent.insert(name.job.clone()) {
                continue;
            }
            let state = for_import(remote, &name, self.defaults);
            let Some(identity) = identity::of(&state) else {
                continue;
            };
            self.send(ListEvent::Object {
                identity,
                display_name: name.job,
                resource: self.options.include_resource.then_some(state),
            })
            .await?;
            counts.listed += 1;
            if self.options.limit == Some(counts.listed) {
                return Err(Stop);
            }
        }
        Ok(())
    }

    async fn send(&self, event: ListEvent) -> Result<(), Stop> {
        self.events.send(event).await.map_err(|_| Stop)
    }
}

/// Whether a job has a GPU of this resource. Any other would get one by the next apply.
fn has_catalog_gpu(remote: &api::Job) -> bool {
    let selector = remote.template.template.node_selector.as_ref();
    selector.is_some_and(|selector| gpu::find(&selector.accelerator).is_some())
}

/// A region whose jobs could not be listed, or not all of them.
fn region_error(project: &str, location: &str, error: &Error, any_page: bool) -> Diagnostic {
    let incomplete = if any_page {
        "\n\nThe list of jobs in this region is incomplete."
    } else {
        ""
    };
    let hint = match hints::after(error) {
        hint if !hint.is_empty() => hint,
        _ if any_page || error.is_cancelled() => "\n\nRun the query again.".to_owned(),
        _ => "\n\nSet locations to list the jobs of other regions.".to_owned(),
    };
    Diagnostic::error(
        "Job listing failed",
        format!(
            "Listing the jobs in projects/{project}/locations/{location} failed: {error}{incomplete}{hint}"
        ),
    )
}

/// A query that finds jobs, but none with a GPU of this resource.
fn no_gpu_job(project: &str, others: usize) -> Diagnostic {
    let names: Vec<&str> = gpu::CATALOG.iter().map(|gpu| gpu.name).collect();
    Diagnostic::warning(
        "No GPU job found",
        format!(
            "The query found {others} jobs in project {project}, none of them with a GPU of type {}. Manage other jobs with \
             google_cloud_run_v2_job.",
            choices(&names)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_cause_and_hint() {
        let lost = Error::ConnectionClosed("reset".to_owned());
        let undecodable = Error::Undecodable("jobs".to_owned());
        let shown = [
            region_error("p", "us-central1", &lost, false),
            region_error("p", "us-central1", &undecodable, true),
            region_error("p", "us-central1", &Error::Cancelled, true),
            region_error("p", "us-central1", &Error::Cancelled, false),
            no_gpu_job("p", 3),
        ];
        insta::assert_snapshot!(shown.map(|diagnostic| diagnostic.to_string()).join("\n"));
    }
}
