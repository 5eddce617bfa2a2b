//! Every folder of `examples/` is run: good ones are applied, the others refused with the words that their
//! first lines promise, at the line that they promise.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{cloud, terraform};
use crate::harness::{StandIn, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn every_good_example_applies_and_is_stable() {
    let mut seen = 0;
    for folder in folders("resources/facets_gpu_cloudrun_job") {
        let (cloud, terraform) = cloud();
        terraform.copy_from(&folder);
        terraform.init().succeeds();
        terraform.apply().succeeds();
        terraform.has_nothing_to_do();
        let jobs = cloud.jobs();
        assert!(!jobs.is_empty(), "{} makes no job", folder.display());
        let protected = folder.ends_with("protected");
        let destroyed = terraform.destroy();
        if protected {
            destroyed.fails_with("Job is protected from deletion");
            assert_eq!(cloud.jobs().len(), jobs.len());
        } else {
            destroyed.succeeds();
            assert!(
                cloud.jobs().is_empty(),
                "{} leaves a job behind",
                folder.display()
            );
        }
        seen += 1;
    }
    assert!(seen >= 6, "only {seen} examples were found");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_examples_of_the_registry_page_work_together() {
    let (cloud, mut terraform) = cloud();
    // The provider's example acts as another account, whose token somebody has to give.
    let tokens = StandIn::new(|_| {
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
    terraform.write("job.tf", without_requirements(&job));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    assert_eq!(terraform.output("max_gpu_hours"), 40);
    assert_eq!(
        cloud.job("video-processor").expect("the job")["labels"]["cost-centre"],
        "media"
    );
    terraform.has_nothing_to_do();

    // The job is imported by each command of import.sh, and by the block.
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
        terraform.has_nothing_to_do();
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
        .says("1 imported, 0 added, 0 changed, 0 destroyed");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_budget_refuses_the_plan_that_exceeds_it() {
    let (cloud, terraform) = cloud();
    terraform.copy_from(&examples().join("resources/facets_gpu_cloudrun_job/budget"));
    terraform.init().succeeds();
    terraform
        .plan(&["-var=gpu_hour_budget=39"])
        .fails_with("could use 40 GPU hours; the budget is 39.");
    assert_eq!(cloud.lines(), Vec::<String>::new());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn every_refused_example_is_refused_in_its_words_at_its_line() {
    let mut faults = Vec::new();
    let folders = folders("invalid");
    let terraform = terraform();
    for folder in &folders {
        faults.extend(
            check_refused(folder, &terraform)
                .err()
                .map(|fault| format!("{}: {fault}", folder.display())),
        );
    }
    assert!(folders.len() >= 15, "only {} examples were found", folders.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Holds what `terraform validate` says against the promises in the first lines of the file.
fn check_refused(folder: &Path, terraform: &Terraform) -> Result<(), String> {
    let text = fs::read_to_string(folder.join("main.tf")).expect("a main.tf");
    let promises: Vec<Promise<'_>> = text.lines().filter_map(Promise::read).collect();
    if promises.is_empty() {
        return Err("it promises nothing".to_owned());
    }
    terraform.write("main.tf", &text);
    // All need the same provider.
    if !terraform.folder().join(".terraform").exists() {
        terraform.init().succeeds();
    }
    let told = terraform.validate();
    let errors: Vec<&Value> = told["diagnostics"]
        .as_array()
        .ok_or("no diagnostics")?
        .iter()
        .filter(|diagnostic| diagnostic["severity"] == "error")
        .collect();
    if errors.len() != promises.len() {
        return Err(format!(
            "{} errors instead of {}: {errors:#?}",
            errors.len(),
            promises.len()
        ));
    }
    for promise in promises {
        let kept = errors.iter().any(|error| {
            let line = error["range"]["start"]["line"]
                .as_u64()
                .and_then(|line| usize::try_from(line).ok());
            let line = line
                .and_then(|line| text.lines().nth(line - 1))
                .unwrap_or_default();
            error["summary"] == promise.summary && tight(line).contains(&tight(promise.code))
        });
        if !kept {
            return Err(format!(
                "no error {:?} at {:?}: {errors:#?}",
                promise.summary, promise.code
            ));
        }
    }
    Ok(())
}

/// `# error: cpu = "8": Unsupported number of vCPUs`
struct Promise<'a> {
    /// What the line holds that Terraform points at.
    code: &'a str,
    /// The summary of the error.
    summary: &'a str,
}

impl<'a> Promise<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let (code, summary) = line.strip_prefix("# error: ")?.rsplit_once(": ")?;
        Some(Self { code, summary })
    }
}

/// `terraform fmt` aligns; that is no difference.
fn tight(code: &str) -> String {
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The part after the block `terraform`, which must stand once in a configuration.
fn without_requirements(text: &str) -> &str {
    text.split_once("\n}\n").map_or(text, |(_, rest)| rest)
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// The folders below a folder of `examples/`.
fn folders(of: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(examples().join(of)).expect("a folder of examples");
    let mut folders: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}
