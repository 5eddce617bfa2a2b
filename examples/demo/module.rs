//! The second act: the same job through the Facets module, with the blueprint of its contract. What the
//! platform does around a module stands here in small: it copies the folder, makes outputs of its two locals,
//! and writes a root that calls it.

use std::fs;

use crate::Stop;
use crate::fixtures::Stage;

/// Tells the act.
pub(crate) fn tell(stage: &Stage<'_>) -> Result<(), Stop> {
    lay(stage)?;
    refused(stage)?;
    applied(stage)?;
    stage.narrator.chapter("Destroyed");
    stage.destroyed()
}

/// The root of `examples/module/` with the module beside it.
fn lay(stage: &Stage<'_>) -> Result<(), Stop> {
    let folder = stage.terraform.folder().join("gpu-job");
    fs::create_dir(&folder).map_err(|error| format!("cannot make the module's folder: {error}"))?;
    for (file, text) in MODULE {
        stage.terraform.write(&format!("gpu-job/{file}"), text);
    }
    let root = include_str!("../module/main.tf").replace("../../modules/cloudrun/gpu-job/1.0", "./gpu-job");
    stage.terraform.write("main.tf", &root);
    stage.terraform.write(
        "outputs.tf",
        "output \"my_video_processor\" {\n  value = module.my_video_processor.attributes\n}\n",
    );
    Ok(())
}

fn refused(stage: &Stage<'_>) -> Result<(), Stop> {
    stage.narrator.chapter(
        "The same job as a Facets blueprint, through the module: its mistakes are reported at plan, too",
    );
    let mistaken = BLUEPRINT.replace("max_retries: 3", "max_retries: 11");
    stage.terraform.write("blueprint.yaml", &mistaken);
    stage.narrator.command("grep -A 4 job: blueprint.yaml");
    let job = mistaken.lines().skip_while(|line| line.trim() != "job:").take(5);
    stage.narrator.quote(job);
    stage.good(&["init"])?;
    stage.refused()
}

fn applied(stage: &Stage<'_>) -> Result<(), Stop> {
    stage
        .narrator
        .chapter("The blueprint of the module's contract: applied, and what the platform hands on");
    stage.terraform.write("blueprint.yaml", BLUEPRINT);
    let run = stage.good(&["apply", "-auto-approve"])?;
    stage
        .narrator
        .quote(run.stdout.lines().filter(|line| line.contains("complete")));
    let run = stage.good(&["output"])?;
    stage.narrator.quote(run.stdout.lines());
    Ok(())
}

const BLUEPRINT: &str = include_str!("../module/blueprint.yaml");
/// The module, and the outputs that the platform makes of its locals.
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
