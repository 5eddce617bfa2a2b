//! The first part: the lifecycle of a job with the resource.

use crate::fixtures::Fixture;
use crate::{Stop, run};

/// Runs the first part.
pub(crate) fn run(fixture: &Fixture<'_>) -> Result<(), Stop> {
    install(fixture)?;
    plan_invalid(fixture)?;
    plan(fixture)?;
    apply(fixture)?;
    plan_again(fixture)?;
    run::run(fixture)?;
    update(fixture)?;
    fixture.printer.step("Destroy everything");
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
    fixture.printer.line("");
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

fn update(fixture: &Fixture<'_>) -> Result<(), Stop> {
    fixture
        .printer
        .step("Change the parallelism: the job is updated in place, and does not run again");
    let run = fixture.run_ok(&["apply", "-auto-approve", "-var=parallelism=5"])?;
    fixture
        .printer
        .quote(run.stdout.lines().map(str::trim).filter(|line| {
            line.contains("parallelism ") || line.starts_with("Plan:") || line.contains("complete")
        }));
    run::assert_executions(fixture)
}
