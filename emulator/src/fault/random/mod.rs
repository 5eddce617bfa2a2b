//! Random faults, reproducible by a seed.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{CATALOG, Fault, FaultContext, Random};
use crate::types::MethodDescriptor;

/// The share of requests that get a random fault, such as `5%` or `0.5%`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    percent: f64,
}

/// Selects random faults.
///
/// Requests are counted per method and job, and only rate, seed and count matter: with the same seed, the third read of a
/// job gets the same fault, whatever the order of the jobs.
#[derive(Default)]
pub(super) struct RandomFaults {
    rate: Rate,
    seed: u64,
    counts: HashMap<String, u64>,
}

impl RandomFaults {
    pub(super) fn new(rate: Rate, seed: u64) -> Self {
        Self {
            rate,
            seed,
            counts: HashMap::new(),
        }
    }

    /// The fault for a request, if any: one that applies to it or to its operation or execution.
    pub(super) fn select(&mut self, context: &FaultContext<'_>) -> Option<&'static Fault> {
        if self.rate.percent == 0.0 {
            return None;
        }
        let candidates: Vec<&Fault> = CATALOG
            .iter()
            .filter(|fault| matches!(fault.random, Random::Eligible(_)))
            .filter(|fault| fault.target.includes(context) || fault.target.includes_result_of(context))
            .collect();
        let (first, second) = self.pseudorandom_numbers(context);
        let is_selected = fraction(first) * 100.0 < self.rate.percent;
        let index = usize::try_from(second % candidates.len().max(1) as u64).unwrap_or_default();
        candidates.get(index).copied().filter(|_| is_selected)
    }

    fn pseudorandom_numbers(&mut self, context: &FaultContext<'_>) -> (u64, u64) {
        let call = context.call;
        let job = context.job.unwrap_or_default();
        let key = format!("{} {} {job}", MethodDescriptor::of(call).rpc, call.parent());
        let count = self.counts.entry(key.clone()).or_default();
        *count += 1;
        let digest = Sha256::digest(format!("{} {key} {count}", self.seed));
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
            .ok_or_else(|| "must be a percentage from 0% to 100%".to_owned())
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}%", self.percent)
    }
}

/// Maps a number to the range from 0 inclusive to 1 exclusive.
#[expect(clippy::cast_precision_loss, reason = "a fraction has 53 bits")]
fn fraction(number: u64) -> f64 {
    (number >> 11) as f64 / (1_u64 << 53) as f64
}
