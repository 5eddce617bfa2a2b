//! The contract: the page that README.md begins with, kept byte for byte, and the facts that it tells.

use facets_gpu::duration;
use facets_gpu::gpu::{self, CATALOGUE, JOB_LIMITS};
use facets_gpu::job::schema::EGRESS;
use facets_gpu::quantity::Memory;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::field::provider;
use crate::rule::Rule;
use crate::{module, repository, yaml};

/// The contract ends here; what follows in README.md are notes of ours.
const LENGTH: usize = 3834;
const SHA_256: &str = "8ea937d0ecd35112907a30cfea68af17fd281e54070c3bc4bf5aa3813fb88e41";

#[test]
fn the_readme_begins_with_the_contract() {
    assert_eq!(
        fingerprint(&contract()),
        SHA_256,
        "README.md of the module begins with the contract, byte for byte: restore it, and write notes after it"
    );
}

#[test]
fn notes_begin_with_a_heading_of_their_own() {
    let readme = repository::read(&module("README.md"));
    let notes = readme[LENGTH..].trim_start();
    assert!(notes.is_empty() || notes.starts_with("## "), "{notes:.80}");
}

#[test]
fn the_contract_shows_the_defaults() {
    let mut rule = Rule::new(
        "A value that the contract shows beside a setting is what a blueprint without it gets.",
        "Restore the default in src/job/schema.rs or src/gpu/catalogue.rs: the contract wins.",
    );
    let contract = contract();
    let settings = ["container", "gpu", "job", "resources", "secrets", "vpc_access"];
    let fields = provider::fields(&settings);
    let blocks = yaml::blocks(&contract).into_iter();
    let fragments: Vec<Value> = blocks
        .filter(|block| block.starts_with("spec:"))
        .map(|block| yaml::parse("README.md", block)["spec"].clone())
        .collect();
    let mut seen: Vec<&str> = fragments.iter().flat_map(yaml::keys).collect();
    seen.sort_unstable();
    assert_eq!(seen, settings, "each group of settings has a fragment");
    for (path, value) in fragments.iter().flat_map(|spec| yaml::leaves("", spec)) {
        match fields.get(&path) {
            None => rule.broken(format!("the contract has {path}, the provider has not")),
            Some(field) => {
                if field.default.as_ref().is_some_and(|default| *default != value) {
                    rule.broken(format!(
                        "{path}: the contract shows {value}, the default is {:?}",
                        field.default
                    ));
                }
            }
        }
    }
    rule.judge();
}

#[test]
fn the_contract_tells_what_the_catalogue_accepts() {
    let mut rule = Rule::new(
        "The contract and the provider's catalogue tell the same values, ranges, regions and launch stage.",
        "Correct src/gpu/catalogue.rs: the contract wins.",
    );
    let contract = contract();
    let comments = comments(&contract);
    for (setting, start) in commented() {
        if !comments
            .iter()
            .any(|(key, comment)| *key == setting && comment.starts_with(&start))
        {
            rule.broken(format!(
                "{setting}: the catalogue means {start:?}, the contract says {comments:?}"
            ));
        }
    }
    for phrase in told() {
        if !contract.contains(&phrase) {
            rule.broken(format!("the contract does not say {phrase:?}"));
        }
    }
    rule.judge();
}

#[test]
fn the_head_of_the_form_is_that_of_the_contract() {
    let mut rule = Rule::new(
        "facets.yaml names the module, its inputs and its output as the tables of the contract do.",
        "Correct facets.yaml: the contract wins.",
    );
    let contract = contract();
    let facets = yaml::read(&module("facets.yaml"));
    let mut rows = vec![
        format!("- **Intent:** `{}`", text(&facets["intent"])),
        format!("- **Flavor:** `{}`", text(&facets["flavor"])),
        format!("- **Version:** `{}`", text(&facets["version"])),
        format!("- **Cloud:** {}", text(&facets["clouds"][0]).to_uppercase()),
    ];
    for (name, input) in yaml::members(&facets["inputs"]) {
        let required = if input["optional"] == true { "No" } else { "Yes" };
        let description = text(&input["description"]).split(';').next().unwrap_or_default();
        rows.push(format!(
            "| `{name}` | `{}` | {required} | {description} |",
            text(&input["type"])
        ));
    }
    for (name, output) in yaml::members(&facets["outputs"]) {
        rows.push(format!("| `{name}` | `{}` | ", text(&output["type"])));
    }
    for row in &rows {
        if !contract.lines().any(|line| line.starts_with(row.as_str())) {
            rule.broken(format!("the contract has no line {row:?}"));
        }
    }
    let told = contract.lines().filter(|line| line.starts_with("| `")).count();
    if told != rows.len() - 4 {
        rule.broken(format!(
            "the contract has {told} inputs and outputs, facets.yaml {}",
            rows.len() - 4
        ));
    }
    rule.judge();
}

/// How the comment beside a setting begins, after what the catalogue says.
fn commented() -> Vec<(&'static str, String)> {
    let gpu = gpu::default();
    let join = |values: Vec<String>| values.join(", ");
    let cpus = join(gpu.cpus.iter().map(u64::to_string).collect());
    let memory = join(
        gpu.memory_gib
            .iter()
            .map(|gib| Memory::gib(*gib).to_string())
            .collect(),
    );
    let short = gpu.title.trim_start_matches("NVIDIA ");
    let between = |range: &std::ops::RangeInclusive<i64>| format!("{}–{}", range.start(), range.end());
    let only = if CATALOGUE.len() == 1 {
        "only supported GPU type for jobs"
    } else {
        "one of several"
    };
    vec![
        ("type", only.to_owned()),
        (
            "cpu",
            format!("{cpus} vCPUs (minimum {} required for {short})", gpu.cpus[0]),
        ),
        (
            "memory",
            format!(
                "{memory} (minimum {} required for {short})",
                Memory::gib(gpu.memory_gib[0])
            ),
        ),
        ("task_count", format!("{},", between(&JOB_LIMITS.task_count))),
        ("parallelism", format!("{},", between(&JOB_LIMITS.parallelism))),
        ("max_retries", format!("{} ", between(&JOB_LIMITS.max_retries))),
        (
            "task_timeout",
            format!("up to {} ", duration::to_words(JOB_LIMITS.task_timeout)),
        ),
        ("egress", EGRESS.map(|(name, _)| name).join(" or ")),
    ]
}

/// What the text around the fragments tells, after what the catalogue says.
fn told() -> Vec<String> {
    let gpu = gpu::default();
    let regions: Vec<String> = gpu.regions.iter().map(|region| format!("`{region}`")).collect();
    let hours = JOB_LIMITS.task_timeout.as_secs() / 3600;
    vec![
        format!("Available in {}.\n", regions.join(", ")),
        format!("**{} requirements:**", gpu.name),
        format!(
            "minimum {} vCPUs and {}GiB memory",
            gpu.cpus[0], gpu.memory_gib[0]
        ),
        format!("{} GPU acceleration", gpu.title),
        format!("Tasks run up to {} days ({hours} hours)", hours / 24),
        format!("Cloud Run's {} launch stage", JOB_LIMITS.launch_stage),
    ]
}

/// The comments of YAML lines, with the key that each stands beside.
fn comments(contract: &str) -> Vec<(&str, &str)> {
    let lines = yaml::blocks(contract).into_iter().flat_map(str::lines);
    lines
        .filter_map(|line| line.split_once(" # "))
        .map(|(setting, comment)| (setting.trim().split(':').next().unwrap_or_default(), comment))
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("(no text)")
}

fn contract() -> String {
    let readme = repository::read(&module("README.md"));
    readme
        .get(..LENGTH)
        .expect("README.md begins with the whole contract")
        .to_owned()
}

fn fingerprint(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
