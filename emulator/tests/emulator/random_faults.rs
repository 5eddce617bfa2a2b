//! Faults by chance: so many of all requests, the same ones for a seed.

use cloudrun_emulator::Config;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Cloud, config, job};

/// What the requests in the log met, without where they stand in it.
async fn met(cloud: &Cloud) -> Vec<Value> {
    let (_, log) = cloud.control("GET", "requests", None).await;
    let entries = log.as_array().unwrap().iter();
    entries.map(|entry| entry["fault"].clone()).collect()
}

/// Sends requests all at once, so that slow answers are waited for once. Some never arrive, which is the point.
async fn send(requests: impl Iterator<Item = reqwest::RequestBuilder>) {
    let mut sent: JoinSet<_> = requests.map(reqwest::RequestBuilder::send).collect();
    while sent.join_next().await.is_some() {}
}

/// Reads a job that is not there so many times.
async fn read(cloud: &Cloud, times: usize) {
    send((0..times).map(|_| cloud.request("GET", &format!("{JOBS}/a")))).await;
}

const JOBS: &str = "/v2/projects/p/locations/us-central1/jobs";

#[tokio::test]
async fn nothing_happens_by_chance_unless_it_is_wished_for() {
    let cloud = Cloud::start().await;
    read(&cloud, 100).await;
    assert_eq!(met(&cloud).await, vec![Value::Null; 100]);
}

#[tokio::test]
async fn a_seed_gives_the_same_faults_by_flag_and_from_outside() {
    let by_flag = |seed| async move {
        let config = Config {
            fault_rate: "10%".parse().unwrap(),
            fault_seed: seed,
            ..config()
        };
        what_reads_meet(&Cloud::with(config).await).await
    };
    let from_outside = async {
        let cloud = Cloud::start().await;
        // Counting begins with the wish.
        read(&cloud, 3).await;
        cloud.control("DELETE", "requests", None).await;
        cloud.leave_to_chance("10%", 3).await;
        what_reads_meet(&cloud).await
    };
    let (three, again, outside, four) = tokio::join!(by_flag(3), by_flag(3), from_outside, by_flag(4));
    assert!((1..20).contains(&three.len()), "{three:?} of 60 is not a tenth");
    assert_eq!((&three, &three), (&again, &outside));
    assert_ne!(three, four);
}

/// The faults of sixty reads, in the order of their names: requests that come at once overtake each other.
async fn what_reads_meet(cloud: &Cloud) -> Vec<String> {
    read(cloud, 60).await;
    let met = met(cloud).await;
    let mut names: Vec<String> = met
        .iter()
        .filter_map(|fault| fault.as_str().map(str::to_owned))
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_lasts_never_happens_by_chance() {
    let cloud = Cloud::start().await;
    let (_, faults) = cloud.control("GET", "faults", None).await;
    let by_chance = |name: &Value| {
        let mut catalogue = faults["catalogue"].as_array().unwrap().iter();
        catalogue.find(|fault| fault["name"] == *name).unwrap()["byChance"] == true
    };
    for lasting in ["permission-denied", "already-exists", "operation-never-ends"] {
        assert!(!by_chance(&json!(lasting)), "{lasting}");
    }
    cloud.leave_to_chance("100%", 1).await;
    read(&cloud, 40).await;
    assert!(met(&cloud).await.iter().all(by_chance));
}

#[tokio::test]
async fn chance_strikes_operations_too() {
    let cloud = Cloud::start().await;
    cloud.leave_to_chance("100%", 1).await;
    let creations = (0..60).map(|id| {
        cloud
            .request("POST", &format!("{JOBS}?jobId=a-{id}"))
            .json(&job())
    });
    send(creations).await;
    let struck = met(&cloud)
        .await
        .iter()
        .filter(|fault| *fault == "operation-done-empty")
        .count();
    cloud.control("DELETE", "faults", None).await;
    let (_, operations) = cloud.get("/operations").await;
    let mut empty = 0;
    for operation in operations["operations"].as_array().unwrap() {
        empty += usize::from(cloud.settle(operation).await["response"].is_null());
    }
    assert!(
        struck > 0 && struck == empty,
        "{struck} in the log, {empty} operations"
    );
}

#[tokio::test]
async fn an_armed_fault_goes_before_chance() {
    let cloud = Cloud::start().await;
    cloud.leave_to_chance("100%", 1).await;
    cloud.arm("permission-denied").await;
    read(&cloud, 1).await;
    assert_eq!(met(&cloud).await, ["permission-denied"]);
}

#[tokio::test]
async fn chance_ends_with_all_other_faults() {
    for end in [("DELETE", "faults"), ("POST", "reset")] {
        let cloud = Cloud::start().await;
        cloud.leave_to_chance("100%", 1).await;
        let (_, faults) = cloud.control("GET", "faults", None).await;
        assert_eq!(faults["chance"], json!({ "rate": "100%", "seed": 1 }));
        cloud.control(end.0, end.1, None).await;
        cloud.control("DELETE", "requests", None).await;
        read(&cloud, 20).await;
        assert_eq!(met(&cloud).await, vec![Value::Null; 20], "{end:?}");
    }
}

#[tokio::test]
async fn a_wish_that_is_none_is_refused() {
    let cloud = Cloud::start().await;
    for wrong in [
        json!({}),
        json!({ "rate": 5 }),
        json!({ "rate": "5" }),
        json!({ "rate": "101%" }),
        json!({ "rate": "5%", "seed": -1 }),
    ] {
        assert_eq!(cloud.control("POST", "chance", Some(wrong)).await.0, 400);
    }
}
