//! Reads that share lists: many jobs of one region, wanted at the same time, are a few requests.
//!
//! A read that comes alone is a read. Once enough are under way, further ones wait at a desk until no more come, and are
//! answered by one list. Three rules keep that from being seen:
//!
//! - **Fresh.** A page answers only reads that came before it was asked for. Nothing is kept for later ones.
//! - **Whole.** A list may tell less of a job than a read does, and need not show every job. So it is up to the caller
//!   whether a job that was listed will do; any other is read by its name. Only a read tells that a job is gone.
//! - **Harmless.** Where lists fail, or take so much longer than the reads they save that nothing is won, there are none.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;
use tracing::{debug, warn};

use super::Client;
use crate::cloudrun::error::Error;
use crate::cloudrun::model::Job;
use crate::cloudrun::page::Shelf;
use crate::cloudrun::request::Request;
use crate::cloudrun::{JobName, Patience};

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
        let job = self.get_job(name, patience).await;
        reading.done();
        job
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
            if waiting.len() < region.desk().lists_pay_from() {
                // Without a list each of them reads for itself. After one, there may only have been a pause.
                region.desk().too_few += 1;
                if std::mem::take(&mut listed_before) {
                    continue;
                }
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
                    let mut desk = region.desk();
                    desk.list_time = Some(took);
                    (desk.failures, desk.too_few) = (0, 0);
                    listed_before = true;
                }
                Err(error) if error.is_stopped() => {}
                Err(error) => {
                    warn!(region = region.parent, %error, "the jobs cannot be listed; reading them one by one");
                    region.desk().failures += 1;
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
        let mut token = String::new();
        for page in 1..=MOST_PAGES {
            // Sent once: what stands in the way of a list need not stand in the way of reads.
            let request = Request::list(parent, PAGE_SIZE, &token);
            let place = self.place(patience).await?;
            let reply = self.send_in_time(&request, place, patience).await?;
            let shelf = Shelf::read(reply.body()).ok_or_else(|| reply.garbled())?;
            for (id, job) in shelf.jobs() {
                for answer in waiting.remove(&id).into_iter().flatten() {
                    if let Ok(job) = serde_json::from_str(job.get()) {
                        // Whoever has been stopped meanwhile wants none.
                        let _ = answer.send(job);
                    }
                }
            }
            if waiting.is_empty() || shelf.next_page_token.is_empty() || shelf.next_page_token == token {
                return Ok(page);
            }
            token = shelf.next_page_token;
        }
        Ok(MOST_PAGES)
    }
}

/// Where the reads of each region meet.
#[derive(Default)]
pub(super) struct Regions(Mutex<BTreeMap<String, Arc<Region>>>);

impl Regions {
    fn of(&self, name: &JobName) -> Arc<Region> {
        let parent = name.parent();
        let mut regions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(region) = regions.get(&parent) {
            return region.clone();
        }
        let region = Arc::new(Region {
            parent: parent.clone(),
            desk: Mutex::default(),
            arrival: Notify::new(),
        });
        regions.insert(parent, region.clone());
        region
    }
}

struct Region {
    /// `projects/P/locations/L`
    parent: String,
    desk: Mutex<Desk>,
    /// Told of each read that comes to wait.
    arrival: Notify,
}

#[derive(Default)]
struct Desk {
    /// The reads that have no answer yet, and the most that there ever were: so many can be expected.
    open: usize,
    most_open: usize,
    /// Those among them that are on their way by name.
    reading: usize,
    waiting: Vec<Waiting>,
    /// Whether somebody sees to those who wait.
    is_attended: bool,
    /// What the last of each took.
    read_time: Option<Duration>,
    list_time: Option<Duration>,
    /// Lists that failed one after another.
    failures: u32,
    /// How often fewer waited than a list needs, since the last one.
    too_few: u32,
}

/// A read that waits for a list.
struct Waiting {
    job: String,
    patience: Patience,
    answer: Answer,
}

/// Where the job goes. Dropped without one, it sends its read to ask by name.
type Answer = oneshot::Sender<Job>;

/// What a read does when it comes.
enum Turn {
    Read(Reading),
    /// Waits, and may have to see to it that somebody attends.
    Wait(oneshot::Receiver<Job>, Option<Gatherer>),
}

impl Desk {
    /// How many reads a list must save to pay. One that takes hardly longer than a read always does. Otherwise each read is
    /// worth a tenth of its time, and two milliseconds of everybody's work: reads run side by side, so that a list that takes
    /// as long as all of them after each other would be far too slow.
    /// Where it was thought in vain that so many would come, twice as many must.
    fn lists_pay_from(&self) -> usize {
        if self.failures >= MOST_FAILURES {
            return usize::MAX;
        }
        let paying = match (self.list_time, self.read_time) {
            (Some(list), Some(read)) if list > read * 3 / 2 => {
                let worth = read / 10 + Duration::from_millis(2);
                (list - read).as_nanos().div_ceil(worth.as_nanos()).max(MANY)
            }
            _ => 0,
        };
        let reads = usize::try_from(paying).unwrap_or(usize::MAX).max(FEWEST);
        reads.saturating_mul(1 << self.too_few.min(10))
    }

    /// How long the next read is waited for: a part of what another list would take.
    fn gap(&self) -> Duration {
        let list = self.list_time.unwrap_or_default();
        (list / 4).clamp(SHORTEST_GAP, LONGEST_GAP)
    }
}

impl Region {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        // What stands on a desk is always whole.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(self: &Arc<Region>) -> Open {
        let mut desk = self.desk();
        desk.open += 1;
        desk.most_open = desk.most_open.max(desk.open);
        Open(self.clone())
    }

    fn arrive(self: &Arc<Region>, name: &JobName, patience: &Patience) -> Turn {
        let mut desk = self.desk();
        if !desk.is_attended && desk.reading < desk.lists_pay_from() {
            return Turn::Read(Reading::begin(self, &mut desk));
        }
        let (answer, receiver) = oneshot::channel();
        desk.waiting.push(Waiting {
            job: name.job.clone(),
            patience: patience.clone(),
            answer,
        });
        self.arrival.notify_one();
        let unattended = !std::mem::replace(&mut desk.is_attended, true);
        Turn::Wait(receiver, unattended.then(|| Gatherer(self.clone())))
    }

    fn read(self: &Arc<Region>) -> Reading {
        Reading::begin(self, &mut self.desk())
    }

    /// Those who wait, once all who can be expected do, or no more come. Nobody: no more have come for a while.
    async fn gathered(&self) -> Vec<Waiting> {
        let mut start = Instant::now();
        loop {
            let gap = {
                let mut desk = self.desk();
                let all = desk.waiting.len() == desk.open && desk.open == desk.most_open;
                if all || start.elapsed() > LONGEST_GATHERING {
                    return std::mem::take(&mut desk.waiting);
                }
                if desk.waiting.is_empty() {
                    // Nobody is kept waiting yet.
                    start = Instant::now();
                    LONGEST_PAUSE
                } else {
                    desk.gap()
                }
            };
            if timeout(gap, self.arrival.notified()).await.is_err() {
                return std::mem::take(&mut self.desk().waiting);
            }
        }
    }
}

/// A read without an answer.
struct Open(Arc<Region>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.desk().open -= 1;
    }
}

/// A read that is on its way by name.
struct Reading {
    region: Arc<Region>,
    start: Instant,
}

impl Reading {
    fn begin(region: &Arc<Region>, desk: &mut Desk) -> Reading {
        desk.reading += 1;
        Reading {
            region: region.clone(),
            start: Instant::now(),
        }
    }

    /// It has come to its end, so its time tells something.
    fn done(self) {
        self.region.desk().read_time = Some(self.start.elapsed());
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.region.desk().reading -= 1;
    }
}

/// Whoever sees to those who wait; when it goes, for whatever reason, nobody is left waiting.
struct Gatherer(Arc<Region>);

impl Drop for Gatherer {
    fn drop(&mut self) {
        let mut desk = self.0.desk();
        desk.is_attended = false;
        desk.waiting.clear();
    }
}

/// Reads under way before lists are thought of, while it is not known what each takes.
const FEWEST: usize = 4;
/// Reads that a list must save in any case when it takes longer than one of them.
const MANY: u128 = 16;
/// Of jobs on a page: as many as a region may have, so that its list is mostly one request.
/// <https://cloud.google.com/run/quotas#cloud_run_limits>
const PAGE_SIZE: u32 = 1000;
/// A service whose list has no end must not keep anybody.
const MOST_PAGES: u32 = 100;
/// Lists that fail one after another before there are no more of them.
const MOST_FAILURES: u32 = 3;
/// Terraform sends the reads of a walk within a millisecond or two of each other.
const SHORTEST_GAP: Duration = Duration::from_millis(10);
const LONGEST_GAP: Duration = Duration::from_millis(50);
/// Terraform itself pauses now and then, to tidy up its memory say.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Nobody waits for the others for longer than this.
const LONGEST_GATHERING: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests;
