//! Many jobs at once while one request in ten fails: nothing is lost, nothing is made twice, and a few applies
//! are enough. `make load` does the same with a thousand jobs.

use crate::harness::load::Load;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn sixty_jobs_live_through_requests_that_fail_by_chance() {
    let jobs = std::env::var("FACETS_GPU_LOAD").map_or(60, |jobs| jobs.parse().expect("a number of jobs"));
    // At the same time, since much of it is waiting.
    std::thread::scope(|scope| {
        for seed in 1..=3 {
            scope.spawn(move || {
                let faults = Load::new(jobs, "10%", seed, &super::installation()).walk();
                assert!(
                    faults > 20,
                    "only {faults} requests met a fault, with seed {seed}"
                );
            });
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn jobs_of_a_provider_that_is_killed_among_sixty_are_imported_and_none_is_doubled() {
    let mut load = Load::new(60, "10%", 4, &super::installation());
    let made = load.cut_short();
    assert!(
        (20..60).contains(&made),
        "it was to be killed in the middle, with {made} jobs"
    );
    load.is_completed();
}
