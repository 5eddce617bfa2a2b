//! The form that the Registry asks of every page: where it lies, its front matter, its size, where its links lead.

use std::path::{Component, Path, PathBuf};

use crate::constraints;
use crate::repository::{files, read};
use crate::rule::Rule;

/// A guide, by what its front matter says.
pub(crate) struct Guide {
    /// Where it lies.
    pub(crate) path: String,
    /// Its title.
    pub(crate) title: String,
    /// What it is about, in a sentence.
    pub(crate) description: String,
}

/// All guides, by file name.
pub(crate) fn guides() -> Vec<Guide> {
    let guide = |path: String| {
        // This one may not be written yet, or be written anew at this moment.
        let drawn = path == constraints::PATH;
        let text = if drawn { constraints::draw() } else { read(&path) };
        let (title, description) = parse(&text)
            .unwrap_or_else(|| panic!("{path} has no front matter; tests/registry/form.rs has its form"));
        Guide {
            path,
            title,
            description,
        }
    };
    let mut paths = files("docs/guides", &[".md"]);
    paths.push(constraints::PATH.to_owned());
    paths.sort();
    paths.dedup();
    paths.into_iter().map(guide).collect()
}

/// What stands before a page that is drawn.
pub(crate) fn front_matter(title: &str, description: &str) -> String {
    let description = plain(description);
    format!(
        "---\npage_title: \"{title}\"\nsubcategory: \"\"\ndescription: |-\n  {description}\n---\n\n{DRAWN}"
    )
}

/// Title and description of a page, when they stand there in this form and not in another.
fn parse(text: &str) -> Option<(String, String)> {
    let (head, _) = text.strip_prefix("---\n")?.split_once("\n---\n\n")?;
    let (title, rest) = head
        .strip_prefix("page_title: \"")?
        .split_once("\"\nsubcategory: \"\"\ndescription: |-\n  ")?;
    let whole = !title.is_empty() && !rest.is_empty() && !rest.contains('\n');
    whole.then(|| (title.to_owned(), rest.to_owned()))
}

/// Markdown as plain text: a link is its words.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, words, after)) = rest.split_once('[').and_then(|(before, link)| {
        let (words, target) = link.split_once("](")?;
        Some((before, words, target.split_once(')')?.1))
    }) {
        plain.push_str(before);
        plain.push_str(words);
        rest = after;
    }
    plain.push_str(rest);
    plain.replace('`', "")
}

#[test]
fn every_page_has_the_form_of_the_registry() {
    let mut rule = Rule::new(
        "A page of the Registry has front matter with page_title, subcategory and description, one heading of the first \
         level, and at most 500 KB.",
        "Give it the beginning that the other pages have, or divide it.",
    );
    let pages = pages();
    assert!(pages.len() >= 5, "{pages:?}");
    for page in pages {
        let text = read(&page);
        if parse(&text).is_none() {
            rule.broken(format!("{page} has no such front matter"));
        }
        let prose = text.split("```").step_by(2);
        let headings = prose
            .flat_map(str::lines)
            .filter(|line| line.starts_with("# "))
            .count();
        if headings != 1 {
            rule.broken(format!("{page} has {headings} headings of the first level"));
        }
        if text.len() > LARGEST {
            rule.broken(format!("{page} has {} bytes", text.len()));
        }
    }
    rule.judge();
}

#[test]
fn no_page_lies_where_the_registry_takes_it_for_another() {
    let mut rule = Rule::new(
        "Directly below docs/ lies index.md alone: the Registry takes other pages there for some of its own.",
        "Move it to docs/guides, or to docs/internals when it is not for users.",
    );
    for path in files("docs", &[".md"]) {
        let loose = Path::new(&path).parent() == Some(Path::new("docs"));
        if loose && path != "docs/index.md" {
            rule.broken(path);
        }
    }
    rule.judge();
}

#[test]
fn links_of_a_page_stay_in_the_registry() {
    let mut rule = Rule::new(
        "A page of the Registry links to other pages of the Registry, relatively, or to the web: of the repository's other \
         files the Registry has none.",
        "Name the file between backticks instead.",
    );
    let pages = pages();
    for page in &pages {
        let folder = Path::new(page).parent().expect("a folder");
        for link in read(page)
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if link.contains("://") || link.starts_with('#') {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = clean(&folder.join(file));
            if !pages.contains(&target) {
                rule.broken(format!("{page} links to {link}"));
            } else if !anchor.is_empty() && !anchors(&read(&target)).iter().any(|known| known == anchor) {
                rule.broken(format!("{page} links to {link}, where there is no such heading"));
            }
        }
    }
    rule.judge();
}

/// The pages that the Registry takes.
fn pages() -> Vec<String> {
    let folders = ["guides", "resources", "data-sources", "list-resources"];
    let mut pages = vec!["docs/index.md".to_owned()];
    pages.extend(
        folders
            .iter()
            .flat_map(|folder| files(&format!("docs/{folder}"), &[".md"])),
    );
    pages
}

/// The anchors of a page's headings, as GitHub and the Registry make them.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// The path without `..`.
fn clean(path: &Path) -> String {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean.to_string_lossy().replace('\\', "/")
}

#[test]
fn front_matter_is_written_as_it_is_read() {
    let text = format!(
        "{}\n\n# A\n",
        front_matter("A", "A [job](https://x.y/z) with `b`.")
    );
    assert_eq!(parse(&text), Some(("A".to_owned(), "A job with b.".to_owned())));
    assert_eq!(parse("# A\n"), None);
    assert_eq!(plain("a [b] c"), "a [b] c");
    assert_eq!(anchors("## What `x_y` is: this"), ["what-x_y-is-this"]);
    assert_eq!(
        clean(Path::new("docs/resources/../guides/a.md")),
        "docs/guides/a.md"
    );
}

/// What whoever would edit a page has to know.
const DRAWN: &str = "<!-- Drawn by `make docs`: a change here is lost with the next one. CONTRIBUTING.md says where to make it. -->";
/// What the Registry shows of a page: <https://developer.hashicorp.com/terraform/registry/providers/docs>.
const LARGEST: usize = 500_000;
