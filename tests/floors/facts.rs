//! Facts that stand in one place: those about GPUs, and the environment variables.

use std::ops::RangeInclusive;

use facets_gpu::duration::{to_api, to_words};
use facets_gpu::gpu::{CATALOGUE, JOB_LIMITS};
use facets_gpu::quantity::Memory;

use crate::repository::read;
use crate::rule::Rule;
use crate::source::{self, Source};

#[test]
fn a_gpu_fact_stands_once() {
    let mut rule = Rule::new(
        "A GPU fact (name, region, amount of memory) is written in src/gpu/catalogue.rs and nowhere else in the code.",
        "Take it from gpu::CATALOGUE or gpu::default().",
    );
    let facts = facts();
    for source in source::shipped() {
        if source.path == "src/gpu/catalogue.rs" {
            continue;
        }
        for token in source.strings() {
            for fact in facts.iter().filter(|fact| token.text.contains(fact.as_str())) {
                rule.broken(format!("{} writes {fact} in {}", source.at(token), token.text));
            }
        }
    }
    rule.judge();
}

#[test]
fn the_catalogue_writes_what_the_guard_looks_for() {
    let catalogue = Source::shipped("src/gpu/catalogue.rs");
    for gpu in CATALOGUE {
        for fact in gpu.regions.iter().chain([&gpu.name]) {
            let quoted = format!("\"{fact}\"");
            assert!(catalogue.strings().any(|token| token.text == quoted), "{fact}");
        }
    }
}

#[test]
fn the_readme_tells_the_facts_of_the_catalogue() {
    let mut rule = Rule::new(
        "README.md tells every GPU, region, amount of memory, number of vCPUs and limit of the catalogue.",
        "Bring the tables in README.md up to date.",
    );
    let readme = read("README.md");
    for phrase in choices().into_iter().chain(limits()) {
        if !readme.contains(&phrase) {
            rule.broken(format!("README.md does not say {phrase:?}"));
        }
    }
    rule.judge();
}

/// What one can choose, as the README writes it.
fn choices() -> Vec<String> {
    let cpus = CATALOGUE
        .iter()
        .flat_map(|gpu| gpu.cpus.iter().map(u64::to_string));
    facts()
        .into_iter()
        .chain(cpus)
        .map(|fact| format!("`{fact}`"))
        .collect()
}

/// How far one can go, as the README writes it.
fn limits() -> Vec<String> {
    let between =
        |name: &str, range: &RangeInclusive<i64>| format!("`{name}` {} to {}", range.start(), range.end());
    let mut limits = vec![
        between("task_count", &JOB_LIMITS.task_count),
        between("parallelism", &JOB_LIMITS.parallelism),
        between("max_retries", &JOB_LIMITS.max_retries),
        format!("`task_timeout` up to {}", to_words(JOB_LIMITS.task_timeout)),
        format!("`{}`", JOB_LIMITS.launch_stage),
        format!("`{}`", to_api(JOB_LIMITS.default_task_timeout)),
    ];
    for google in CATALOGUE.iter().map(|gpu| &gpu.google) {
        limits.push(format!("{} to {}", google.cpus.least, google.cpus.most));
        limits.push(format!("more than {}Gi for each vCPU", google.memory_gib_per_cpu));
        limits.push(format!("more than {}", to_words(google.task_timeout)));
    }
    limits
}

#[test]
fn every_environment_variable_is_documented() {
    let mut rule = Rule::new(
        "docs/guides/credentials.md names the environment variables of src/provider/environment.rs, all of them and no others.",
        "Bring docs/guides/credentials.md up to date.",
    );
    let code = Source::shipped("src/provider/environment.rs");
    let known: Vec<&str> = code.strings().map(|token| token.text.trim_matches('"')).collect();
    assert!(known.contains(&"GOOGLE_PROJECT"), "{known:?}");
    let document = read("docs/guides/credentials.md");
    let told: Vec<&str> = document
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|text| is_variable(text))
        .collect();
    for name in &known {
        if !told.contains(name) {
            rule.broken(format!("docs/guides/credentials.md does not name {name}"));
        }
    }
    for name in told.iter().filter(|name| !OTHERS.contains(name)) {
        if !known.contains(name) {
            rule.broken(format!(
                "docs/guides/credentials.md names {name}, which the provider does not read"
            ));
        }
    }
    rule.judge();
}

/// Names, regions and amounts of memory; numbers of vCPUs are too common to be looked for in code.
fn facts() -> Vec<String> {
    let of_one = |gpu: &facets_gpu::gpu::Gpu| {
        let words = gpu
            .regions
            .iter()
            .chain([&gpu.name, &gpu.title])
            .map(ToString::to_string);
        let memory = gpu.memory_gib.iter().map(|gib| Memory::gib(*gib).to_string());
        words.chain(memory).collect::<Vec<_>>()
    };
    CATALOGUE.iter().flat_map(of_one).collect()
}

fn is_variable(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| *c != '_');
    text.contains('_') && letters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// Read where credentials are opened, by the library that knows proxies, or by Terraform itself.
const OTHERS: &[&str] = &[
    "ALL_PROXY",
    "GCE_METADATA_HOST",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TF_LOG",
];
