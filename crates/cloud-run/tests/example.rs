//! Runs the example against the emulator.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/job.rs"]
#[expect(dead_code, reason = "its main is not called")]
mod job;

use cloudrun_emulator::{Config, Server};
use tokio::net::TcpListener;

#[tokio::test]
async fn example_creates_reads_and_deletes_a_job() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/v2/", listener.local_addr().unwrap());
    let emulator = Server::new(Config::default()).unwrap();
    tokio::spawn(emulator.run(listener, std::future::pending()));
    let name = "projects/example-project/locations/us-central1/jobs/hello";
    assert_eq!(
        job::create_read_delete(&endpoint).await.unwrap(),
        [format!("created {name}, ready: true"), format!("deleted {name}")]
    );
}
