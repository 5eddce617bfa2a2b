//! `docs/guides/importing.md`: import blocks, generated configuration, queries and `removed` blocks.

use std::fs;

use super::shell::{Programs, blocks, output_text, section, steps};
use crate::harness::{Emulator, Feature, Terraform, requires};
use crate::tests::{RENDER, REQUIRED_PROVIDERS, init_job, job, setup};

/// A job that exists and is not in the state. The configuration has no resource.
fn setup_unmanaged_job() -> (Emulator, Terraform) {
    let (emulator, terraform) = setup();
    init_job(&terraform, r#"labels = { team = "media" }"#);
    terraform.apply().succeeds();
    terraform.remove("terraform.tfstate");
    terraform.write("main.tf", REQUIRED_PROVIDERS);
    emulator.clear_requests();
    (emulator, terraform)
}

/// Runs a step of the guide, without the confirmation of an apply, and returns its output.
fn run(terraform: &Terraform, step: &str) -> String {
    let variables = [("TF_CLI_ARGS_apply", "-auto-approve -no-color")];
    let output = Programs::new().run(terraform, &variables, step);
    let text = output_text(&output);
    assert!(output.status.success(), "{step}\n{text}");
    text
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn import_block_of_a_written_resource_has_no_provider() {
    let (emulator, terraform) = setup_unmanaged_job();
    terraform.write("main.tf", &job(r#"labels = { team = "media" }"#));
    let (_, block) = &blocks(&section("importing", "With a written configuration"))[0];
    terraform.write("import.tf", &block.replace("  to", "  provider = facets\n  to"));
    terraform.plan(&[]).fails_with("Invalid import provider argument");
    terraform.write("import.tf", block);
    terraform
        .apply()
        .succeeds()
        .prints("1 imported, 0 added, 0 changed, 0 destroyed");
    assert_eq!(emulator.writes(), [""; 0]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn one_block_imports_several_jobs() {
    if !requires(Feature::ImportForEach) {
        return;
    }
    let (emulator, terraform) = setup();
    let (_, config) = &blocks(&section("importing", "With a written configuration"))[1];
    let (import_start, rest) = config.split_once("import {").expect("an import block");
    let (_, resource) = rest.split_once("}\n\n").expect("a resource");
    let without_import = format!("{REQUIRED_PROVIDERS}{import_start}{resource}");
    terraform.write("main.tf", &without_import);
    terraform.init().succeeds();
    terraform.apply().succeeds();
    terraform.remove("terraform.tfstate");
    emulator.clear_requests();

    terraform.write("main.tf", &format!("{REQUIRED_PROVIDERS}{config}"));
    terraform
        .apply()
        .succeeds()
        .prints("2 imported, 0 added, 0 changed, 0 destroyed");
    assert_eq!(emulator.writes(), [""; 0]);
    terraform.write("main.tf", &without_import);
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn generated_configuration_imports_the_job() {
    let (emulator, terraform) = setup_unmanaged_job();
    let steps = steps(&section("importing", "With a generated configuration"));
    let [save, generate, remove_lines, apply] = &steps[..] else {
        panic!("{steps:#?}");
    };
    run(&terraform, save);
    run(&terraform, generate);
    terraform
        .plan(&[])
        .fails_with("Inconsistent dependency lock file");
    run(&terraform, remove_lines);
    let output = run(&terraform, apply);
    let expected = "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.";
    assert!(output.contains(expected), "{output}");
    assert_eq!(terraform.state(RENDER)["labels"]["team"], "media");
    assert_eq!(emulator.writes(), [""; 0]);
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn removed_block_keeps_the_job() {
    if !requires(Feature::Removed) {
        return;
    }
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    let before = emulator.job("render").expect("the job");
    emulator.clear_requests();
    let (_, block) = &blocks(&section("importing", "Stop managing a job"))[0];
    terraform.write("main.tf", &format!("{REQUIRED_PROVIDERS}{block}"));
    terraform.apply().succeeds().prints("0 destroyed");
    assert_eq!(terraform.state_of(RENDER), None);
    assert_eq!(emulator.job("render"), Some(before));
    assert_eq!(emulator.writes(), [""; 0]);
    terraform.write("main.tf", REQUIRED_PROVIDERS);
    terraform.assert_no_changes();
}

mod recent_terraform {
    use super::*;

    #[test]
    #[ignore = "needs terraform on the PATH; make test runs it"]
    fn query_generates_configuration_and_import_blocks() {
        if !requires(Feature::Query) {
            return;
        }
        let (emulator, terraform) = setup_unmanaged_job();
        let mut output = String::new();
        for step in steps(&section("importing", "With a query")) {
            output = run(&terraform, &step);
        }
        let expected = "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.";
        assert!(output.contains(expected), "{output}");
        let generated =
            fs::read_to_string(terraform.folder().join("jobs.tf.bak")).expect("the generated file");
        assert_eq!(generated.matches("= facets-gpu\n").count(), 2, "{generated}");
        assert_eq!(emulator.writes(), [""; 0]);
        terraform.assert_no_changes();
    }
}
