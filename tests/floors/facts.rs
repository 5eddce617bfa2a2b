//! Facts that stand in one place: those about GPUs, and the environment variables.

use facets_gpu::gpu::CATALOGUE;
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
fn the_readme_tells_every_choice_of_the_catalogue() {
    let mut rule = Rule::new(
        "README.md names every GPU, region and amount of memory of the catalogue, and every number of vCPUs.",
        "Bring the table of the resource in README.md up to date.",
    );
    let readme = read("README.md");
    let cpus = CATALOGUE
        .iter()
        .flat_map(|gpu| gpu.cpus.iter().map(u64::to_string));
    for fact in facts().into_iter().chain(cpus) {
        if !readme.contains(&format!("`{fact}`")) {
            rule.broken(format!("README.md has no `{fact}`"));
        }
    }
    rule.judge();
}

#[test]
fn every_environment_variable_is_documented() {
    let mut rule = Rule::new(
        "docs/credentials.md names the environment variables of src/provider/environment.rs, all of them and no others.",
        "Bring docs/credentials.md up to date.",
    );
    let code = Source::shipped("src/provider/environment.rs");
    let known: Vec<&str> = code.strings().map(|token| token.text.trim_matches('"')).collect();
    assert!(known.contains(&"GOOGLE_PROJECT"), "{known:?}");
    let document = read("docs/credentials.md");
    let told: Vec<&str> = document
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|text| is_variable(text))
        .collect();
    for name in &known {
        if !told.contains(name) {
            rule.broken(format!("docs/credentials.md does not name {name}"));
        }
    }
    for name in told.iter().filter(|name| !OTHERS.contains(name)) {
        if !known.contains(name) {
            rule.broken(format!(
                "docs/credentials.md names {name}, which the provider does not read"
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

/// Read by the libraries that look for credentials and proxies, or by Terraform itself.
const OTHERS: &[&str] = &[
    "GOOGLE_APPLICATION_CREDENTIALS",
    "HTTPS_PROXY",
    "NO_PROXY",
    "TF_LOG",
];
