//! Compares README.md and the other documents with the files and variables that they name.

use std::path::Path;

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
        .split("```hcl\nterraform ")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let blocks: Vec<&str> = blocks.collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        assert!(
            examples.iter().any(|example| example.contains(block)),
            "no example has: {block}"
        );
    }
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
