//! The same writes as they go with a fixed pause: the operation is looked at after the write, and every ten seconds from
//! then on, as the google provider does it with its `poll_interval`. This is a loop of a few lines and no provider: its
//! time is that of the calls and pauses alone.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Emulator, PROJECT, REGION};
use crate::interrupt;
use crate::waiting::Write;

/// Makes one write, waits for its operation, and reads the job unless it is gone; the seconds that this took.
pub(crate) fn time(emulator: &Emulator, write: Write) -> Result<f64, String> {
    let jobs = format!("/v2/projects/{PROJECT}/locations/{REGION}/jobs");
    let job = format!("{jobs}/job-0");
    let begin = Instant::now();
    let operation = match write {
        Write::Create => send(emulator, "POST", &format!("{jobs}?jobId=job-0"), Some(&body(1)))?,
        Write::Update => send(emulator, "PATCH", &job, Some(&body(2)))?,
        Write::Delete => send(emulator, "DELETE", &job, None)?,
    };
    let address = format!("/v2/{}", operation["name"].as_str().unwrap_or_default());
    while send(emulator, "GET", &address, None)?["done"] != true {
        pause()?;
    }
    if write != Write::Delete {
        send(emulator, "GET", &job, None)?;
    }
    Ok(begin.elapsed().as_secs_f64())
}

fn send(emulator: &Emulator, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
    match emulator.api(method, path, body) {
        (200, answer) => Ok(answer),
        (status, answer) => Err(format!("{method} {path}: {status} {answer}")),
    }
}

fn pause() -> Result<(), String> {
    let begin = Instant::now();
    while begin.elapsed() < POLL_INTERVAL {
        if interrupt::seen() {
            return Err("it was interrupted".to_owned());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn body(tasks: u32) -> Value {
    let container = json!({ "image": "us-docker.pkg.dev/acme-batch/render/render:1.0" });
    json!({ "template": { "taskCount": tasks, "template": { "containers": [container] } } })
}

/// The google provider's `poll_interval` for operations of Cloud Run:
/// <https://github.com/hashicorp/terraform-provider-google/blob/main/google/transport/config.go>.
const POLL_INTERVAL: Duration = Duration::from_secs(10);
