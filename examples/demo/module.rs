//! The second part: the same job with the Facets module and the blueprint of its contract. As on the platform, the module's
//! folder is copied, its locals become outputs, and a root module calls it.

use std::fs;

use crate::Stop;
use crate::fixtures::Fixture;

/// Runs the second part.
pub(crate) fn run(fixture: &Fixture<'_>) -> Result<(), Stop> {
    write_module(fixture)?;
    plan_invalid(fixture)?;
    apply(fixture)?;
    fixture.printer.step("Destroy the job");
    fixture.destroy_all()
}

/// Writes the module and the root module of `examples/module/`.
fn write_module(fixture: &Fixture<'_>) -> Result<(), Stop> {
    let folder = fixture.terraform.folder().join("gpu-job");
    fs::create_dir(&folder).map_err(|error| format!("cannot create the module's folder: {error}"))?;
    for (file, text) in MODULE {
        fixture.terraform.write(&format!("gpu-job/{file}"), text);
    }
    let root = include_str!("../module/main.tf").replace("../../modules/cloudrun/gpu-job/1.0", "./gpu-job");
    fixture.terraform.write("main.tf", &root);
    fixture.terraform.write(
        "outputs.tf",
        "output \"my_video_processor\" {\n  value = module.my_video_processor.attributes\n}\n",
    );
    Ok(())
}

fn plan_invalid(fixture: &Fixture<'_>) -> Result<(), Stop> {
    fixture
        .printer
        .step("Plan a blueprint of the Facets module with a mistake: it is an error at plan, too");
    let invalid = BLUEPRINT.replace("max_retries: 3", "max_retries: 11");
    fixture.terraform.write("blueprint.yaml", &invalid);
    fixture.printer.command("grep -A 4 job: blueprint.yaml");
    let job = invalid.lines().skip_while(|line| line.trim() != "job:").take(5);
    fixture.printer.quote(job);
    fixture.run_ok(&["init"])?;
    fixture.plan_must_fail()
}

fn apply(fixture: &Fixture<'_>) -> Result<(), Stop> {
    fixture
        .printer
        .step("Apply the blueprint without the mistake: other modules receive these outputs");
    fixture.terraform.write("blueprint.yaml", BLUEPRINT);
    let run = fixture.run_ok(&["apply", "-auto-approve"])?;
    fixture
        .printer
        .quote(run.stdout.lines().filter(|line| line.contains("complete")));
    let run = fixture.run_ok(&["output"])?;
    fixture.printer.quote(run.stdout.lines());
    Ok(())
}

const BLUEPRINT: &str = include_str!("../module/blueprint.yaml");
/// The module, and the outputs that the platform adds for its locals.
const MODULE: [(&str, &str); 5] = [
    (
        "main.tf",
        include_str!("../../modules/cloudrun/gpu-job/1.0/main.tf"),
    ),
    (
        "variables.tf",
        include_str!("../../modules/cloudrun/gpu-job/1.0/variables.tf"),
    ),
    (
        "outputs.tf",
        include_str!("../../modules/cloudrun/gpu-job/1.0/outputs.tf"),
    ),
    (
        "versions.tf",
        include_str!("../../modules/cloudrun/gpu-job/1.0/versions.tf"),
    ),
    (
        "platform.tf",
        "output \"attributes\" {\n  value = local.output_attributes\n}\n",
    ),
];
