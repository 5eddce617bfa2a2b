//! The pages of the Terraform Registry, generated from the schemas and `examples/`, and compared with `docs/`.
//!
//! `make docs` writes the pages; otherwise a test fails when a file differs. The guides are written by hand; their front matter
//! and links are checked. README.md and the other documents must only name existing paths.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod arguments;
mod constraints;
mod documents;
mod examples;
mod front_matter;
mod page;
mod pages;

use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below a folder with an extension, without `target/` and hidden folders.
fn files(folder: &str, extension: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut found = Vec::new();
    for entry in entries.map(|entry| entry.unwrap()) {
        let name = entry.file_name().into_string().unwrap();
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        if name == "target" || name.starts_with('.') {
            continue;
        }
        if entry.path().is_dir() {
            found.extend(files(&path, extension));
        } else if name.ends_with(extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}
