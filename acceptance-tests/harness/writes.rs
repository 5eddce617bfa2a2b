//! What an emulator's quota of writes took and refused, and how long somebody needs who knows its windows.

use super::Request;

/// The writes of a command, by the emulator's request log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writes {
    /// When each that was taken came, in seconds of the day, in order.
    pub(crate) taken: Vec<f64>,
    /// The jobs that they were about, in the same order.
    pub(crate) jobs: Vec<String>,
    /// How many were refused for the quota.
    pub(crate) refused: usize,
    /// How many met something else.
    pub(crate) failed: usize,
}

/// So many writes in each window of so many seconds; a day has a whole number of windows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    pub(crate) writes: usize,
    pub(crate) window: u32,
}

impl Writes {
    /// Those in some lines of the log.
    pub(crate) fn of(requests: &[Request]) -> Self {
        let mut writes = Self::default();
        let mut taken = Vec::new();
        for request in requests.iter().filter(|request| request.is_write()) {
            match request.0["status"].as_u64() {
                Some(200) => taken.push((second_of_day(&request.0["at"].to_string()), job(request))),
                Some(429) => writes.refused += 1,
                _ => writes.failed += 1,
            }
        }
        taken.sort_by(|one, other| one.0.total_cmp(&other.0));
        (writes.taken, writes.jobs) = taken.into_iter().unzip();
        writes
    }

    /// From the first to the last, in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        match (self.taken.first(), self.taken.last()) {
            (Some(first), Some(last)) => last - first,
            _ => 0.0,
        }
    }
}

impl Quota {
    /// As the emulator takes it.
    pub(crate) fn flag(self) -> String {
        format!("{}/{}s", self.writes, self.window)
    }

    /// From the first write to the moment from which on the quota allows the last, in seconds. The first window counts for
    /// what was sent in it: it may have been nearly over, and before the first refusal nothing waits for the quota.
    pub(crate) fn ideal(self, writes: &Writes) -> f64 {
        let window = f64::from(self.window);
        let number = |moment: f64| (moment / window).floor();
        let Some(first) = writes.taken.first().copied() else {
            return 0.0;
        };
        let later = writes
            .taken
            .iter()
            .filter(|taken| number(**taken) != number(first))
            .count();
        match u32::try_from(later.div_ceil(self.writes)) {
            Ok(0) | Err(_) => 0.0,
            Ok(windows) => (number(first) + f64::from(windows)) * window - first,
        }
    }
}

/// The job that a write is about.
fn job(request: &Request) -> String {
    let named = request.0["query"]["jobId"].as_str();
    let last = request.path().rsplit('/').next();
    named.or(last).unwrap_or_default().to_owned()
}

/// Of a time such as `2026-11-23T01:02:03.000004Z`, as the emulator's log and Terraform tell it.
pub(crate) fn second_of_day(moment: &str) -> f64 {
    let time = moment.trim_matches('"').split('T').nth(1).unwrap_or_default();
    let parts = time.trim_end_matches('Z').split(':');
    parts.fold(0.0, |sum, part| {
        sum * 60.0 + part.parse::<f64>().expect("a time of the day")
    })
}
