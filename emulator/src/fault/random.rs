//! Faults by chance: which request meets which, decided by a seed and by no clock.

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{ByChance, CATALOGUE, Circumstances, Fault};
use crate::types::Method;

/// A part of all requests: written `5%` or `0.5%`, from `0%` to `100%`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    percent: f64,
}

/// Strikes so many of all requests.
///
/// The requests of one method for one job are counted. Rate, seed and count alone decide, so that the third read of
/// a job meets the same under the same seed, in whatever order a client takes its jobs.
#[derive(Default)]
pub(super) struct Chance {
    rate: Rate,
    seed: u64,
    counts: HashMap<String, u64>,
}

impl Chance {
    pub(super) fn new(rate: Rate, seed: u64) -> Self {
        Self {
            rate,
            seed,
            counts: HashMap::new(),
        }
    }

    /// The fault that this request meets: one of those that concern it and happen by chance.
    pub(super) fn draw(&mut self, circumstances: &Circumstances<'_>) -> Option<&'static Fault> {
        if self.rate.percent == 0.0 {
            return None;
        }
        let candidates: Vec<&Fault> = CATALOGUE
            .iter()
            .filter(|fault| matches!(fault.by_chance, ByChance::Yes(_)))
            .filter(|fault| fault.concerns.holds(circumstances) || fault.concerns.will_hold(circumstances))
            .collect();
        let (whether, which) = self.throw(circumstances);
        let struck = fraction(whether) * 100.0 < self.rate.percent;
        let which = usize::try_from(which % candidates.len().max(1) as u64).unwrap_or_default();
        candidates.get(which).copied().filter(|_| struck)
    }

    /// Two numbers that look like chance.
    fn throw(&mut self, circumstances: &Circumstances<'_>) -> (u64, u64) {
        let call = circumstances.call;
        let job = circumstances.job.unwrap_or_default();
        let about = format!("{} {} {job}", Method::of(call).rpc, call.parent());
        let count = self.counts.entry(about.clone()).or_default();
        *count += 1;
        let digest = Sha256::digest(format!("{} {about} {count}", self.seed));
        let (first, second) = (&digest[..8], &digest[8..16]);
        let number = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |number, byte| number << 8 | u64::from(*byte))
        };
        (number(first), number(second))
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "rate": self.rate.to_string(), "seed": self.seed })
    }
}

impl std::str::FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let percent = text
            .strip_suffix('%')
            .and_then(|number| number.parse().ok())
            .filter(|percent| (0.0..=100.0).contains(percent));
        percent
            .map(|percent| Self { percent })
            .ok_or_else(|| "a rate is written from 0% to 100%".to_owned())
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}%", self.percent)
    }
}

/// From 0 up to, but not with, 1.
#[expect(clippy::cast_precision_loss, reason = "53 bits are what a fraction has")]
fn fraction(number: u64) -> f64 {
    (number >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::route::Call;

    /// What the first so many reads of a job meet.
    fn reads(chance: &mut Chance, job: &str, times: usize) -> Vec<Option<&'static str>> {
        let call = Call::parse("GET", &format!("/v2/projects/p/locations/us-central1/jobs/{job}")).unwrap();
        let circumstances = Circumstances {
            call: &call,
            method: "GET",
            job: Some(job),
            validate_only: false,
        };
        let mut read = || chance.draw(&circumstances).map(|fault| fault.name);
        (0..times).map(|_| read()).collect()
    }

    fn chance(rate: &str, seed: u64) -> Chance {
        Chance::new(rate.parse().unwrap(), seed)
    }

    #[test]
    fn a_rate_is_a_percentage() {
        for (text, told) in [("5%", "5%"), ("0.5%", "0.5%"), ("0%", "0%"), ("100%", "100%")] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), told);
        }
        for wrong in ["5", "0.05", "-1%", "101%", "NaN%", "%", ""] {
            wrong.parse::<Rate>().unwrap_err();
        }
    }

    #[test]
    fn so_many_requests_are_struck_as_the_rate_says() {
        for (rate, least, most) in [("0%", 0, 0), ("5%", 400, 600), ("100%", 10_000, 10_000)] {
            let met = reads(&mut chance(rate, 1), "a", 10_000);
            let struck = met.iter().flatten().count();
            assert!((least..=most).contains(&struck), "{rate}: {struck} of 10000");
        }
    }

    #[test]
    fn every_fault_that_concerns_a_read_has_its_turn() {
        let mut met: Vec<&str> = reads(&mut chance("100%", 1), "a", 1000)
            .into_iter()
            .flatten()
            .collect();
        met.sort_unstable();
        met.dedup();
        assert_eq!(
            met,
            [
                "connection-cut",
                "html-200",
                "html-502",
                "rate-limited",
                "slow-answer",
                "truncated-body",
                "unavailable"
            ]
        );
    }

    #[test]
    fn a_seed_decides_whatever_the_order_of_the_jobs() {
        let mut one = chance("30%", 7);
        let (a, b) = (reads(&mut one, "a", 50), reads(&mut one, "b", 50));
        let mut other = chance("30%", 7);
        let mut swapped = (Vec::new(), Vec::new());
        for _ in 0..50 {
            swapped.1.extend(reads(&mut other, "b", 1));
            swapped.0.extend(reads(&mut other, "a", 1));
        }
        assert_eq!((&a, &b), (&swapped.0, &swapped.1));
        assert_ne!(a, b);
        assert_ne!(a, reads(&mut chance("30%", 8), "a", 50));
    }
}
