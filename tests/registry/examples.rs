//! The examples of a page: the main file, then a section for each subfolder.

use std::fs;

use crate::{read, root};

/// A configuration shown on a page.
pub(crate) struct Example {
    /// `None` for the first example.
    heading: Option<String>,
    /// The first comment of the file.
    description: Option<String>,
    code: String,
}

impl Example {
    /// Heading, description and code.
    pub(crate) fn render(&self) -> String {
        let heading = self.heading.iter().map(|heading| format!("### {heading}"));
        let code = format!("```terraform\n{}\n```", self.code.trim());
        let parts: Vec<String> = heading.chain(self.description.clone()).chain([code]).collect();
        parts.join("\n\n")
    }
}

/// The examples in a folder: a file, and the `main.tf` of each subfolder.
pub(crate) fn of(folder: &str, file: &str) -> Vec<Example> {
    let mut examples = vec![Example {
        heading: None,
        description: None,
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
            .map(|name| example(name, &read(&format!("{folder}/{name}/main.tf")))),
    );
    examples
}

/// The text of a file, if it exists.
pub(crate) fn file(folder: &str, name: &str) -> Option<String> {
    fs::read_to_string(root().join(folder).join(name)).ok()
}

/// An example with heading: without the `terraform` block, which the first example has, and with the comment before the first
/// block as description.
fn example(name: &str, text: &str) -> Example {
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
        description: (!comment.is_empty()).then(|| comment.join(" ")),
        code: rest.join("\n"),
    }
}

/// `many-jobs` becomes `Many jobs`, and `vpc` becomes `VPC`.
fn heading(name: &str) -> String {
    let description = name.split('-').enumerate().map(|(index, word)| {
        if ACRONYMS.contains(&word) {
            return word.to_uppercase();
        }
        let (first, rest) = word.split_at(usize::from(index == 0 && word.is_ascii()));
        format!("{}{rest}", first.to_uppercase())
    });
    description.collect::<Vec<_>>().join(" ")
}

/// Words written in upper case.
const ACRONYMS: [&str; 7] = ["cmek", "gcs", "gpu", "iam", "nfs", "vpc", "id"];
