//! The front matter of a page, and where its links lead.

use std::path::{Component, Path, PathBuf};

use crate::{constraints, files, read};

/// A guide, by what its front matter says.
pub(crate) struct Guide {
    pub(crate) path: String,
    pub(crate) title: String,
    pub(crate) description: String,
}

/// All guides, by file name.
pub(crate) fn guides() -> Vec<Guide> {
    let guide = |path: String| {
        // The file may be missing or stale while the pages are drawn.
        let drawn = path == constraints::PATH;
        let text = if drawn { constraints::draw() } else { read(&path) };
        let (title, description) = parse(&text).unwrap_or_else(|| panic!("{path} has no front matter"));
        Guide {
            path,
            title,
            description,
        }
    };
    let mut paths = files("docs/guides", ".md");
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

/// Title and description in the front matter of a page.
fn parse(text: &str) -> Option<(String, String)> {
    let (head, _) = text.strip_prefix("---\n")?.split_once("\n---\n\n")?;
    let (title, description) = head
        .strip_prefix("page_title: \"")?
        .split_once("\"\nsubcategory: \"\"\ndescription: |-\n  ")?;
    let whole = !title.is_empty() && !description.is_empty() && !description.contains('\n');
    whole.then(|| (title.to_owned(), description.to_owned()))
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
fn pages_have_front_matter_and_link_to_pages_of_the_registry() {
    let mut pages = vec!["docs/index.md".to_owned()];
    for folder in ["guides", "resources", "data-sources", "list-resources"] {
        pages.extend(files(&format!("docs/{folder}"), ".md"));
    }
    let mut broken = Vec::new();
    for page in &pages {
        let text = read(page);
        assert!(parse(&text).is_some(), "{page} has no front matter");
        let folder = Path::new(page).parent().unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                page.clone()
            } else {
                clean(&folder.join(file))
            };
            let leads_somewhere = pages.contains(&target)
                && (anchor.is_empty() || read(&target).lines().any(|line| is_anchored(line, anchor)));
            if !leads_somewhere {
                broken.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "the Registry has none of these: {broken:#?}");
}

/// Whether a line has an anchor: one that is written, or a heading's as GitHub and the Registry make it.
fn is_anchored(line: &str, anchor: &str) -> bool {
    if let Some(heading) = line.strip_prefix('#') {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        return kept.map(|c| if c == ' ' { '-' } else { c }).eq(anchor.chars());
    }
    line == format!("<a id=\"{anchor}\"></a>")
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

/// For whoever opens a drawn page to edit it.
const DRAWN: &str = "<!-- Drawn by `make docs`: a change here is lost with the next one. CONTRIBUTING.md says where to make it. -->";
