//! The first act: a block of the resource, chapter by chapter.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Stop;
use crate::fixtures::Stage;

/// Tells the act.
pub(crate) fn tell(stage: &Stage<'_>) -> Result<(), Stop> {
    install(stage)?;
    refused(stage)?;
    planned(stage)?;
    applied(stage)?;
    stable(stage)?;
    executed(stage)?;
    changed(stage)?;
    stage.narrator.chapter("Destroyed");
    stage.destroyed()
}

fn install(stage: &Stage<'_>) -> Result<(), Stop> {
    stage
        .narrator
        .chapter("Terraform installs the provider from a filesystem mirror");
    stage.terraform.write("main.tf", include_str!("invalid/main.tf"));
    let run = stage.good(&["init"])?;
    stage.narrator.quote(
        run.stdout
            .lines()
            .filter(|line| line.contains("facets-gpu v") || line.contains("initialized!")),
    );
    Ok(())
}

fn refused(stage: &Stage<'_>) -> Result<(), Stop> {
    stage
        .narrator
        .chapter("Three mistakes in one configuration: all are told at plan, each at its line");
    stage.refused()?;
    stage.narrator.remark(&format!(
        "Requests to Google so far: {}.",
        stage.emulator.requests().len()
    ));
    Ok(())
}

fn planned(stage: &Stage<'_>) -> Result<(), Stop> {
    stage.narrator.chapter(
        "Ten tasks, two at a time, a GPU each: the plan already knows the URL and the cost in GPU hours",
    );
    stage.terraform.write("main.tf", include_str!("contract/main.tf"));
    let run = stage.good(&["plan", "-out=job.tfplan"])?;
    let telling = [
        "# facets_gpu",
        "+ execution_url",
        "+ max_gpu_hours",
        "+ task_count",
        "+ parallelism",
        "+ cpu",
        "+ memory",
    ];
    let body = run.stdout.lines().take_while(|line| !line.starts_with("Plan:"));
    stage.narrator.quote(
        body.map(str::trim)
            .filter(|line| telling.iter().any(|word| line.starts_with(word))),
    );
    stage
        .narrator
        .quote(run.stdout.lines().filter(|line| line.starts_with("Plan:")));
    Ok(())
}

fn applied(stage: &Stage<'_>) -> Result<(), Stop> {
    stage
        .narrator
        .chapter("Applied: Google is waited for without polling, then the outputs are there");
    let run = stage.good(&["apply", "job.tfplan"])?;
    stage.narrator.quote(
        run.stdout
            .lines()
            .filter(|line| line.contains("complete") || line.contains(": Creating")),
    );
    let run = stage.good(&["output"])?;
    stage.narrator.quote(run.stdout.lines());
    Ok(())
}

fn stable(stage: &Stage<'_>) -> Result<(), Stop> {
    stage
        .narrator
        .chapter("The job is read back, and nothing is left to do");
    let run = stage.good(&["plan", "-detailed-exitcode"])?;
    stage
        .narrator
        .quote(run.stdout.lines().filter(|line| line.starts_with("No changes")));
    Ok(())
}

fn executed(stage: &Stage<'_>) -> Result<(), Stop> {
    stage.narrator.chapter("execution_url starts an execution");
    let url = stage.terraform.output("execution_url");
    let path = url
        .as_str()
        .and_then(|url| url.strip_prefix("https://run.googleapis.com"));
    let path = path.ok_or_else(|| Stop::Failed(format!("{url} is not an address of Google's")))?;
    stage.narrator.command(&format!(
        "curl -X POST -H \"authorization: Bearer ...\" -d '{{}}' {}{path}",
        stage.emulator.address()
    ));
    let (status, answer) = stage.emulator.api("POST", path, Some(&json!({})));
    let name = answer["metadata"]["name"].as_str().unwrap_or_default();
    if status != 200 || name.is_empty() {
        return Err(Stop::Failed(format!(
            "the execution was not started: {status} {answer}"
        )));
    }
    stage
        .narrator
        .remark(&format!("started {}", name.rsplit('/').next().unwrap_or(name)));
    let execution = finished(stage, name)?;
    stage.narrator.remark(&format!(
        "{} of {} tasks succeeded",
        execution["succeededCount"], execution["taskCount"]
    ));
    Ok(())
}

/// The execution once all its tasks are done.
fn finished(stage: &Stage<'_>, name: &str) -> Result<Value, Stop> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        let (_, execution) = stage.emulator.api("GET", &format!("/v2/{name}"), None);
        if execution["completionTime"].is_string() {
            return Ok(execution);
        }
        stage.pause()?;
    }
    Err(Stop::Failed(format!("the execution {name} does not end")))
}

fn changed(stage: &Stage<'_>) -> Result<(), Stop> {
    stage
        .narrator
        .chapter("Five at a time from now on: changed in place");
    let run = stage.good(&["apply", "-auto-approve", "-var=parallelism=5"])?;
    stage
        .narrator
        .quote(run.stdout.lines().map(str::trim).filter(|line| {
            line.contains("parallelism ") || line.starts_with("Plan:") || line.contains("complete")
        }));
    Ok(())
}
