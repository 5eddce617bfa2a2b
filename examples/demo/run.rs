//! Runs the job: by the action with Terraform 1.14.1 or later, else by the resource.

use serde_json::json;

use crate::Stop;
use crate::fixtures::Fixture;
use crate::harness::{Feature, has};

/// Runs the job once. The first attempt of one task fails.
pub(crate) fn run(fixture: &Fixture<'_>) -> Result<(), Stop> {
    fixture
        .emulator
        .script_execution(json!({ "tasks": [{ "attempts": ["exit 1", "success"] }] }));
    if has(Feature::Actions) {
        run_by_action(fixture)?;
    } else {
        run_by_resource(fixture)?;
    }
    assert_executions(fixture)
}

/// Exactly one execution exists.
pub(crate) fn assert_executions(fixture: &Fixture<'_>) -> Result<(), Stop> {
    match fixture.emulator.executions().len() {
        1 => Ok(()),
        count => Err(Stop::Failed(format!("{count} executions exist instead of one"))),
    }
}

fn run_by_action(fixture: &Fixture<'_>) -> Result<(), Stop> {
    fixture
        .printer
        .step("Run the job with the action: it reports progress; the first attempt of one task fails");
    fixture.terraform.write("run.tf", include_str!("run/action.tf"));
    let run = fixture.run_ok(&["apply", "-auto-approve", &format!("-invoke={ACTION}")])?;
    // Without the repeated address, and without the warning that the demo's token cannot be renewed.
    let prefix = format!("Action {ACTION} (triggered by CLI): ");
    let progress = run.stdout.lines().filter_map(|line| line.strip_prefix(&prefix));
    fixture
        .printer
        .quote(progress.filter(|line| !line.starts_with("Access token")));
    fixture.printer.quote(
        run.stdout
            .lines()
            .filter(|line| line.starts_with("Apply complete")),
    );
    Ok(())
}

fn run_by_resource(fixture: &Fixture<'_>) -> Result<(), Stop> {
    fixture.printer.step(
        "Run the job with the resource of executions: the apply waits; the first attempt of one task fails",
    );
    fixture.terraform.write("run.tf", include_str!("run/resource.tf"));
    let run = fixture.run_ok(&["apply", "-auto-approve"])?;
    fixture.printer.quote(
        run.stdout
            .lines()
            .filter(|line| line.contains("complete") || line.contains(": Creating")),
    );
    let run = fixture.run_ok(&[
        "state",
        "show",
        "facets_gpu_cloudrun_job_execution.video_processor",
    ])?;
    let shown = [
        "name ",
        "state ",
        "succeeded_count ",
        "retried_count ",
        "log_uri ",
    ];
    let attributes = run.stdout.lines().map(str::trim);
    fixture
        .printer
        .quote(attributes.filter(|line| shown.iter().any(|name| line.starts_with(name))));
    fixture
        .printer
        .line("Terraform 1.14.1 and later can also run it with an action, which reports progress.");
    Ok(())
}

const ACTION: &str = "action.facets_gpu_cloudrun_job_run.video_processor";
