//! What documents promise: every file, link and command that they name is there, and the README shows what is so.

use std::path::Path;

use facets_gpu::job::schema::SCHEMA;

use crate::repository::{files, read, root};
use crate::rule::Rule;

#[test]
fn documents_name_only_files_that_exist() {
    let mut rule = Rule::new(
        "A path in a document is one of the repository, counted from its root or from a folder above the document.",
        "Correct the path, or take it out.",
    );
    for document in documents() {
        for path in mentioned(&read(&document)) {
            let mut folders = Path::new(&document).ancestors().skip(1);
            if !folders.any(|folder| root().join(folder).join(&path).exists()) {
                rule.broken(format!("{document} names {path}"));
            }
        }
    }
    rule.judge();
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut rule = Rule::new(
        "A link to a file leads to one of the repository, counted from the document's own folder.",
        "Correct the link.",
    );
    for document in documents() {
        let folder = root().join(Path::new(&document).parent().unwrap_or(Path::new("")));
        for link in links(&read(&document)) {
            if !folder.join(&link).exists() {
                rule.broken(format!("{document} links to {link}"));
            }
        }
    }
    rule.judge();
}

#[test]
fn commands_that_documents_name_are_in_the_makefile() {
    let mut rule = Rule::new(
        "A `make` command in a document is a target of the Makefile.",
        "Correct the command, or add the target.",
    );
    let makefile = read("Makefile");
    let is_target = |name: &str| makefile.lines().any(|line| line.starts_with(&format!("{name}:")));
    for document in documents() {
        for target in make_targets(&read(&document)) {
            if !is_target(&target) {
                rule.broken(format!("{document} says make {target}"));
            }
        }
    }
    rule.judge();
}

#[test]
fn the_readme_shows_configurations_that_tests_run() {
    let mut rule = Rule::new(
        "A resource that README.md shows is part of a file below examples/, where tests run it.",
        "Copy the block from an example, or add the example.",
    );
    let examples: Vec<String> = files("examples", &[".tf"])
        .iter()
        .map(|path| read(path))
        .collect();
    let readme = read("README.md");
    let blocks = readme
        .split("```hcl\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let mut seen = 0;
    for block in blocks.filter(|block| block.starts_with("resource ")) {
        seen += 1;
        if !examples.iter().any(|example| example.contains(block)) {
            rule.broken(block.lines().next().unwrap_or_default());
        }
    }
    assert!(seen > 0, "README.md shows no resource");
    rule.judge();
}

#[test]
fn the_readme_names_every_attribute() {
    let mut rule = Rule::new(
        "README.md names every attribute of the resource.",
        "Add it to the table of the resource in README.md.",
    );
    let readme = read("README.md");
    let nested = SCHEMA
        .attributes
        .iter()
        .flat_map(|outer| outer.ty.nested().unwrap_or_default());
    for attribute in SCHEMA.attributes.iter().chain(nested) {
        if !readme.contains(&format!("`{}`", attribute.name)) {
            rule.broken(format!("README.md has no `{}`", attribute.name));
        }
    }
    rule.judge();
}

/// All documents that people read.
fn documents() -> Vec<String> {
    let all = files("", &[".md"]);
    assert!(all.contains(&"ARCHITECTURE.md".to_owned()), "{all:?}");
    all
}

/// Paths between backticks that begin with a folder or file of the root. Commands, patterns and places to be
/// filled in (`<name>`) are not paths.
fn mentioned(text: &str) -> Vec<String> {
    const ROOTS: [&str; 15] = [
        ".ci/",
        ".github/",
        "acceptance-tests/",
        "benches/",
        "build.rs",
        "docs/",
        "emulator/",
        "examples/",
        "fuzz/",
        "modules/",
        "outputs/",
        "proto/",
        "release/",
        "src/",
        "tests/",
    ];
    let spans = text.split('`').skip(1).step_by(2);
    spans
        .filter(|span| ROOTS.iter().any(|start| span.starts_with(start)))
        .filter(|span| !span.contains(|c: char| c.is_whitespace() || "*<>{}…$".contains(c)))
        .map(str::to_owned)
        .collect()
}

/// The targets of links but for addresses of the web and places inside the document.
fn links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets
        .filter(|target| {
            !target.contains("://") && !target.starts_with(['#', '<']) && !target.starts_with("mailto:")
        })
        .map(|target| target.split('#').next().unwrap_or(target).to_owned())
        .collect()
}

/// What stands after `make ` in code, inline or at the beginning of a line in a block.
fn make_targets(text: &str) -> Vec<String> {
    // A fence is three backticks, so a block too has an odd number of them before it.
    let code = text.split('`').skip(1).step_by(2);
    code.flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("make "))
        .filter_map(|rest| rest.split(|c: char| !(c.is_ascii_lowercase() || c == '-')).next())
        .filter(|target| !target.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn paths_links_and_commands_are_found() {
    let text = "See `src/job/plan.rs`, `src/x/<name>.rs` and [it](docs/a.md#b), [web](https://x.y).\n\nmake demo\n`make \
                test` does `cargo test`.";
    assert_eq!(mentioned(text), ["src/job/plan.rs"]);
    assert_eq!(links(text), ["docs/a.md"]);
    assert_eq!(
        make_targets("```sh\nmake demo   # first\n```\nmake sense of `make test`"),
        ["demo", "test"]
    );
}
