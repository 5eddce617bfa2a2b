//! Creates, runs and deletes a job, against the emulator of this repository:
//!
//! ```text
//! cargo run -p cloudrun-emulator -- --port 8123
//! cargo run -p cloud-run --example job -- http://127.0.0.1:8123/v2/
//! ```

use std::error::Error;
use std::time::Duration;

use cloud_run::model::{Container, ExecutionTemplate, Job, TaskTemplate};
use cloud_run::{
    CallContext, Client, Credentials, Endpoint, ExecutionName, JobName, RunOverrides, Secret, Settings,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = std::env::args().nth(1).ok_or("usage: job ENDPOINT")?;
    for line in create_run_delete(&endpoint).await? {
        eprintln!("{line}");
    }
    Ok(())
}

/// Does all three; returns what happened.
pub(crate) async fn create_run_delete(endpoint: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let settings = Settings {
        endpoint: Endpoint::parse(endpoint)?,
        user_agent: "cloud-run-example/1".to_owned(),
        ..Settings::default()
    };
    // The emulator accepts any token. `Credentials::ApplicationDefault` uses those of this machine.
    let client = Client::new(settings, Credentials::AccessToken(Secret::new("any")));
    let deadline = Instant::now() + Duration::from_secs(60);
    let context = CallContext::new(deadline, CancellationToken::new());

    let name = JobName::new("example-project", "us-central1", "hello");
    let container = Container {
        image: "us-docker.pkg.dev/cloudrun/container/hello".to_owned(),
        ..Container::default()
    };
    let task = TaskTemplate {
        containers: vec![container],
        ..TaskTemplate::default()
    };
    let job = Job {
        template: ExecutionTemplate {
            template: task,
            ..ExecutionTemplate::default()
        },
        ..Job::default()
    };
    let operation = client.create_job(&name, &job, &context).await?;
    client.wait(operation, &context).await?;

    let found = client.get_job(&name, &context).await?;
    let created = format!("created {name}, ready: {}", found.is_ready());

    let started = client.run_job(&name, &RunOverrides::default(), &context).await?;
    let started = started.ok_or("the response does not name the execution")?;
    let execution = ExecutionName::parse(&started.name)?;
    let mut pauses = client.backoff();
    let ended = loop {
        context.sleep(pauses.next().unwrap_or_default()).await?;
        let execution = client.get_execution(&execution, &context).await?;
        if execution.completion_time.is_some() {
            break execution;
        }
    };
    let ran = format!("ran {name}, tasks that succeeded: {}", ended.succeeded_count);

    let operation = client.delete_job(&name, found.etag.as_deref(), &context).await?;
    client.wait(operation, &context).await?;
    let deleted = match client.get_job(&name, &context).await {
        Err(error) if error.is_not_found() => format!("deleted {name}"),
        other => return Err(format!("{name} still exists: {other:?}").into()),
    };
    Ok(vec![created, ran, deleted])
}
