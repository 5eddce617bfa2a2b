//! Runs the example against the emulator.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/job.rs"]
#[expect(dead_code, reason = "its main is not called")]
mod job;

use std::time::Duration;

use cloudrun_emulator::{Config, Server};
use tokio::net::TcpListener;

#[tokio::test]
async fn example_creates_runs_and_deletes_a_job() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/v2/", listener.local_addr().unwrap());
    let config = Config {
        execution_time: Duration::from_millis(50),
        ..Config::default()
    };
    let emulator = Server::new(config).unwrap();
    tokio::spawn(emulator.run(listener, std::future::pending()));
    let name = "projects/example-project/locations/us-central1/jobs/hello";
    assert_eq!(
        job::create_run_delete(&endpoint).await.unwrap(),
        [
            format!("created {name}, ready: true"),
            format!("ran {name}, tasks that succeeded: 1"),
            format!("deleted {name}")
        ]
    );
}
