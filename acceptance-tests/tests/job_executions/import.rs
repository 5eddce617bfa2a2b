//! Import of executions.

use super::{RUN, config, long, run_job, runs, setup};
use crate::harness::{Emulator, Terraform};
use crate::tests::import::generate_for;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn imported_execution_is_not_run_again() {
    let (emulator, terraform) = setup(&[long()], "");
    terraform
        .run(&[
            "apply",
            "-auto-approve",
            "-input=false",
            "-target=facets_gpu_cloudrun_job.render",
        ])
        .succeeds();
    let name = run_job(&emulator);
    emulator.clear_requests();
    let triggers = "triggers = { day = \"1\" }\n  args = [\"--draft\"]";
    terraform.write("main.tf", &config(triggers));
    terraform.run(&["import", "-input=false", RUN, &name]).succeeds();
    let state = terraform.state(RUN);
    assert_eq!(
        (&state["state"], &state["id"]),
        (&"RUNNING".into(), &name.as_str().into())
    );
    emulator.advance_clock("1h");
    terraform
        .plan(&[])
        .prints("Warning: Imported execution")
        .prints("triggers, args");
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 1 changed, 0 destroyed");
    assert_eq!(runs(&emulator), 0);
    terraform.assert_no_changes();
    assert_eq!(terraform.state(RUN)["state"], "SUCCEEDED");

    terraform.write("main.tf", &config(&triggers.replace('1', "2")));
    terraform
        .apply()
        .succeeds()
        .does_not_print("Imported execution")
        .prints("1 added, 0 changed, 1 destroyed");
    assert_eq!(runs(&emulator), 1);
}

/// An applied execution that was removed from the state, and its `import` block in `import.tf`.
fn removed_with_import_block() -> (Emulator, Terraform, String) {
    let (emulator, terraform) = setup(&[], "");
    terraform.apply().succeeds();
    let id = terraform.state(RUN)["id"].clone();
    terraform.run(&["state", "rm", RUN]).succeeds();
    let import = format!("import {{\n  to = {RUN}\n  id = {id}\n}}\n");
    terraform.write("import.tf", &import);
    (emulator, terraform, import)
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn first_apply_ends_the_import() {
    let (emulator, terraform, _) = removed_with_import_block();
    terraform
        .apply()
        .succeeds()
        .does_not_print("Imported execution")
        .prints("1 imported, 0 added, 1 changed, 0 destroyed");
    terraform.assert_no_changes();
    terraform.write("main.tf", &config("triggers = { day = \"1\" }"));
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 0 changed, 1 destroyed");
    assert_eq!(runs(&emulator), 2);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn generated_config_imports_execution() {
    let (emulator, terraform, import) = removed_with_import_block();
    terraform.write("main.tf", &crate::tests::job("job = { max_retries = 0 }"));
    generate_for(&terraform, &import);
    terraform
        .apply()
        .succeeds()
        .prints("1 imported, 0 added, 1 changed, 0 destroyed");
    terraform.assert_no_changes();
    assert_eq!(runs(&emulator), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn other_ids_are_refused() {
    let (emulator, terraform) = setup(&[], "");
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RUN]).succeeds();
    emulator.clear_requests();
    for (id, expected) in [
        (
            "render-x7k2p",
            "must be projects/PROJECT/locations/LOCATION/jobs/JOB/executions/EXECUTION",
        ),
        (
            "projects/acme-batch/locations/us-central1/jobs/render",
            "Invalid import ID",
        ),
    ] {
        terraform
            .run(&["import", "-input=false", RUN, id])
            .fails_with(expected);
    }
    assert!(emulator.request_lines().is_empty());
    let missing = "projects/acme-batch/locations/us-central1/jobs/render/executions/render-missing";
    terraform
        .run(&["import", "-input=false", RUN, missing])
        .fails_with("Execution read failed");
    assert_eq!(terraform.state_of(RUN), None);
}
