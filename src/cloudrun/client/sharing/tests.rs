//! Many reads at once, against a server whose jobs count what has happened to it: what a read brings can be told from
//! what it would have brought a moment ago.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use futures_util::future::join_all;
use serde_json::{Value as Json, json};

use super::region::{FEWEST, MOST_FAILURES};
use super::*;
use crate::cloudrun::tests::Act::{self, HangUp, Made};
use crate::cloudrun::tests::{GONE, Server, stop_when_asked};

/// A region of so many jobs, named by their numbers. The generation of each is the number of the request that tells it.
struct Cloud {
    jobs: usize,
    page: usize,
    /// Milliseconds of a read, and of a page.
    times: (u64, u64),
    /// What a list makes of a job.
    told: fn(Json) -> Option<Json>,
    /// What is said in place of a page.
    instead: fn() -> Option<Act>,
    clock: Arc<AtomicI64>,
}

impl Cloud {
    fn of(jobs: usize) -> Cloud {
        Cloud {
            jobs,
            page: 1000,
            times: (30, 30),
            told: Some,
            instead: || None,
            clock: Arc::default(),
        }
    }

    async fn serve(self) -> (Server, Arc<AtomicI64>) {
        let clock = self.clock.clone();
        (Server::answering(move |line| self.act(line)).await, clock)
    }

    fn act(&self, line: &str) -> Act {
        let generation = self.clock.fetch_add(1, Ordering::SeqCst);
        let job = |id: usize| json!({"name": format!("projects/7/locations/l/jobs/{id}"), "generation": generation.to_string()});
        let path = line.split(' ').nth(1).unwrap();
        if let Some(id) = path.strip_prefix("/v2/projects/p/locations/l/jobs/") {
            return match id.parse().unwrap() {
                id if id < self.jobs => Made(200, self.times.0, job(id).to_string()),
                _ => Made(404, self.times.0, GONE.to_owned()),
            };
        }
        if let Some(act) = (self.instead)() {
            return act;
        }
        let from = path
            .split_once("pageToken=")
            .map_or(0, |(_, token)| token.parse().unwrap());
        let to = (from + self.page).min(self.jobs);
        let jobs: Vec<Json> = (from..to).map(job).filter_map(self.told).collect();
        let next = if to < self.jobs {
            to.to_string()
        } else {
            String::new()
        };
        Made(
            200,
            self.times.1,
            json!({"jobs": jobs, "nextPageToken": next}).to_string(),
        )
    }
}

/// How often jobs were read by name, and listed.
fn asked(server: &Server) -> (usize, usize) {
    let asked = server.asked();
    let lists = asked.iter().filter(|line| line.contains("?pageSize=")).count();
    (asked.len() - lists, lists)
}

fn name(id: usize) -> JobName {
    JobName::new("p", "l", &id.to_string())
}

async fn refresh(server: &Server, id: usize) -> Result<Job, Error> {
    let whole = |job: &Job| job.generation.is_some();
    server
        .client
        .refresh_job(&name(id), whole, &server.patience)
        .await
}

/// Reads all jobs, so many at a time, as Terraform does; each must be itself, and not older than its read.
async fn walk(server: &Server, clock: &AtomicI64, jobs: usize, parallelism: usize) {
    let next = AtomicUsize::new(0);
    let worker = || async {
        loop {
            let id = next.fetch_add(1, Ordering::SeqCst);
            if id >= jobs {
                return;
            }
            let begin = clock.load(Ordering::SeqCst);
            let job = refresh(server, id).await.unwrap();
            assert!(job.name.unwrap().ends_with(&format!("/{id}")));
            assert!(
                job.generation.unwrap() >= begin,
                "what is told is older than the question"
            );
        }
    };
    join_all((0..parallelism).map(|_| worker())).await;
}

/// A server of whose cloud all jobs have been read, so many at a time.
async fn walked(cloud: Cloud, parallelism: usize) -> Server {
    let jobs = cloud.jobs;
    let (server, clock) = cloud.serve().await;
    walk(&server, &clock, jobs, parallelism).await;
    server
}

#[tokio::test]
async fn reads_that_come_alone_are_reads() {
    let server = walked(Cloud::of(5), 1).await;
    assert_eq!(asked(&server), (5, 0));
}

#[tokio::test]
async fn many_reads_are_a_few_lists() {
    let server = walked(Cloud::of(1000), 100).await;
    let (reads, lists) = asked(&server);
    assert!(reads + lists <= 20 && lists >= 10, "{reads} reads, {lists} lists");
}

#[tokio::test]
async fn pages_of_any_size_tell_the_same() {
    for page in [1, 7, 49, 50] {
        let times = (20, 0);
        let server = walked(
            Cloud {
                page,
                times,
                ..Cloud::of(50)
            },
            25,
        )
        .await;
        assert!(asked(&server).1 > 0, "{page}");
    }
}

#[tokio::test]
async fn a_job_that_is_not_shown_is_asked_for_by_name() {
    let told = |job: Json| (!job["name"].as_str().unwrap().ends_with('3')).then_some(job);
    let server = walked(
        Cloud {
            told,
            ..Cloud::of(40)
        },
        40,
    )
    .await;
    let (reads, lists) = asked(&server);
    assert!(
        lists >= 1 && (FEWEST + 3..=FEWEST + 8).contains(&reads),
        "{reads}, {lists}"
    );
    // And only that tells that one is gone.
    let gone = join_all((35..45).map(|id| refresh(&server, id))).await;
    assert!(
        gone[5..]
            .iter()
            .all(|read| read.as_ref().unwrap_err().is_not_found())
    );
    assert!(gone[..5].iter().all(Result::is_ok));
}

#[tokio::test]
async fn a_job_of_which_a_list_tells_too_little_is_read() {
    let told = |mut job: Json| {
        job.as_object_mut().unwrap().remove("generation");
        Some(job)
    };
    let server = walked(
        Cloud {
            told,
            ..Cloud::of(40)
        },
        40,
    )
    .await;
    assert_eq!(asked(&server).0, 40);
}

#[tokio::test]
async fn a_list_that_fails_leaves_the_reads_and_is_not_tried_for_ever() {
    let fail: [fn() -> Option<Act>; 4] = [
        || {
            Some(Made(
                403,
                0,
                r#"{"error": {"code": 403, "message": "no"}}"#.to_owned(),
            ))
        },
        || Some(Made(200, 0, r#"{"error": {"code": 500}}"#.to_owned())),
        || Some(Made(200, 0, "<html>".to_owned())),
        || Some(HangUp),
    ];
    for instead in fail {
        let server = walked(
            Cloud {
                instead,
                ..Cloud::of(100)
            },
            20,
        )
        .await;
        let most = usize::try_from(MOST_FAILURES).unwrap();
        assert_eq!(asked(&server), (100, most));
    }
}

/// A page with the token that it was asked for with, again and again.
#[tokio::test]
async fn a_list_without_an_end_keeps_nobody() {
    let instead = || Some(Made(200, 0, r#"{"jobs": [], "nextPageToken": "1"}"#.to_owned()));
    let server = walked(
        Cloud {
            instead,
            ..Cloud::of(10)
        },
        10,
    )
    .await;
    let (reads, lists) = asked(&server);
    assert!(reads == 10 && lists <= 4, "{reads}, {lists}");
}

/// A page with another token each time: such lists are given up like those that fail.
#[tokio::test]
async fn a_list_with_ever_new_tokens_keeps_nobody() {
    let instead = || {
        static TOKEN: AtomicUsize = AtomicUsize::new(0);
        let token = TOKEN.fetch_add(1, Ordering::SeqCst);
        Some(Made(
            200,
            0,
            json!({"jobs": [], "nextPageToken": token.to_string()}).to_string(),
        ))
    };
    let cloud = Cloud {
        instead,
        times: (0, 0),
        ..Cloud::of(200)
    };
    let server = walked(cloud, 20).await;
    let (reads, lists) = asked(&server);
    let most = usize::try_from(MOST_FAILURES * MOST_PAGES).unwrap();
    assert!(reads == 200 && lists <= most, "{reads}, {lists}");
}

#[tokio::test]
async fn lists_that_take_too_long_are_given_up_for_reads() {
    let server = walked(
        Cloud {
            // Far from each other, also where a busy machine makes reads slow.
            times: (5, 2000),
            ..Cloud::of(100)
        },
        10,
    )
    .await;
    let (reads, lists) = asked(&server);
    assert!(reads >= 90 && lists == 1, "{reads}, {lists}");
}

#[tokio::test]
async fn a_wish_to_stop_ends_those_who_wait() {
    let (server, _) = Cloud {
        times: (60_000, 60_000),
        ..Cloud::of(50)
    }
    .serve()
    .await;
    stop_when_asked(&server);
    let reads = join_all((0..50).map(|id| refresh(&server, id))).await;
    assert!(reads.iter().all(|read| read.as_ref().unwrap_err().is_stopped()));
}

/// Terraform drops calls that it does not want any longer.
#[tokio::test]
async fn a_reader_that_leaves_takes_nobody_along() {
    let (server, _) = Cloud::of(50).serve().await;
    let server = Arc::new(server);
    let calls: Vec<_> = (0..50)
        .map(|id| {
            let server = server.clone();
            tokio::spawn(async move { refresh(&server, id).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(15)).await;
    calls.iter().step_by(2).for_each(|call| call.abort());
    for (id, call) in calls.into_iter().enumerate() {
        let read = call.await;
        assert!(id % 2 == 0 || read.unwrap().is_ok());
    }
    assert!(server.client.regions.of(&name(0)).is_quiet());
}
