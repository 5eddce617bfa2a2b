//! Random faults: their rate, and the same ones for a seed.

use cloudrun_emulator::Config;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Emulator, config, job};

/// The faults of the logged requests, in their order.
async fn injected_faults(emulator: &Emulator) -> Vec<Value> {
    let (_, log) = emulator.control("GET", "requests", None).await;
    let entries = log.as_array().unwrap().iter();
    entries.map(|entry| entry["fault"].clone()).collect()
}

/// Sends requests concurrently, so that slow responses overlap; some get no response.
async fn send(requests: impl Iterator<Item = reqwest::RequestBuilder>) {
    let mut sent: JoinSet<_> = requests.map(reqwest::RequestBuilder::send).collect();
    while sent.join_next().await.is_some() {}
}

/// Gets a job that does not exist.
async fn read(emulator: &Emulator, times: usize) {
    send((0..times).map(|_| emulator.request("GET", &format!("{JOBS}/a")))).await;
}

const JOBS: &str = "/v2/projects/p/locations/us-central1/jobs";

#[tokio::test]
async fn no_random_faults_by_default() {
    let emulator = Emulator::start().await;
    read(&emulator, 100).await;
    assert_eq!(injected_faults(&emulator).await, vec![Value::Null; 100]);
}

#[tokio::test]
async fn seed_gives_same_faults_by_flag_and_request() {
    let by_flag = |seed| async move {
        let config = Config {
            fault_rate: "10%".parse().unwrap(),
            fault_seed: seed,
            ..config()
        };
        faults_of_reads(&Emulator::with(config).await).await
    };
    let by_request = async {
        let emulator = Emulator::start().await;
        // Setting random faults resets the count of requests.
        read(&emulator, 3).await;
        emulator.control("DELETE", "requests", None).await;
        emulator.set_random_faults("10%", 3).await;
        faults_of_reads(&emulator).await
    };
    let (three, again, by_request, four) = tokio::join!(by_flag(3), by_flag(3), by_request, by_flag(4));
    assert!((1..20).contains(&three.len()), "{three:?} of 60 is not a tenth");
    assert_eq!((&three, &three), (&again, &by_request));
    assert_ne!(three, four);
}

/// The faults of sixty reads, sorted, because concurrent requests arrive in any order.
async fn faults_of_reads(emulator: &Emulator) -> Vec<String> {
    read(emulator, 60).await;
    let faults = injected_faults(emulator).await;
    let mut names: Vec<String> = faults
        .iter()
        .filter_map(|fault| fault.as_str().map(str::to_owned))
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn persistent_faults_are_never_random() {
    let emulator = Emulator::start().await;
    let (_, faults) = emulator.control("GET", "faults", None).await;
    let is_eligible = |name: &Value| {
        let mut catalog = faults["catalogue"].as_array().unwrap().iter();
        catalog.find(|fault| fault["name"] == *name).unwrap()["random"] == true
    };
    for persistent in ["permission-denied", "already-exists", "operation-never-ends"] {
        assert!(!is_eligible(&json!(persistent)), "{persistent}");
    }
    emulator.set_random_faults("100%", 1).await;
    read(&emulator, 40).await;
    assert!(injected_faults(&emulator).await.iter().all(is_eligible));
}

#[tokio::test]
async fn random_faults_affect_operations() {
    let emulator = Emulator::start().await;
    emulator.set_random_faults("100%", 1).await;
    let creations = (0..60).map(|id| {
        emulator
            .request("POST", &format!("{JOBS}?jobId=a-{id}"))
            .json(&job())
    });
    send(creations).await;
    let injected = injected_faults(&emulator)
        .await
        .iter()
        .filter(|fault| *fault == "operation-done-empty")
        .count();
    emulator.control("DELETE", "faults", None).await;
    let (_, operations) = emulator.get("/operations").await;
    let mut empty = 0;
    for operation in operations["operations"].as_array().unwrap() {
        empty += usize::from(emulator.wait(operation).await["response"].is_null());
    }
    assert!(
        injected > 0 && injected == empty,
        "{injected} in the log, {empty} operations"
    );
}

#[tokio::test]
async fn armed_fault_precedes_random_faults() {
    let emulator = Emulator::start().await;
    emulator.set_random_faults("100%", 1).await;
    emulator.arm("permission-denied").await;
    read(&emulator, 1).await;
    assert_eq!(injected_faults(&emulator).await, ["permission-denied"]);
}

#[tokio::test]
async fn deleting_faults_and_reset_stop_random_faults() {
    for end in [("DELETE", "faults"), ("POST", "reset")] {
        let emulator = Emulator::start().await;
        emulator.set_random_faults("100%", 1).await;
        let (_, faults) = emulator.control("GET", "faults", None).await;
        assert_eq!(faults["random"], json!({ "rate": "100%", "seed": 1 }));
        emulator.control(end.0, end.1, None).await;
        emulator.control("DELETE", "requests", None).await;
        read(&emulator, 20).await;
        assert_eq!(injected_faults(&emulator).await, vec![Value::Null; 20], "{end:?}");
    }
}

#[tokio::test]
async fn invalid_random_fault_settings_rejected() {
    let emulator = Emulator::start().await;
    for invalid in [
        json!({}),
        json!({ "rate": 5 }),
        json!({ "rate": "5" }),
        json!({ "rate": "101%" }),
        json!({ "rate": "5%", "seed": -1 }),
    ] {
        assert_eq!(emulator.control("POST", "chance", Some(invalid)).await.0, 400);
    }
}
