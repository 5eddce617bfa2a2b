//! What GitHub runs is what a person runs: make's targets, with as few rights as each job needs.

use serde_json::Value;

use crate::repository::{files, read};
use crate::rule::Rule;

#[test]
fn workflows_run_targets_of_the_makefile() {
    let mut rule = Rule::new(
        "What a workflow does to this repository is a target of the Makefile.",
        "Correct the target, or make one of the command.",
    );
    let targets = targets(&read("Makefile"));
    let mut seen = 0;
    for (path, workflow) in workflows() {
        for command in commands(&workflow) {
            match Command::of(&command) {
                Command::Make(target) => {
                    seen += 1;
                    if !targets.contains(&target) {
                        rule.broken(format!("{path} runs make {target}"));
                    }
                }
                Command::Ours => rule.broken(format!("{path} runs {command}")),
                Command::Other => {}
            }
        }
    }
    assert!(seen > 3, "the guard has seen only {seen} targets");
    rule.judge();
}

#[test]
fn workflows_have_no_more_rights_than_they_need() {
    let mut rule = Rule::new(
        "A workflow may read this repository and nothing more; a job that must write says what.",
        "Give the workflow `permissions: contents: read`, and the job the one it needs.",
    );
    for (path, workflow) in workflows() {
        if workflow["permissions"] != serde_json::json!({ "contents": "read" }) {
            rule.broken(format!("{path} has {}", workflow["permissions"]));
        }
        for (name, job) in workflow["jobs"].as_object().into_iter().flatten() {
            if job["permissions"].is_string() {
                rule.broken(format!("{path}, {name} has {}", job["permissions"]));
            }
        }
    }
    rule.judge();
}

#[test]
fn workflows_pin_actions_by_major_version() {
    let mut rule = Rule::new(
        "An action of somebody else's is named with its major version, such as @v4.",
        "Name the version.",
    );
    let mut seen = 0;
    for (path, workflow) in workflows() {
        for action in steps(&workflow).filter_map(|step| step["uses"].as_str()) {
            seen += 1;
            let version = action.split_once("@v").map_or("", |(_, version)| version);
            if version.is_empty() || !version.chars().all(|c| c.is_ascii_digit()) {
                rule.broken(format!("{path} uses {action}"));
            }
        }
    }
    assert!(seen > 3, "the guard has seen only {seen} actions");
    rule.judge();
}

/// What a line of a script does.
#[derive(Debug, PartialEq)]
enum Command {
    /// A target of the Makefile.
    Make(String),
    /// Something of this repository, past the Makefile.
    Ours,
    /// Something of the runner's: a tool that is installed, a key that is taken.
    Other,
}

impl Command {
    fn of(line: &str) -> Self {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("make") => Self::Make(words.next().unwrap_or_default().to_owned()),
            Some(word) if word == "cargo" || word.contains("release/") || word.contains(".ci/") => Self::Ours,
            _ => Self::Other,
        }
    }
}

fn workflows() -> Vec<(String, Value)> {
    let paths = files(".github/workflows", &[".yml", ".yaml"]);
    assert!(
        paths.contains(&".github/workflows/release.yml".to_owned()),
        "{paths:?}"
    );
    let parse = |path: &String| serde_saphyr::from_str(&read(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    paths.iter().map(|path| (path.clone(), parse(path))).collect()
}

fn steps(workflow: &Value) -> impl Iterator<Item = &Value> {
    let jobs = workflow["jobs"].as_object().into_iter().flatten();
    jobs.flat_map(|(_, job)| job["steps"].as_array().into_iter().flatten())
}

/// Each command of each script, one for each side of `&&`, `||` and `;`.
fn commands(workflow: &Value) -> Vec<String> {
    let scripts = steps(workflow).filter_map(|step| step["run"].as_str());
    scripts
        .flat_map(|script| script.split(['\n', ';', '&', '|']))
        .map(|command| command.trim().to_owned())
        .filter(|command| !command.is_empty())
        .collect()
}

fn targets(makefile: &str) -> Vec<String> {
    let names = makefile
        .lines()
        .filter_map(|line| line.split_once(':').map(|(name, _)| name));
    names.map(str::to_owned).collect()
}

#[test]
fn commands_are_found_wherever_they_stand() {
    let workflow = serde_json::json!({ "jobs": { "a": { "steps": [
        { "uses": "x/y@v1" },
        { "run": "true && make lint\nmake dist PLATFORM=x" },
    ] } } });
    let commands = commands(&workflow);
    assert_eq!(commands, ["true", "make lint", "make dist PLATFORM=x"]);
    assert_eq!(Command::of(&commands[2]), Command::Make("dist".to_owned()));
    assert_eq!(Command::of("cargo test"), Command::Ours);
    assert_eq!(Command::of("./release/pack.sh"), Command::Ours);
    assert_eq!(Command::of("rustup show"), Command::Other);
}
