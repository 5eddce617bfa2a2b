//! Compares README.md and the other documents with the files and variables that they name.

use std::path::Path;

use facets_gpu::FacetsGpu;
use terraform_plugin::Provider as _;
use terraform_plugin::redact::Redactor;
use terraform_plugin::value::Value;

use crate::{files, read, root};

#[test]
fn documented_paths_exist() {
    let mut missing = Vec::new();
    for document in files("", ".md") {
        let text = read(&document);
        let code_spans = text.split('`').skip(1).step_by(2);
        let paths = code_spans.filter(|span| {
            let folder = span.split('/').next().unwrap_or_default();
            [
                "docs",
                "dev",
                "crates",
                "emulator",
                "examples",
                "src",
                "tests",
                "acceptance-tests",
                "modules",
                "outputs",
            ]
            .contains(&folder)
                && !span.contains(|c: char| c.is_whitespace() || "*<>{}…$".contains(c))
        });
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#']).next());
        for name in paths.chain(links.filter(|link| !link.contains(':') && !link.starts_with('<'))) {
            if !Path::new(&document)
                .ancestors()
                .skip(1)
                .any(|folder| root().join(folder).join(name).exists())
            {
                missing.push(format!("{document} names {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "these paths do not exist: {missing:#?}");
}

#[test]
fn readme_snippets_come_from_examples() {
    let examples: Vec<String> = files("examples", ".tf").iter().map(|path| read(path)).collect();
    let readme = read("README.md");
    let blocks = readme
        .split("```hcl\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .filter(|block| block.contains("resource \"facets_"));
    let blocks: Vec<&str> = blocks.collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        assert!(
            examples.iter().any(|example| example.contains(block)),
            "no example has: {block}"
        );
    }
}

/// The README shows the output of a plan of `examples/invalid/unsupported-cpu`; acceptance tests compare the summary.
#[test]
fn readme_shows_current_diagnostic() {
    let string = |text: &str| Value::from(text);
    let config = Value::from([
        ("name", string("render")),
        (
            "container",
            Value::from([("image", string("us-docker.pkg.dev/a/b/c:1"))]),
        ),
        (
            "resources",
            Value::from([("cpu", string("8")), ("memory", string("80Gi"))]),
        ),
    ]);
    let provider = FacetsGpu::new(Redactor::default());
    let diagnostics = provider.resources()[0].validate(&config);
    let readme = words(&read("README.md"));
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    for text in [&diagnostics[0].summary, &diagnostics[0].detail] {
        assert!(readme.contains(&words(text)), "README.md lacks {text:?}");
    }
}

/// Collapses white space, since Terraform wraps lines.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_environment_variable_is_documented() {
    let (code, guide) = (
        read("src/provider/environment.rs"),
        read("docs/guides/credentials.md"),
    );
    let names = code.split('"').skip(1).step_by(2).collect::<Vec<_>>();
    assert!(names.contains(&"GOOGLE_PROJECT"), "{names:?}");
    for name in names {
        assert!(
            guide.contains(&format!("`{name}`")),
            "docs/guides/credentials.md does not name {name}"
        );
    }
}

/// The words name components as persons, or are private to this project.
#[test]
fn texts_use_plain_technical_english() {
    let words =
        "nobody whoever somebody anybody told tells patience wants strange farewell stand-in anew spelt";
    let texts = files("", ".rs")
        .into_iter()
        .chain(files("", ".md"))
        .chain(files("", ".tf"));
    for path in texts.filter(|path| path != "tests/registry/documents.rs") {
        for word in read(&path).split(|c: char| !c.is_alphanumeric() && c != '-') {
            let found = words.split(' ').any(|private| private.eq_ignore_ascii_case(word));
            assert!(!found, "{path}: use another word than {word:?}");
        }
    }
}
