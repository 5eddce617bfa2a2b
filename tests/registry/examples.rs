//! The examples of a page: the file that the Registry knows, then each folder beside it as a section of its own.

use std::fs;

use crate::{read, root};

/// Configuration that a page shows.
pub(crate) struct Example {
    /// Absent for the first one.
    heading: Option<String>,
    /// What its first comment says.
    words: Option<String>,
    code: String,
}

impl Example {
    /// Heading, words and code.
    pub(crate) fn draw(&self) -> String {
        let heading = self.heading.iter().map(|heading| format!("### {heading}"));
        let code = format!("```terraform\n{}\n```", self.code.trim());
        let parts: Vec<String> = heading.chain(self.words.clone()).chain([code]).collect();
        parts.join("\n\n")
    }
}

/// The examples in a folder: this file, which must be there, and the `main.tf` of each folder in it.
pub(crate) fn of(folder: &str, file: &str) -> Vec<Example> {
    let mut examples = vec![Example {
        heading: None,
        words: None,
        code: read(&format!("{folder}/{file}")),
    }];
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut folders: Vec<String> = entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    folders.sort();
    examples.extend(
        folders
            .iter()
            .map(|name| further(name, &read(&format!("{folder}/{name}/main.tf")))),
    );
    examples
}

/// A file in a folder, if it is there.
pub(crate) fn file(folder: &str, name: &str) -> Option<String> {
    fs::read_to_string(root().join(folder).join(name)).ok()
}

/// A section: without the block that says which provider is required, which the first example shows, and with its
/// first comment as prose when it stands directly before a block.
fn further(name: &str, text: &str) -> Example {
    let code = match text
        .strip_prefix("terraform {\n")
        .and_then(|rest| rest.split_once("\n}\n"))
    {
        Some((_, rest)) => rest.trim_start(),
        None => text,
    };
    let comment: Vec<&str> = code.lines().map_while(|line| line.strip_prefix("# ")).collect();
    let rest: Vec<&str> = code.lines().skip(comment.len()).collect();
    Example {
        heading: Some(heading(name)),
        words: (!comment.is_empty()).then(|| comment.join(" ")),
        code: rest.join("\n"),
    }
}

/// `many-jobs` is `Many jobs`, and `vpc` is `VPC`.
fn heading(name: &str) -> String {
    let words = name.split('-').enumerate().map(|(at, word)| {
        if ACRONYMS.contains(&word) {
            return word.to_uppercase();
        }
        let (first, rest) = word.split_at(usize::from(at == 0 && word.is_ascii()));
        format!("{}{rest}", first.to_uppercase())
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Words that are written in capitals.
const ACRONYMS: [&str; 7] = ["cmek", "gcs", "gpu", "iam", "nfs", "vpc", "id"];
