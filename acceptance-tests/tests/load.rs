//! Many jobs while one request in ten fails: no job is lost or created twice, and a few applies are enough. `make load` runs the
//! first test with a thousand jobs.

use crate::harness::load::LoadTest;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn jobs_survive_random_faults() {
    let jobs = std::env::var("FACETS_GPU_LOAD").map_or(60, |jobs| jobs.parse().expect("a number of jobs"));
    // In parallel, because most of the time is spent waiting.
    std::thread::scope(|scope| {
        for seed in 1..=3 {
            scope.spawn(move || {
                let faults = LoadTest::new(jobs, "10%", seed, &super::installation()).run();
                assert!(faults > 20, "only {faults} requests failed, with seed {seed}");
            });
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn jobs_of_killed_provider_are_imported() {
    let mut load = LoadTest::new(60, "10%", 4, &super::installation());
    let missing = load.kill_providers();
    assert!(
        (20..60).contains(&missing),
        "the providers were killed with {missing} jobs missing from the state"
    );
    load.complete();
}
