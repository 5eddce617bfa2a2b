//! The clock of the resources, which `/_emulator/clock` advances.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Emulator, config, job, relative_name};

/// An emulator whose operations take an hour.
async fn slow_emulator() -> Emulator {
    Emulator::with(cloudrun_emulator::Config {
        operation_time: Duration::from_secs(3_600),
        ..config()
    })
    .await
}

#[tokio::test]
async fn advanced_clock_ends_operation_and_its_wait() {
    let emulator = slow_emulator().await;
    let (_, operation) = emulator.post("/jobs?jobId=a", job()).await;
    let path = relative_name(&operation["name"]);
    emulator.advance_clock("59m").await;
    assert!(emulator.get(&path).await.1["done"].is_null());
    let wait = emulator.wait(&operation);
    let advance = emulator.advance_clock("1m");
    let (done, ()) = tokio::join!(wait, advance);
    assert_eq!(done["done"], true);
}

#[tokio::test]
async fn reset_sets_clock_back() {
    let emulator = slow_emulator().await;
    let (_, before) = emulator.control("GET", "clock", None).await;
    emulator.advance_clock("48h").await;
    let (_, ahead) = emulator.control("GET", "clock", None).await;
    assert_ne!(
        ahead["now"].as_str().unwrap()[..10],
        before["now"].as_str().unwrap()[..10]
    );
    emulator.control("POST", "reset", None).await;
    let (_, after) = emulator.control("GET", "clock", None).await;
    assert!(after["now"].as_str() < ahead["now"].as_str());
}

#[tokio::test]
async fn invalid_clock_settings_rejected() {
    let emulator = Emulator::start().await;
    for invalid in [
        json!({}),
        json!({ "advance": "tomorrow" }),
        json!({ "advance": "-1h" }),
        json!({ "advance": 5 }),
        json!({ "advance": "1h", "freeze": true }),
    ] {
        let (status, _) = emulator.control("POST", "clock", Some(invalid.clone())).await;
        assert_eq!(status, 400, "{invalid}");
    }
}
