//! The gate, with a clock that stands still while nobody waits.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod simulation;

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{Gate, Pass, Turn};
use crate::cloudrun::model::Job;
use crate::cloudrun::request::Request;
use crate::cloudrun::{Endpoint, Error, JobName, Patience, Reply, Status};

/// A gate, and what a write needs to go through it.
struct Door {
    gate: Arc<Gate>,
    request: Request,
    stop: CancellationToken,
    patience: Patience,
}

impl Door {
    fn new() -> Door {
        let stop = CancellationToken::new();
        Door {
            gate: Arc::new(Gate::new("us-central1")),
            request: create("us-central1"),
            patience: Patience::new(Instant::now() + Duration::from_secs(20 * 60), stop.clone()),
            stop,
        }
    }

    fn turn(&self) -> Turn<'_> {
        Turn {
            request: &self.request,
            gate: Some(self.gate.clone()),
            ticket: None,
        }
    }

    /// Shuts the gate, which a first write finds out.
    async fn shut(&self, told: Option<u64>) {
        let mut turn = self.turn();
        let pass = turn.pass(&self.patience).await.unwrap();
        assert!(pass.hear(Err(refusal(told))).is_none());
    }
}

fn create(region: &str) -> Request {
    Request::create(&JobName::new("p", region, "n"), &Job::default())
}

fn refusal(told: Option<u64>) -> Error {
    Error::Status(Status {
        http: Some(429),
        status: "RESOURCE_EXHAUSTED".to_owned(),
        message: "Quota exceeded for quota metric 'Write requests'".to_owned(),
        retry_after: told.map(Duration::from_secs),
        ..Status::default()
    })
}

fn yes() -> Result<Reply, Error> {
    Reply::new(200, Vec::new(), None)
}

fn taken(pass: Pass<'_>) {
    assert!(pass.hear(yes()).is_some_and(|answer| answer.is_ok()));
}

#[tokio::test(start_paused = true)]
async fn before_the_first_refusal_nobody_waits() {
    let (door, start) = (Door::new(), Instant::now());
    let mut turns: Vec<_> = (0..500).map(|_| door.turn()).collect();
    let mut passes = Vec::new();
    for turn in &mut turns {
        passes.push(turn.pass(&door.patience).await.unwrap());
    }
    assert!(passes.iter().all(Pass::holds));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn after_a_refusal_those_that_have_not_gone_wait_too() {
    let door = Door::new();
    let (mut first, mut second) = (door.turn(), door.turn());
    let (refused, other) = (
        first.pass(&door.patience).await.unwrap(),
        second.pass(&door.patience).await.unwrap(),
    );
    assert!(refused.hear(Err(refusal(None))).is_none());
    assert!(!other.holds(), "it was let go before the refusal");
    drop(other);
    let start = Instant::now();
    let asking = second.pass(&door.patience).await.unwrap();
    assert!(start.elapsed() > Duration::ZERO && asking.holds());
}

/// Each in the order in which it first came, also the one that was refused.
#[tokio::test(start_paused = true)]
async fn who_came_first_goes_first() {
    let door = Arc::new(Door::new());
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut writes = Vec::new();
    for number in 0..50 {
        let (door, order) = (door.clone(), order.clone());
        writes.push(tokio::spawn(async move {
            let mut turn = door.turn();
            let mut refusals = usize::from(number < 3) * 2;
            loop {
                let pass = turn.pass(&door.patience).await.unwrap();
                sleep(Duration::from_millis(10)).await;
                if refusals == 0 {
                    order.lock().unwrap().push(number);
                    return taken(pass);
                }
                refusals -= 1;
                assert!(pass.hear(Err(refusal(None))).is_none());
            }
        }));
        yield_now().await;
    }
    for write in writes {
        write.await.unwrap();
    }
    let order = order.lock().unwrap().clone();
    // Those that were on their way when the first was refused were taken at once.
    let waited: Vec<i32> = order.iter().copied().filter(|number| *number < 3).collect();
    assert_eq!((order.len(), waited), (50, vec![0, 1, 2]));
}

#[tokio::test(start_paused = true)]
async fn one_asks_and_the_others_follow_in_their_order() {
    let door = Arc::new(Door::new());
    door.shut(Some(7)).await;
    let (start, order) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
    let mut writes = Vec::new();
    for number in 0..30 {
        let (door, order) = (door.clone(), order.clone());
        writes.push(tokio::spawn(async move {
            let mut turn = door.turn();
            let pass = turn.pass(&door.patience).await.unwrap();
            order.lock().unwrap().push((number, start.elapsed().as_secs()));
            sleep(Duration::from_secs(1)).await;
            taken(pass);
        }));
        yield_now().await;
    }
    for write in writes {
        write.await.unwrap();
    }
    let order = order.lock().unwrap().clone();
    assert!(order.iter().map(|(number, _)| *number).eq(0..30), "{order:?}");
    assert!(order[0].1 >= 6, "Google has asked for seven seconds: {order:?}");
    assert!(
        order[1].1 > order[0].1,
        "the second waits for the first one's answer"
    );
}

/// Whoever gives up leaves nobody behind: while it waits, while it asks, and while its answer says nothing.
#[tokio::test(start_paused = true)]
async fn the_next_one_goes_when_one_gives_up() {
    let door = Arc::new(Door::new());
    door.shut(None).await;
    let patient = |door: Arc<Door>| {
        tokio::spawn(async move {
            let mut turn = door.turn();
            taken(turn.pass(&door.patience).await.unwrap());
        })
    };
    let mut waits = door.turn();
    let impatient = tokio::time::timeout(Duration::from_millis(1), waits.pass(&door.patience));
    // The one that gives up came first.
    let (first, next) = tokio::join!(impatient, async { patient(door.clone()).await });
    assert!(first.is_err());
    next.unwrap();
    door.shut(None).await;
    let mut asks = door.turn();
    let pass = asks.pass(&door.patience).await.unwrap();
    let next = patient(door.clone());
    yield_now().await;
    assert!(!next.is_finished(), "one asks at a time");
    drop(pass);
    next.await.unwrap();
    door.shut(None).await;
    let mut asks = door.turn();
    let pass = asks.pass(&door.patience).await.unwrap();
    let next = patient(door.clone());
    yield_now().await;
    assert!(pass.hear(Err(Error::Cut(String::new()))).is_some());
    next.await.unwrap();
}

/// Also when the rhythm of the windows is known, and when the one that asks is refused again.
#[tokio::test(start_paused = true)]
async fn what_google_asks_to_wait_is_waited_for_to_the_end() {
    for told in [1, 2, 60] {
        let door = Door::new();
        for _ in 0..4 {
            door.shut(Some(told)).await;
            for is_last in [false, true] {
                let start = Instant::now();
                let mut turn = door.turn();
                let pass = turn.pass(&door.patience).await.unwrap();
                assert!(start.elapsed() >= Duration::from_secs(told), "{told}");
                match is_last {
                    false => assert!(pass.hear(Err(refusal(Some(told)))).is_none()),
                    true => taken(pass),
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_beyond_the_patience_is_told_to_all_at_once() {
    let door = Arc::new(Door::new());
    door.shut(None).await;
    let start = Instant::now();
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let door = door.clone();
            tokio::spawn(async move {
                let mut turn = door.turn();
                turn.pass(&door.patience).await.map(|pass| taken(pass))
            })
        })
        .collect();
    let mut asks = door.turn();
    asks.ticket = Some(0);
    let pass = asks.pass(&door.patience).await.unwrap();
    assert!(pass.hear(Err(refusal(Some(3600)))).is_none());
    for waiting in waiting {
        let error = waiting.await.unwrap().unwrap_err().to_string();
        assert!(
            error.ends_with("It asks to wait 3600 seconds before the next try."),
            "{error}"
        );
    }
    assert!(asks.pass(&door.patience).await.is_err());
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_the_wait_and_says_what_google_said() {
    let door = Door::new();
    door.shut(Some(60)).await;
    let patience = Patience::new(Instant::now() + Duration::from_secs(70), CancellationToken::new());
    let mut asks = door.turn();
    let asking = asks.pass(&patience).await.unwrap();
    let mut waits = door.turn();
    let error = waits.pass(&patience).await.map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the time allowed for it was over while waiting for Google's quota of write requests in us-central1. The last of \
         them was answered so: Google refused the request: HTTP 429 RESOURCE_EXHAUSTED: Quota exceeded for quota metric \
         'Write requests'\n  It asks to wait 60 seconds before the next try."
    );
    taken(asking);
}

#[tokio::test(start_paused = true)]
async fn a_wish_to_stop_ends_the_wait_at_once() {
    let door = Arc::new(Door::new());
    door.shut(Some(60)).await;
    let start = Instant::now();
    let stop = door.stop.clone();
    tokio::spawn(async move {
        sleep(Duration::from_secs(1)).await;
        stop.cancel();
    });
    let mut turn = door.turn();
    let error = turn.pass(&door.patience).await.map(|_| ()).unwrap_err();
    assert!(
        error.is_stopped() && start.elapsed() == Duration::from_secs(1),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn all_clients_share_the_gate_of_a_region_and_reads_have_none() {
    let endpoint = Endpoint::parse("https://gate.example/v2/").unwrap();
    let name = JobName::new("p", "us-central1", "n");
    let gate_of = |request: &Request| Turn::of(request, &endpoint).gate;
    let one = gate_of(&create("us-central1")).unwrap();
    for request in [
        create("us-central1").only_checked(),
        Request::replace(&name, &serde_json::Value::Null),
        Request::delete(&name, None),
    ] {
        assert!(Arc::ptr_eq(&one, &gate_of(&request).unwrap()), "{request}");
    }
    assert!(!Arc::ptr_eq(&one, &gate_of(&create("europe-west4")).unwrap()));
    let operation = "projects/p/locations/us-central1/operations/o";
    for request in [
        Request::get(&name),
        Request::list("projects/p/locations/us-central1", 500, ""),
        Request::operation(operation),
        Request::wait(operation, Duration::from_secs(30)),
    ] {
        assert!(gate_of(&request).is_none(), "{request}");
    }
}
