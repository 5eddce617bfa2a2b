//! Reads answered from a list: when many jobs of a region are read, the region is listed once, beside those reads.
//!
//! Callers such as Terraform read each job with a request of its own, some at a time. The first reads of a region go by name,
//! and so does every read before the list arrives or when it fails: no read waits for a list. Later reads find their job
//! in it.
//!
//! A list is a snapshot: it belongs to one client; it expires, each of its jobs answers
//! one read, and the client's first write ends it. A caller must use a listed job only if it is the one that it knows.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tracing::warn;

use super::Client;
use crate::model::Job;
use crate::request::Request;
use crate::{Error, JobName, Page, Pages, Patience};

/// The lists of a client by parent (`projects/P/locations/L`); none once it has sent a write.
pub(super) struct ListCache(Mutex<Option<HashMap<String, Region>>>);

#[derive(Default)]
struct Region {
    reads: usize,
    /// When the list was requested.
    requested: Option<Instant>,
    /// The jobs that were listed and not read yet, by id, as they came: most of a long list may be jobs of others.
    jobs: HashMap<String, Box<RawValue>>,
}

impl Client {
    /// The job as the list of its region has it; `None`: read it by name. The first read beyond a few requests the list.
    pub fn listed_job(self: &Arc<Client>, name: &JobName, patience: &Patience) -> Option<Job> {
        let parent = name.parent();
        let mut lists = self.lists.lock();
        let region = lists.as_mut()?.entry(parent.clone()).or_default();
        region.reads += 1;
        if let Some(requested) = region.requested {
            let is_current = requested.elapsed() < LIFETIME;
            let job = region.jobs.remove(&name.job).filter(|_| is_current)?;
            return serde_json::from_str(job.get()).ok();
        }
        if region.reads > READS_BY_NAME {
            region.requested = Some(Instant::now());
            let (client, patience) = (self.clone(), patience.clone());
            tokio::spawn(async move {
                if let Ok(Err(error)) = timeout(LIFETIME, client.list(&parent, &patience)).await {
                    warn!(parent, %error, "cannot list the jobs; reading them by name");
                }
            });
        }
        None
    }

    async fn list(&self, parent: &str, patience: &Patience) -> Result<(), Error> {
        let mut pages = Pages::default();
        loop {
            let request = Request::list(parent, PAGE_SIZE, pages.token());
            let page: Page<Box<RawValue>> = self.call(&request, patience).await?;
            let more = pages.turn(page.jobs.len(), page.next());
            self.lists.add(parent, page.jobs);
            if !more? {
                return Ok(());
            }
        }
    }
}

impl ListCache {
    /// Takes a page. The API may name the project of a job by its number, so only the last segment of a name counts.
    fn add(&self, parent: &str, jobs: Vec<Box<RawValue>>) {
        if let Some(region) = self.lock().as_mut().and_then(|lists| lists.get_mut(parent)) {
            region.jobs.extend(jobs.into_iter().filter_map(|job| {
                let Named { name } = serde_json::from_str(job.get()).ok()?;
                Some((name.rsplit('/').next()?.to_owned(), job))
            }));
        }
    }

    /// Ends all lists for good.
    pub(super) fn close(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashMap<String, Region>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ListCache {
    fn default() -> ListCache {
        ListCache(Mutex::new(Some(HashMap::new())))
    }
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Reads of a region before it is listed: as many as Terraform sends at once by default, say. Fewer jobs gain nothing from a list.
const READS_BY_NAME: usize = 10;
/// How long after its request a list may answer reads.
const LIFETIME: Duration = Duration::from_secs(30);
/// The most jobs that a region has by default, so that its list is mostly one page:
/// <https://cloud.google.com/run/quotas#cloud_run_limits>.
const PAGE_SIZE: u32 = 1000;

#[cfg(test)]
mod tests;
