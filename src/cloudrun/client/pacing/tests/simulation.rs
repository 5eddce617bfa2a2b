//! Five hundred jobs against a quota of writes, with real waits and a clock that jumps from one to the next: none is
//! forgotten, nobody asks much, and it takes hardly longer than the quota does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use super::super::super::MOST_REQUESTS;
use super::{Door, refusal, taken};

/// A service that takes so many writes in each window of the wall clock.
#[derive(Clone, Copy, Debug)]
struct Quota {
    writes: usize,
    window: f64,
    /// How much of the first window is over at the beginning.
    over: f64,
    retry_after: bool,
}

/// What is to be done, and how long its parts take.
#[derive(Clone, Copy, Debug)]
struct Load {
    jobs: usize,
    parallelism: usize,
    latency: f64,
    operation: f64,
}

/// What came of it.
#[derive(Debug)]
struct Outcome {
    /// From the first write that was taken to the last one.
    seconds: f64,
    refused: usize,
}

#[derive(Default)]
struct Seen {
    used: BTreeMap<u64, usize>,
    taken: Vec<f64>,
    refused: usize,
}

impl Quota {
    fn window_at(self, moment: f64) -> u64 {
        ((moment + self.over) / self.window + 1e-9) as u64
    }

    fn begin_of(self, window: u64) -> f64 {
        window as f64 * self.window - self.over
    }

    /// Answers a write: `Err` with what `Retry-After` says.
    fn answer(self, seen: &mut Seen, moment: f64) -> Result<(), Option<u64>> {
        let window = self.window_at(moment);
        let used = seen.used.entry(window).or_default();
        if *used < self.writes {
            *used += 1;
            seen.taken.push(moment);
            return Ok(());
        }
        seen.refused += 1;
        let left = self.begin_of(window + 1) - moment;
        Err(self.retry_after.then_some((left.ceil() as u64).max(1)))
    }

    /// How long it takes somebody who knows the windows.
    fn ideal(self, load: Load) -> f64 {
        let (mut free, mut used, mut taken) = (
            vec![0.0; load.parallelism],
            BTreeMap::<u64, usize>::new(),
            Vec::new(),
        );
        for _ in 0..load.jobs {
            free.sort_by(f64::total_cmp);
            let mut moment = free[0] + load.latency / 2.0;
            while used
                .get(&self.window_at(moment))
                .is_some_and(|used| *used == self.writes)
            {
                moment = self.begin_of(self.window_at(moment) + 1);
            }
            *used.entry(self.window_at(moment)).or_default() += 1;
            taken.push(moment);
            free[0] = moment + load.latency / 2.0 + load.operation;
        }
        taken[taken.len() - 1] - taken[0]
    }
}

/// Runs it all in a time of its own.
fn simulate(quota: Quota, load: Load) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let (door, seen) = (Arc::new(Door::new()), Arc::new(Mutex::new(Seen::default())));
        let (workers, places) = (
            Arc::new(Semaphore::new(load.parallelism)),
            Arc::new(Semaphore::new(MOST_REQUESTS)),
        );
        let start = Instant::now();
        let jobs: Vec<_> = (0..load.jobs)
            .map(|_| {
                let (door, seen) = (door.clone(), seen.clone());
                let (workers, places) = (workers.clone(), places.clone());
                tokio::spawn(async move {
                    let _worker = workers.acquire().await.unwrap();
                    write(
                        &door,
                        &places,
                        load,
                        |moment| quota.answer(&mut seen.lock().unwrap(), moment),
                        start,
                    )
                    .await;
                    sleep(Duration::from_secs_f64(load.operation)).await;
                })
            })
            .collect();
        for job in jobs {
            job.await.unwrap();
        }
        let seen = seen.lock().unwrap();
        assert_eq!(seen.taken.len(), load.jobs);
        Outcome {
            seconds: seen.taken[seen.taken.len() - 1] - seen.taken[0],
            refused: seen.refused,
        }
    })
}

/// One write, sent until it is taken.
async fn write(
    door: &Door,
    places: &Semaphore,
    load: Load,
    answer: impl Fn(f64) -> Result<(), Option<u64>>,
    start: Instant,
) {
    let way = Duration::from_secs_f64(load.latency / 2.0);
    let mut turn = door.turn();
    loop {
        let pass = turn.pass(&door.patience).await.unwrap();
        let _place = places.acquire().await.unwrap();
        if !pass.holds() {
            continue;
        }
        sleep(way).await;
        let answer = answer(start.elapsed().as_secs_f64());
        sleep(way).await;
        match answer {
            Ok(()) => return taken(pass),
            Err(told) => assert!(pass.hear(Err(refusal(told))).is_none()),
        }
    }
}

/// What is on its way when the first one is refused may be refused too: as much as may be on its way.
fn check(quota: Quota, load: Load, most_over: f64) {
    let (outcome, ideal) = (simulate(quota, load), quota.ideal(load));
    let seen = format!("{quota:?} {load:?} {outcome:?}, ideal {ideal}");
    // What Retry-After says is rounded up to a second, and waited for.
    let rounded = if quota.retry_after { 1.0 } else { 0.0 };
    assert!(outcome.seconds <= ideal * most_over + 0.1 + rounded, "{seen}");
    let first = load.parallelism.min(MOST_REQUESTS);
    assert!(outcome.refused <= first + load.jobs / 5, "{seen}");
}

#[test]
fn it_takes_at_most_a_tenth_longer_than_the_quota_does() {
    for (writes, window) in [(20, 1.0), (100, 10.0), (60, 60.0)] {
        for retry_after in [false, true] {
            for parallelism in [10, 100, 500] {
                for operation in [0.1, 5.0] {
                    let quota = Quota {
                        writes,
                        window,
                        over: window * 0.4,
                        retry_after,
                    };
                    let load = Load {
                        jobs: 500,
                        parallelism,
                        latency: 0.02,
                        operation,
                    };
                    check(quota, load, 1.1);
                }
            }
        }
    }
}

proptest! {
    // The same cases each time. How near one comes to the quota depends on where in a window it begins: with cases by
    // chance it was once 1.17 times the ideal, and nobody knows that there is no worse one.
    #![proptest_config(ProptestConfig { cases: 48, rng_seed: RngSeed::Fixed(6), ..ProptestConfig::default() })]

    #[test]
    fn so_it_is_with_other_quotas(
        writes in 15..200_usize,
        window in prop_oneof![Just(1.0), 2.0..70.0],
        over in 0.0..1.0,
        retry_after: bool,
        parallelism in prop_oneof![Just(10_usize), Just(100), Just(500)],
        latency in 0.002..0.05,
        operation in prop_oneof![Just(0.1), Just(5.0)],
    ) {
        let quota = Quota { writes, window, over: window * over, retry_after };
        let load = Load { jobs: 400, parallelism, latency, operation };
        check(quota, load, 1.25);
    }
}
