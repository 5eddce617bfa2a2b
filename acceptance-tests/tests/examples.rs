//! Every folder of `examples/` is run: valid ones are applied, and those in `invalid/` must fail with the errors that their
//! first lines declare.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{setup, terraform};
use crate::harness::{MockServer, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn valid_examples_apply_and_plan_no_change() {
    let mut count = 0;
    let jobs = folders("resources/facets_gpu_cloudrun_job");
    let executions = folders("resources/facets_gpu_cloudrun_job_execution");
    for folder in jobs.into_iter().chain(executions) {
        let (emulator, terraform) = setup();
        terraform.copy_from(&folder);
        terraform.init().succeeds();
        terraform.apply().succeeds();
        terraform.assert_no_changes();
        let jobs = emulator.jobs();
        assert!(!jobs.is_empty(), "{} creates no job", folder.display());
        let protected = folder.ends_with("protected");
        let destroy = terraform.destroy();
        if protected {
            destroy.fails_with("Deletion protection enabled");
            assert_eq!(emulator.jobs().len(), jobs.len());
        } else {
            destroy.succeeds();
            assert!(emulator.jobs().is_empty(), "{} leaves a job", folder.display());
        }
        count += 1;
    }
    assert!(count >= 6, "only {count} examples were found");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn registry_page_examples_apply_together() {
    let (emulator, mut terraform) = setup();
    // The provider's example impersonates a service account.
    let tokens = MockServer::new(|_| {
        (
            200,
            json!({ "accessToken": "any", "expireTime": "2099-01-01T00:00:00Z" }),
        )
    });
    terraform.set("GOOGLE_IAM_CREDENTIALS_CUSTOM_ENDPOINT", tokens.address());
    let registry = examples().join("resources/facets_gpu_cloudrun_job");
    let provider =
        fs::read_to_string(examples().join("provider/provider.tf")).expect("the provider's example");
    let job = fs::read_to_string(registry.join("resource.tf")).expect("the resource's example");
    terraform.write("provider.tf", &provider);
    terraform.write("job.tf", without_terraform_block(&job));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    assert_eq!(terraform.output("max_gpu_hours"), 40);
    assert_eq!(
        emulator.job("video-processor").expect("the job")["labels"]["cost-center"],
        "media"
    );
    terraform.assert_no_changes();

    // Each command of import.sh and the import block import the job.
    let commands = fs::read_to_string(registry.join("import.sh")).expect("the example of import");
    let commands: Vec<_> = commands
        .lines()
        .filter_map(|line| line.strip_prefix("terraform "))
        .collect();
    assert_eq!(commands.len(), 3);
    for command in commands {
        terraform
            .run(&["state", "rm", "facets_gpu_cloudrun_job.video_processor"])
            .succeeds();
        terraform.run(&command.split(' ').collect::<Vec<_>>()).succeeds();
        terraform.assert_no_changes();
    }
    terraform
        .run(&["state", "rm", "facets_gpu_cloudrun_job.video_processor"])
        .succeeds();
    terraform.write(
        "import.tf",
        &fs::read_to_string(registry.join("import-by-string-id.tf")).expect("the block"),
    );
    terraform
        .apply()
        .succeeds()
        .prints("1 imported, 0 added, 0 changed, 0 destroyed");
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn execution_examples_apply_and_import() {
    let (emulator, terraform) = setup();
    let registry = examples().join("resources/facets_gpu_cloudrun_job_execution");
    let read = |file: &str| fs::read_to_string(registry.join(file)).expect("an example");
    terraform.write("main.tf", &read("resource.tf"));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    terraform.assert_no_changes();
    let address = "facets_gpu_cloudrun_job_execution.train";
    let name = terraform.state(address)["name"].clone();
    let this = |text: &str| text.replace("train-x7k2p", name.as_str().expect("a name"));
    let import = |arguments: &[&str]| {
        terraform.run(&["state", "rm", address]).succeeds();
        terraform.run(arguments).succeeds();
    };
    let command = this(&read("import.sh"));
    import(&command.split_whitespace().skip(1).collect::<Vec<_>>());
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 1 changed, 0 destroyed");
    terraform.write("import.tf", &this(&read("import-by-string-id.tf")));
    import(&["apply", "-auto-approve", "-input=false"]);
    terraform.assert_no_changes();

    terraform.write("import.tf", "");
    let data_source = examples().join("data-sources/facets_gpu_cloudrun_job_execution/data-source.tf");
    let data_source = fs::read_to_string(data_source).expect("an example");
    terraform.write("check.tf", without_terraform_block(&data_source));
    terraform
        .apply()
        .succeeds()
        .does_not_print("Check block assertion failed");
    assert_eq!(emulator.executions().len(), 1);
}

/// README.md shows the example's error, with another execution.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn readme_shows_error_of_failed_execution() {
    let readme = fs::read_to_string(examples().join("../README.md")).expect("README.md");
    let (_, error) = readme
        .split_once("```text\nError: Execution failed\n")
        .expect("an error");
    let error = error.split("```").next().expect("the end of the block");
    let (emulator, terraform) = setup();
    let example = examples().join("resources/facets_gpu_cloudrun_job_execution/resource.tf");
    terraform.write("main.tf", &fs::read_to_string(example).expect("the example"));
    terraform.init().succeeds();
    emulator.script_execution(json!({ "tasks": [{ "attempts": ["exit 1"] }] }));
    let mut run = terraform.apply().fails_with("Execution failed");
    let name = terraform.state("facets_gpu_cloudrun_job_execution.train")["name"].clone();
    for paragraph in error.split("\n\n").filter(|text| !text.trim().is_empty()) {
        run = run.prints(&paragraph.replace("train-3e163", name.as_str().expect("a name")));
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn training_with_resource_runs_each_change_once() {
    assert_training_runs_each_change_once("with-resource");
}

mod recent_terraform {
    use crate::harness::{Feature, requires};

    #[test]
    #[ignore = "needs terraform on the PATH; make test runs it"]
    fn training_with_action_runs_each_change_once() {
        if requires(Feature::Actions) {
            super::assert_training_runs_each_change_once("with-action");
        }
    }
}

/// Once for a new job, and again for more epochs.
fn assert_training_runs_each_change_once(form: &str) {
    let (emulator, terraform) = setup();
    terraform.copy_from(&examples().join("training").join(form));
    terraform.init().succeeds();
    for (epochs, runs) in [("10", 1), ("10", 1), ("20", 2)] {
        let variable = format!("-var=epochs={epochs}");
        terraform
            .run(&["apply", "-auto-approve", "-input=false", &variable])
            .succeeds();
        let executions = emulator.executions();
        assert_eq!(executions.len(), runs);
        let latest = &executions[runs - 1];
        assert_eq!(
            latest["template"]["containers"][0]["args"],
            json!(["--epochs", epochs])
        );
        assert_eq!(latest["succeededCount"], 4);
    }
    terraform.destroy().succeeds();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn budget_postcondition_fails_plan() {
    let (emulator, terraform) = setup();
    terraform.copy_from(&examples().join("resources/facets_gpu_cloudrun_job/budget"));
    terraform.init().succeeds();
    terraform
        .plan(&["-var=gpu_hour_budget=39"])
        .fails_with("could use 40 GPU hours; the budget is 39.");
    assert_eq!(emulator.request_lines(), Vec::<String>::new());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn invalid_examples_fail_at_expected_line() {
    let mut failures = Vec::new();
    let folders = folders("invalid");
    let terraform = terraform();
    for folder in &folders {
        failures.extend(
            check_invalid(folder, &terraform)
                .err()
                .map(|failure| format!("{}: {failure}", folder.display())),
        );
    }
    assert!(folders.len() >= 15, "only {} examples were found", folders.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Compares the errors of `terraform validate` with those declared in the first lines of the file.
fn check_invalid(folder: &Path, terraform: &Terraform) -> Result<(), String> {
    let text = fs::read_to_string(folder.join("main.tf")).expect("a main.tf");
    let expected_errors: Vec<ExpectedError<'_>> = text.lines().filter_map(ExpectedError::parse).collect();
    if expected_errors.is_empty() {
        return Err("it declares no error".to_owned());
    }
    terraform.write("main.tf", &text);
    // All use the same provider, so one init is enough.
    if !terraform.folder().join(".terraform").exists() {
        terraform.init().succeeds();
    }
    let result = terraform.validate();
    let errors: Vec<&Value> = result["diagnostics"]
        .as_array()
        .ok_or("no diagnostics")?
        .iter()
        .filter(|diagnostic| diagnostic["severity"] == "error")
        .collect();
    if errors.len() != expected_errors.len() {
        return Err(format!(
            "{} errors instead of {}: {errors:#?}",
            errors.len(),
            expected_errors.len()
        ));
    }
    for expected in expected_errors {
        let found = errors.iter().any(|error| {
            let line = error["range"]["start"]["line"]
                .as_u64()
                .and_then(|line| usize::try_from(line).ok());
            let line = line
                .and_then(|line| text.lines().nth(line - 1))
                .unwrap_or_default();
            error["summary"] == expected.summary && normalize(line).contains(&normalize(expected.code))
        });
        if !found {
            return Err(format!(
                "no error {:?} at {:?}: {errors:#?}",
                expected.summary, expected.code
            ));
        }
    }
    Ok(())
}

/// `# error: cpu = "8": Unsupported number of vCPUs`
struct ExpectedError<'a> {
    /// Part of the line that Terraform points at.
    code: &'a str,
    /// The summary of the error.
    summary: &'a str,
}

impl<'a> ExpectedError<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (code, summary) = line.strip_prefix("# error: ")?.rsplit_once(": ")?;
        Some(Self { code, summary })
    }
}

/// Collapses white space, because `terraform fmt` aligns.
fn normalize(code: &str) -> String {
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text after the `terraform` block, which a configuration may have only once.
fn without_terraform_block(text: &str) -> &str {
    text.split_once("\n}\n").map_or(text, |(_, rest)| rest)
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// The subfolders of a folder of `examples/`.
fn folders(path: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(examples().join(path)).expect("a folder of examples");
    let mut folders: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}
