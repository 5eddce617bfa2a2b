//! Image references: valid ones, errors and warnings.

use super::{config, diagnostics};
use crate::job::model::Job;
use proptest::prelude::*;

fn image(image: &str) -> String {
    let image = serde_json::Value::from(image);
    format!(r#"{{"container": {{"image": {image}}}}}"#)
}

fn digest(hex: char) -> String {
    format!("sha256:{}", String::from(hex).repeat(64))
}

#[test]
fn valid_references_pass() {
    for valid in [
        "i",
        "i:1",
        "library/i",
        "acme/train:v1.2_3-rc",
        "docker.io/i",
        "docker.io/library/i:1.2",
        "index.docker.io/acme/i",
        "gcr.io/p/i",
        "us.gcr.io/p/a/b/c:1",
        "gcr.io/example.com/p/i",
        "GCR.io/p/i",
        "us-docker.pkg.dev/p/r/i",
        "us-docker.pkg.dev/acme-lab/ml/train:1",
        "europe-west4-docker.pkg.dev/p/r/a/b/c",
        "us-docker.pkg.dev/example.com/p/r/i:1",
        "us-docker.pkg.dev/p/r/a__b.c--d:_latest",
        "?",
    ] {
        assert_eq!(diagnostics(&image(valid)), "");
    }
    assert_eq!(diagnostics(&image(&format!("i:{}", "t".repeat(128)))), "");
    assert_eq!(diagnostics(&image(&format!("gcr.io/p/i@{}", digest('a')))), "");
    assert_eq!(
        diagnostics(&image(&format!("us-docker.pkg.dev/p/r/i:1@{}", digest('0')))),
        ""
    );
}

#[test]
fn malformed_references_are_errors() {
    for (invalid, reason) in [
        ("", "the value is empty"),
        ("https://gcr.io/p/i", "scheme"),
        ("a b", "white space"),
        ("gcr.io/p/i:1\n", "white space"),
        ("gcr.io/p/i\t", "white space"),
        ("gcr.io/p/ïmage", "non-ASCII characters"),
        ("train:", "the tag is empty"),
        ("gcr.io/p/train:", "the tag is empty"),
        ("localhost:5000/train:", "the tag is empty"),
        ("gcr.io/p/train:feature/x", "the tag contains /"),
        ("train:feature/x", "the tag contains /"),
        ("p/train:/", "the tag contains /"),
        ("gcr.io/p/train:1:2", "more than one tag"),
        ("train:1:2", "more than one tag"),
        ("train::", "more than one tag"),
        ("train::1", "more than one tag"),
        ("gcr.io/p/i:v1+cuda", "the tag is not"),
        ("gcr.io/p/i:-1", "the tag is not"),
        ("gcr.io/p/i:.1", "the tag is not"),
        ("gcr.io/p/i:${tag}", "the tag is not"),
        ("gcr.io/p/i:a~b", "the tag is not"),
        ("gcr.io/P/i", "the name has a part"),
        ("Train", "the name has a part"),
        ("gcr.io/", "the name has a part"),
        ("gcr.io//i", "the name has a part"),
        ("gcr.io/p/", "the name has a part"),
        ("/p/i", "the name has a part"),
        ("//gcr.io/p/i", "the name has a part"),
        ("gcr.io/p/i-", "the name has a part"),
        ("gcr.io/p/-i", "the name has a part"),
        ("gcr.io/p/a..b", "the name has a part"),
        ("gcr.io/p/../i", "the name has a part"),
        ("gcr.io/p/a___b", "the name has a part"),
        ("gcr.io/p/a._b", "the name has a part"),
        (":1", "the name has a part"),
        ("gcr.io:/p/i", "the registry is not"),
        ("gcr.io:https/p/i", "the registry is not"),
        ("gcr.io:99999/p/i", "the registry is not"),
        ("gcr.io:+80/p/i", "the registry is not"),
        (":5000/i", "the registry is not"),
        ("gcr..io/p/i", "the registry is not"),
        ("-gcr.io/p/i", "the registry is not"),
        ("gcr_.io/p/i", "the registry is not"),
        ("i@", "the digest is not"),
        ("i@sha256:12", "the digest is not"),
        ("i@sha256", "the digest is not"),
        ("i@1", "the digest is not"),
    ] {
        let errors = super::super::validate(&Job::read(&config(&image(invalid))));
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        let expected = "error at container.image: Invalid container image";
        assert!(
            errors.len() == 1 && errors[0].starts_with(expected),
            "{invalid:?}: {errors:?}"
        );
        assert!(errors[0].contains(reason), "{invalid:?}: {errors:?}");
    }
    let hex = digest('a');
    for invalid in [
        format!("i:{}", "t".repeat(129)),
        "a/".repeat(600),
        format!("i:@{hex}"),
        format!("i@{hex}:1"),
        format!("i@{hex}@{hex}"),
        format!("i@{hex}a"),
        format!("i@{}", digest('A')),
        format!("i@{}", digest('g')),
        format!("i@{}", hex.replace("256", "512")),
        format!("@{hex}"),
    ] {
        let diagnostics = diagnostics(&image(&invalid));
        assert!(
            diagnostics.starts_with("error at container.image: Invalid container image"),
            "{invalid}: {diagnostics}"
        );
    }
}

#[test]
fn unsupported_registry_is_a_warning() {
    for unsupported in [
        "nvcr.io/nvidia/pytorch:24.01-py3",
        "quay.io/p/i",
        "ghcr.io/p/i:1",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/i:1",
        "public.ecr.aws/p/i",
        "mcr.microsoft.com/i",
        "registry.gitlab.com/p/i",
        "localhost/i",
        "localhost:5000/i",
        "registry:5000/i",
        "train:1/x",
        "gcr.io:443/p/i",
        "notgcr.io/p/i",
        "gcr.io.example.com/p/i",
        "pkg.dev/p/r/i",
        "evilpkg.dev/p/r/i",
        "mydocker.io/i",
    ] {
        let diagnostics = diagnostics(&image(unsupported));
        assert!(
            diagnostics.starts_with("warning at container.image: Unsupported image registry"),
            "{unsupported}: {diagnostics}"
        );
    }
}

#[test]
fn incomplete_image_path_is_a_warning() {
    for incomplete in [
        "us-docker.pkg.dev/p/i:1",
        "us-docker.pkg.dev/i",
        "US-docker.pkg.dev/p/i",
        "us-docker.pkg.dev/example.com/p/i",
        "gcr.io/i",
        "eu.gcr.io/example.com/p",
    ] {
        let diagnostics = diagnostics(&image(incomplete));
        assert!(
            diagnostics.starts_with("warning at container.image: Incomplete image path"),
            "{incomplete}: {diagnostics}"
        );
    }
}

#[test]
fn image_messages_have_rule_value_and_fix() {
    let images = [
        "us-docker.pkg.dev/p/r/train:",
        "nvcr.io/nvidia/pytorch:24.01-py3",
        "us-docker.pkg.dev/p/train:1",
    ];
    insta::assert_snapshot!(images.map(|reference| diagnostics(&image(reference))).join(""));
}

proptest! {
    /// A dot in the first part makes it a registry.
    #[test]
    fn every_reference_of_the_grammar_passes(
        reference in r"(([a-z0-9]{1,5}\.){1,3}[a-z]{2,4}(:[1-9][0-9]{0,3})?/)?[a-z0-9]{1,5}((_|__|-{1,3})[a-z0-9]{1,5}){0,2}(/[a-z0-9]{1,5}((\.|_|__|-{1,3})[a-z0-9]{1,5}){0,2}){0,3}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?",
    ) {
        let diagnostics = super::super::validate(&Job::read(&config(&image(&reference))));
        prop_assert!(!diagnostics.iter().any(terraform_plugin::diagnostic::Diagnostic::is_error), "{reference}: {diagnostics:?}");
    }
}
