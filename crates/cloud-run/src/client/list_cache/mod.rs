//! Serves reads from a list: when many jobs of a region are read, the region is listed once, beside those reads.
//!
//! The first reads of a region go by name, and so does every read before the list arrives or if it fails: no read waits for a
//! list. Later reads find their job in it.
//!
//! A list is a snapshot: it belongs to one client, it expires, each of its jobs serves one read, and the client's first write
//! discards it. A caller must use a listed job only if its etag is the expected one.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

use crate::job_name::JobName;
use crate::model::Job;

/// The lists of a client by parent (`projects/P/locations/L`); `None` after its first write.
pub(super) struct ListCache(Mutex<Option<HashMap<String, Region>>>);

#[derive(Default)]
struct Region {
    reads: usize,
    /// When the list was requested.
    requested: Option<Instant>,
    /// The jobs that were listed and not read yet, by ID, undecoded: most of a long list may never be read.
    jobs: HashMap<String, Box<RawValue>>,
}

/// The result of a read in the lists.
pub(super) enum CachedRead {
    Job(Box<Job>),
    Miss,
    /// The same, and the caller must list the jobs of this parent.
    ListNow(String),
}

impl ListCache {
    /// Reads a job. Each job of a list serves one read.
    pub(super) fn read(&self, name: &JobName) -> CachedRead {
        let parent = name.parent();
        let mut lists = self.lock();
        let Some(lists) = lists.as_mut() else {
            return CachedRead::Miss;
        };
        let region = lists.entry(parent.clone()).or_default();
        region.reads += 1;
        if let Some(requested) = region.requested {
            let is_current = requested.elapsed() < LIFETIME;
            let job = region.jobs.remove(&name.job).filter(|_| is_current);
            let job = job.and_then(|job| serde_json::from_str(job.get()).ok());
            return job.map_or(CachedRead::Miss, CachedRead::Job);
        }
        if region.reads > READS_BY_NAME {
            region.requested = Some(Instant::now());
            return CachedRead::ListNow(parent);
        }
        CachedRead::Miss
    }

    /// Adds a page. The API may name the project of a job by its number, so only the last segment of a name counts.
    pub(super) fn add(&self, parent: &str, jobs: Vec<Box<RawValue>>) {
        if let Some(region) = self.lock().as_mut().and_then(|lists| lists.get_mut(parent)) {
            region.jobs.extend(jobs.into_iter().filter_map(|job| {
                let Named { name } = serde_json::from_str(job.get()).ok()?;
                Some((name.rsplit('/').next()?.to_owned(), job))
            }));
        }
    }

    /// Discards all lists for good.
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

/// Reads of a region before it is listed: as many as Terraform sends concurrently by default. Fewer jobs gain nothing from a
/// list.
const READS_BY_NAME: usize = 10;
/// How long after its request a list may serve reads.
pub(super) const LIFETIME: Duration = Duration::from_secs(30);
/// The most jobs that a region has by default, so that its list is mostly one page:
/// <https://cloud.google.com/run/quotas#cloud_run_limits>.
pub(super) const PAGE_SIZE: u32 = 1000;

#[cfg(test)]
mod tests;
