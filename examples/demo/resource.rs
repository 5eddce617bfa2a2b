//! The first part: the lifecycle of a job with the resource.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Stop;
use crate::fixtures::Fixture;

/// Runs the first part.
pub(crate) fn run(fixture: &Fixture<'_>) -> Result<(), Stop> {
    install(fixture)?;
    plan_invalid(fixture)?;
    plan(fixture)?;
    apply(fixture)?;
    plan_again(fixture)?;
    execute(fixture)?;
    update(fixture)?;
    fixture.printer.step("Destroy the job");
    fixture.destroy_all()
}

fn install(fixture: &Fixture<'_>) -> Result<(), Stop> {
    fixture
        .printer
        .step("Install the provider from a filesystem mirror");
    fixture
        .terraform
        .write("main.tf", include_str!("invalid/main.tf"));
    let run = fixture.run_ok(&["init"])?;
    fixture.printer.quote(
        run.stdout
            .lines()
            .filter(|line| line.contains("facets-gpu v") || line.contains("initialized!")),
    );
    Ok(())
}

fn plan_invalid(fixture: &Fixture<'_>) -> Result<(), Stop> {
    fixture
        .printer
        .step("Plan a configuration with three errors: all are reported at once, each at its line");
    fixture.plan_must_fail()?;
    fixture.printer.line(&format!(
        "Requests sent to the API so far: {}.",
        fixture.emulator.requests().len()
    ));
    Ok(())
}

fn plan(fixture: &Fixture<'_>) -> Result<(), Stop> {
    fixture
        .printer
        .step("Plan a job with ten tasks, two in parallel: the plan shows the URL and the maximum GPU hours");
    fixture
        .terraform
        .write("main.tf", include_str!("contract/main.tf"));
    let run = fixture.run_ok(&["plan", "-out=job.tfplan"])?;
    let shown = [
        "# facets_gpu",
        "+ execution_url",
        "+ max_gpu_hours",
        "+ task_count",
        "+ parallelism",
        "+ cpu",
        "+ memory",
    ];
    let body = run.stdout.lines().take_while(|line| !line.starts_with("Plan:"));
    fixture.printer.quote(
        body.map(str::trim)
            .filter(|line| shown.iter().any(|word| line.starts_with(word))),
    );
    fixture
        .printer
        .quote(run.stdout.lines().filter(|line| line.starts_with("Plan:")));
    Ok(())
}

fn apply(fixture: &Fixture<'_>) -> Result<(), Stop> {
    fixture
        .printer
        .step("Apply the plan: the provider waits for the operation, then the outputs are known");
    let run = fixture.run_ok(&["apply", "job.tfplan"])?;
    fixture.printer.quote(
        run.stdout
            .lines()
            .filter(|line| line.contains("complete") || line.contains(": Creating")),
    );
    let run = fixture.run_ok(&["output"])?;
    fixture.printer.quote(run.stdout.lines());
    Ok(())
}

fn plan_again(fixture: &Fixture<'_>) -> Result<(), Stop> {
    fixture
        .printer
        .step("Plan again: the job is read back and has no changes");
    let run = fixture.run_ok(&["plan", "-detailed-exitcode"])?;
    fixture
        .printer
        .quote(run.stdout.lines().filter(|line| line.starts_with("No changes")));
    Ok(())
}

fn execute(fixture: &Fixture<'_>) -> Result<(), Stop> {
    fixture
        .printer
        .step("Start an execution with a POST to execution_url");
    let url = fixture.terraform.output("execution_url");
    let path = url
        .as_str()
        .and_then(|url| url.strip_prefix("https://run.googleapis.com"));
    let path = path.ok_or_else(|| Stop::Failed(format!("{url} is not a URL of the Cloud Run API")))?;
    fixture.printer.command(&format!(
        "curl -X POST -H \"authorization: Bearer ...\" -d '{{}}' {}{path}",
        fixture.emulator.address()
    ));
    let (status, response) = fixture.emulator.api("POST", path, Some(&json!({})));
    let name = response["metadata"]["name"].as_str().unwrap_or_default();
    if status != 200 || name.is_empty() {
        return Err(Stop::Failed(format!(
            "the execution was not started: {status} {response}"
        )));
    }
    fixture
        .printer
        .line(&format!("started {}", name.rsplit('/').next().unwrap_or(name)));
    let execution = wait_for_execution(fixture, name)?;
    fixture.printer.line(&format!(
        "{} of {} tasks succeeded",
        execution["succeededCount"], execution["taskCount"]
    ));
    Ok(())
}

/// Waits until the execution is completed.
fn wait_for_execution(fixture: &Fixture<'_>, name: &str) -> Result<Value, Stop> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        let (_, execution) = fixture.emulator.api("GET", &format!("/v2/{name}"), None);
        if execution["completionTime"].is_string() {
            return Ok(execution);
        }
        fixture.pause()?;
    }
    Err(Stop::Failed(format!("the execution {name} did not end")))
}

fn update(fixture: &Fixture<'_>) -> Result<(), Stop> {
    fixture
        .printer
        .step("Change the parallelism: the job is updated in place");
    let run = fixture.run_ok(&["apply", "-auto-approve", "-var=parallelism=5"])?;
    fixture
        .printer
        .quote(run.stdout.lines().map(str::trim).filter(|line| {
            line.contains("parallelism ") || line.starts_with("Plan:") || line.contains("complete")
        }));
    Ok(())
}
