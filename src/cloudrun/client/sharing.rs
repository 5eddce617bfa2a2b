//! Reads that share lists: many jobs of one region, wanted at the same time, are a few requests.
//!
//! A read that comes alone is a read. Once enough are under way, further ones wait at a desk until no more come, and are
//! answered by one list. Three rules keep that from being seen:
//!
//! - **Fresh.** A page answers only reads that came before it was asked for. Nothing is kept for later ones.
//! - **Whole.** A list may tell less of a job than a read does, and need not show every job. So it is up to the caller
//!   whether a job that was listed will do; any other is read by its name. Only a read tells that a job is gone.
//! - **Harmless.** Where lists fail, or take so much longer than the reads they save that nothing is won, there are none.

mod region;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::{debug, warn};

use super::Client;
use crate::cloudrun::error::Error;
use crate::cloudrun::model::Job;
use crate::cloudrun::page::{Pages, Shelf};
use crate::cloudrun::request::Request;
use crate::cloudrun::{JobName, Patience};
pub(super) use region::Regions;
use region::{Answer, Gatherer, Turn, Waiting};

impl Client {
    /// Reads a job as [`Client::get_job`] does, but together with others that are wanted at the same time. A job that was
    /// listed is taken when it `will_do`, which is asked once at most; otherwise it is read.
    ///
    /// # Errors
    /// Those of [`Client::get_job`].
    pub async fn refresh_job(
        self: &Arc<Client>,
        name: &JobName,
        will_do: impl FnOnce(&Job) -> bool,
        patience: &Patience,
    ) -> Result<Job, Error> {
        let region = self.regions.of(name);
        let _open = region.open();
        let reading = match region.arrive(name, patience) {
            Turn::Read(reading) => reading,
            Turn::Wait(answer, gatherer) => {
                if let Some(gatherer) = gatherer {
                    tokio::spawn(self.clone().gather(gatherer));
                }
                let answer = async { Ok(answer.await.ok()) };
                let listed = patience.during(answer, Duration::ZERO).await?;
                if let Some(job) = listed.filter(will_do) {
                    return Ok(job);
                }
                region.read()
            }
        };
        let job = self.get_job(name, patience).await?;
        reading.done();
        Ok(job)
    }

    /// Answers reads by lists, for as long as there are some that wait.
    async fn gather(self: Arc<Client>, gatherer: Gatherer) {
        let region = &gatherer.0;
        let mut listed_before = false;
        loop {
            let waiting = region.gathered().await;
            // Who came last has the most time.
            let Some(patience) = waiting.last().map(|one| one.patience.clone()) else {
                return;
            };
            if region.are_too_few(&waiting) {
                // Without a list each of them reads for itself. After one, there may only have been a pause.
                if std::mem::take(&mut listed_before) {
                    continue;
                }
                region.was_in_vain();
                return;
            }
            let (reads, start) = (waiting.len(), Instant::now());
            let listed = self.answer(&region.parent, waiting, &patience).await;
            let took = start.elapsed();
            match listed {
                Ok(pages) => {
                    debug!(
                        region = region.parent,
                        reads,
                        pages,
                        ?took,
                        "listed the jobs of many reads"
                    );
                    region.has_listed(took);
                    listed_before = true;
                }
                Err(error) if error.is_stopped() => {}
                Err(error) => {
                    warn!(region = region.parent, %error, "the jobs cannot be listed; reading them one by one");
                    region.has_failed();
                }
            }
        }
    }

    /// Gives those who wait the jobs of a list, page by page, until all have theirs; how many pages that took. Whoever gets
    /// none is let go, to read by name.
    async fn answer(&self, parent: &str, waiting: Vec<Waiting>, patience: &Patience) -> Result<u32, Error> {
        let mut waiting: HashMap<String, Vec<Answer>> =
            waiting.into_iter().fold(HashMap::new(), |mut all, one| {
                all.entry(one.job).or_default().push(one.answer);
                all
            });
        let mut pages = Pages::default();
        for page in 1..=MOST_PAGES {
            // Sent once: what stands in the way of a list need not stand in the way of reads.
            let request = Request::list(parent, PAGE_SIZE, pages.token());
            let place = self.place(patience).await?;
            let reply = self.send_in_time(&request, place, patience).await?;
            let shelf = Shelf::read(reply.body()).ok_or_else(|| reply.garbled())?;
            let mut count = 0;
            for (id, job) in shelf.jobs() {
                count += 1;
                for answer in waiting.remove(&id).into_iter().flatten() {
                    if let Ok(job) = serde_json::from_str(job.get()) {
                        // Whoever has been stopped meanwhile wants none.
                        let _ = answer.send(job);
                    }
                }
            }
            if waiting.is_empty() || !pages.turn(count, Some(&shelf.next_page_token))? {
                return Ok(page);
            }
        }
        Err(Error::Unreadable(format!(
            "a list of jobs must end, got another page token after {MOST_PAGES} pages"
        )))
    }
}

/// Of jobs on a page: as many as a region may have, so that its list is mostly one request.
/// <https://cloud.google.com/run/quotas#cloud_run_limits>
const PAGE_SIZE: u32 = 1000;
/// Fewer than in a query: a read by name takes no longer.
const MOST_PAGES: u32 = 100;

#[cfg(test)]
mod tests;
