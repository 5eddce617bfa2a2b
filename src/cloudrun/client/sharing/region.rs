//! Where the reads of a region meet: who is on the way, who waits, and whether a list would pay.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use crate::cloudrun::model::Job;
use crate::cloudrun::{JobName, Patience};

/// Where the reads of each region meet.
#[derive(Default)]
pub(in crate::cloudrun::client) struct Regions(Mutex<BTreeMap<String, Arc<Region>>>);

impl Regions {
    pub(super) fn of(&self, name: &JobName) -> Arc<Region> {
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

/// A region, and those who read in it.
pub(super) struct Region {
    /// `projects/P/locations/L`
    pub(super) parent: String,
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
    /// How often reads waited for a list that did not come, since the last one.
    in_vain: u32,
}

/// A read that waits for a list.
pub(super) struct Waiting {
    pub(super) job: String,
    pub(super) patience: Patience,
    pub(super) answer: Answer,
}

/// Where the job goes. Dropped without one, it sends its read to ask by name.
pub(super) type Answer = oneshot::Sender<Job>;

/// What a read does when it comes.
pub(super) enum Turn {
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
        reads.saturating_mul(1 << self.in_vain.min(10))
    }
}

impl Region {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        // What stands on a desk is always whole.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A read has come.
    pub(super) fn open(self: &Arc<Region>) -> Open {
        let mut desk = self.desk();
        desk.open += 1;
        desk.most_open = desk.most_open.max(desk.open);
        Open(self.clone())
    }

    /// What it does.
    pub(super) fn arrive(self: &Arc<Region>, name: &JobName, patience: &Patience) -> Turn {
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

    /// It reads after all.
    pub(super) fn read(self: &Arc<Region>) -> Reading {
        Reading::begin(self, &mut self.desk())
    }

    /// Whether nobody reads in it.
    #[cfg(test)]
    pub(super) fn is_quiet(&self) -> bool {
        let desk = self.desk();
        (desk.open, desk.reading) == (0, 0)
    }

    /// Whether a list for those who wait would not pay.
    pub(super) fn are_too_few(&self, waiting: &[Waiting]) -> bool {
        waiting.len() < self.desk().lists_pay_from()
    }

    pub(super) fn was_in_vain(&self) {
        self.desk().in_vain += 1;
    }

    pub(super) fn has_listed(&self, took: Duration) {
        let mut desk = self.desk();
        desk.list_time = Some(took);
        (desk.failures, desk.in_vain) = (0, 0);
    }

    pub(super) fn has_failed(&self) {
        self.desk().failures += 1;
    }

    /// Those who wait, once all who can be expected do, or no more come. Nobody: no more have come for a while.
    pub(super) async fn gathered(&self) -> Vec<Waiting> {
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
                    GAP
                }
            };
            if timeout(gap, self.arrival.notified()).await.is_err() {
                return std::mem::take(&mut self.desk().waiting);
            }
        }
    }
}

/// A read without an answer.
pub(super) struct Open(Arc<Region>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.desk().open -= 1;
    }
}

/// A read that is on its way by name.
pub(super) struct Reading {
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

    /// It has brought the job, so its time tells something.
    pub(super) fn done(self) {
        self.region.desk().read_time = Some(self.start.elapsed());
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.region.desk().reading -= 1;
    }
}

/// Whoever sees to those who wait; when it goes, for whatever reason, nobody is left waiting.
pub(super) struct Gatherer(pub(super) Arc<Region>);

impl Drop for Gatherer {
    fn drop(&mut self) {
        let mut desk = self.0.desk();
        desk.is_attended = false;
        desk.waiting.clear();
    }
}

/// Reads under way before lists are thought of, while it is not known what each takes.
pub(super) const FEWEST: usize = 4;
/// Reads that a list must save in any case when it takes longer than one of them.
const MANY: u128 = 16;
/// Lists that fail one after another before there are no more of them.
pub(super) const MOST_FAILURES: u32 = 3;
/// How long the next read is waited for. Terraform takes some milliseconds for each job that it is told of, before it asks for
/// another.
const GAP: Duration = Duration::from_millis(50);
/// Terraform itself pauses now and then, to tidy up its memory say.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Nobody waits for the others for longer than this, as long as they keep coming: a hundred reads take Terraform half a
/// second to ask for.
const LONGEST_GATHERING: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(list: u64, read: u64) -> Desk {
        Desk {
            list_time: Some(Duration::from_millis(list)),
            read_time: Some(Duration::from_millis(read)),
            ..Desk::default()
        }
    }

    #[test]
    fn a_list_pays_when_it_saves_enough() {
        for (list, read, from) in [
            (80, 50, 16),
            (240, 200, FEWEST),
            (70, 50, FEWEST),
            (50, 0, 25),
            (400, 50, 50),
            (5, 50, FEWEST),
        ] {
            assert_eq!(desk(list, read).lists_pay_from(), from, "{list} {read}");
        }
    }

    #[test]
    fn what_was_in_vain_is_not_tried_again_so_soon() {
        let in_vain = |in_vain| Desk {
            in_vain,
            ..desk(5, 50)
        };
        assert_eq!(in_vain(1).lists_pay_from(), 2 * FEWEST);
        assert_eq!(in_vain(2).lists_pay_from(), 4 * FEWEST);
        assert!(in_vain(u32::MAX).lists_pay_from() > 1000);
        let failing = Desk {
            failures: MOST_FAILURES,
            ..desk(5, 50)
        };
        assert_eq!(failing.lists_pay_from(), usize::MAX);
    }
}
