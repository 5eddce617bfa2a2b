#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::route::Call;

/// The faults of the next reads of a job.
fn reads(faults: &mut RandomFaults, job: &str, times: usize) -> Vec<Option<&'static str>> {
    let call = Call::parse("GET", &format!("/v2/projects/p/locations/us-central1/jobs/{job}")).unwrap();
    let context = FaultContext {
        call: &call,
        method: "GET",
        job: Some(job),
        validate_only: false,
        permissions: Vec::new(),
    };
    let mut read = || faults.select(&context).map(|fault| fault.name);
    (0..times).map(|_| read()).collect()
}

fn random_faults(rate: &str, seed: u64) -> RandomFaults {
    RandomFaults::new(rate.parse().unwrap(), seed)
}

#[test]
fn rate_is_a_percentage() {
    for valid in ["5%", "0.5%", "0%", "100%"] {
        assert_eq!(valid.parse::<Rate>().unwrap().to_string(), valid);
    }
    for invalid in ["5", "0.05", "-1%", "101%", "NaN%", "%", ""] {
        invalid.parse::<Rate>().unwrap_err();
    }
}

#[test]
fn rate_determines_number_of_faults() {
    for (rate, min, max) in [("0%", 0, 0), ("5%", 400, 600), ("100%", 10_000, 10_000)] {
        let faults = reads(&mut random_faults(rate, 1), "a", 10_000);
        let count = faults.iter().flatten().count();
        assert!((min..=max).contains(&count), "{rate}: {count} of 10000");
    }
}

#[test]
fn reads_get_every_eligible_fault() {
    let mut names: Vec<&str> = reads(&mut random_faults("100%", 1), "a", 1000)
        .into_iter()
        .flatten()
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names,
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
fn seed_gives_same_faults_in_any_job_order() {
    let mut faults = random_faults("30%", 7);
    let (a, b) = (reads(&mut faults, "a", 50), reads(&mut faults, "b", 50));
    let mut faults = random_faults("30%", 7);
    let mut alternating = (Vec::new(), Vec::new());
    for _ in 0..50 {
        alternating.1.extend(reads(&mut faults, "b", 1));
        alternating.0.extend(reads(&mut faults, "a", 1));
    }
    assert_eq!((&a, &b), (&alternating.0, &alternating.1));
    assert_ne!(a, b);
    assert_ne!(a, reads(&mut random_faults("30%", 8), "a", 50));
}
