//! Many jobs at once while one request in ten fails: nothing is lost, nothing is made twice, and a few applies
//! are enough. `make load` does the same with a thousand jobs and one in twenty, and prints what it takes.

use crate::harness::load::{Load, Size};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn sixty_jobs_live_through_requests_that_fail_by_chance() {
    // At the same time, since much of it is waiting.
    std::thread::scope(|scope| {
        for seed in 1..=3 {
            scope.spawn(move || walk(seed, |_| {}));
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn jobs_of_a_provider_that_is_killed_among_sixty_are_imported_and_none_is_doubled() {
    walk(4, |load| {
        let made = load.cut_short();
        assert!(
            (20..60).contains(&made),
            "it was to be killed in the middle, with {made} jobs"
        );
    });
}

/// The whole life of sixty jobs, after what else is to happen first.
fn walk(seed: u64, first: impl FnOnce(&mut Load)) {
    let size = Size {
        jobs: 60,
        parallelism: 30,
        fault_rate: "10%",
        seed,
    };
    let load = Load::new(size, &super::installation(), || false);
    let mut load = load.unwrap_or_else(|reason| panic!("{reason}"));
    first(&mut load);
    let mut faults = 0;
    let walked = load.walk(|step| faults += step.traffic.all_faults());
    assert_eq!(walked, Ok(()), "with seed {seed}");
    assert!(faults > 20, "only {faults} requests met a fault");
}
