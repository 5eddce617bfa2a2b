//! What has no business in code that must say the same thing every time it is asked.

use crate::rule::Rule;
use crate::source::{self, Source};

/// Names that bring a clock, chance, the environment, the disk, the network or waiting with them.
const IMPURE: &[&[&str]] = &[
    &["async"],
    &["await"],
    &["tokio"],
    &["reqwest"],
    &["uuid"],
    &["rand"],
    &["Instant"],
    &["SystemTime"],
    &["OffsetDateTime"],
    &["std", "::", "env"],
    &["env", "::"],
    &["std", "::", "fs"],
    &["std", "::", "net"],
    &["std", "::", "process"],
    &["std", "::", "thread"],
    &["HashMap"],
    &["HashSet"],
];

#[test]
fn rules_plans_and_values_are_pure() {
    let mut rule = Rule::new(
        "Everything but wire, cloudrun, server and job/lifecycle is pure: no async, clock, chance, environment, disk or \
         network, and no map whose order changes from run to run. Terraform asks for a plan twice and compares.",
        "Pass the value in as an argument, do the work in job/lifecycle, or use a BTreeMap.",
    );
    let mut seen = 0;
    for source in source::shipped().iter().filter(|source| is_pure(&source.path)) {
        seen += 1;
        for found in impurities(source) {
            rule.broken(found);
        }
    }
    assert!(seen > 25, "the guard has read only {seen} files");
    rule.judge();
}

fn is_pure(path: &str) -> bool {
    let impure = ["src/wire/", "src/cloudrun/", "src/server/"];
    let program = ["src/lib.rs", "src/main.rs", "src/job/lifecycle.rs"];
    !impure.iter().any(|folder| path.starts_with(folder))
        && !program.contains(&path)
        && !path.starts_with("src/job/lifecycle/")
}

fn impurities(source: &Source) -> Vec<String> {
    let found = IMPURE.iter().flat_map(|pattern| {
        let places = source.find(pattern);
        places
            .into_iter()
            .map(|token| format!("{} has {}", source.at(token), pattern.concat()))
    });
    found.collect()
}

#[test]
fn each_impurity_is_seen() {
    for pattern in IMPURE {
        let source = Source::parse("x", &format!("fn f() {{ {} }}", pattern.join(" ")), false);
        assert!(!impurities(&source).is_empty(), "{pattern:?}");
    }
    let pure = Source::parse(
        "x",
        "fn f() { env!(\"X\"); job.env.known(); std::time::Duration::ZERO }",
        false,
    );
    assert_eq!(impurities(&pure), Vec::<String>::new());
}
