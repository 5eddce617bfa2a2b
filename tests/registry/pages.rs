//! The table of all pages that are drawn, and the comparison with the files.

use std::fs;

use facets_gpu::{catalogue, job, provider};

use crate::page::{Kind, Page};
use crate::repository::root;
use crate::rule::Rule;
use crate::{constraints, repository};

/// All pages that are drawn from a schema. A new one is one line, in one of these forms:
///
/// ```text
/// Page::new(Kind::Resource, job::TYPE_NAME, &job::schema::SCHEMA).identified_by(&job::identity::SCHEMA),
/// Page::new(Kind::DataSource, "facets_gpu_catalogue", &catalogue::SCHEMA),
/// Page::new(Kind::ListResource, job::TYPE_NAME, &job::listing::SCHEMA),
/// ```
///
/// Its examples are taken from the folder of `examples/` that the Registry knows for it, and the page without them fails.
/// Then `make docs`.
pub(crate) fn pages() -> Vec<Page> {
    vec![
        Page::new(Kind::Provider, "facets-gpu", &provider::SCHEMA).saying(PROVIDER),
        Page::new(Kind::Resource, job::TYPE_NAME, &job::schema::SCHEMA)
            .identified_by(&job::identity::SCHEMA)
            .saying(JOB),
        Page::new(Kind::DataSource, job::TYPE_NAME, &job::data_source::SCHEMA),
        Page::new(Kind::DataSource, catalogue::TYPE_NAME, &catalogue::SCHEMA),
        Page::new(Kind::ListResource, job::TYPE_NAME, &job::listing::SCHEMA),
    ]
}

#[test]
fn the_pages_are_as_they_are_drawn() {
    let mut rule = Rule::new(
        "A page of the Registry is what is drawn from the schema, the examples and the catalogue.",
        "Run `make docs`, look at what has changed, and commit it.",
    );
    for (path, text) in drawn() {
        if std::env::var_os(WRITE).is_some() {
            let place = root().join(&path);
            fs::create_dir_all(place.parent().expect("a folder")).expect("the folder can be made");
            fs::write(place, text).expect("the page can be written");
        } else if let Some(difference) = difference(&stored(&path), &text) {
            rule.broken(format!("{path}{difference}"));
        }
    }
    rule.judge();
}

#[test]
fn no_page_is_left_of_what_is_gone() {
    let mut rule = Rule::new(
        "Each page below docs/resources, docs/data-sources and docs/list-resources is drawn.",
        "Remove the file, or add the page to the table in tests/registry/pages.rs.",
    );
    let drawn = drawn();
    for folder in ["docs/resources", "docs/data-sources", "docs/list-resources"] {
        for path in repository::files(folder, &[""]) {
            if drawn.iter().all(|(known, _)| *known != path) {
                rule.broken(path);
            }
        }
    }
    rule.judge();
}

/// Each page's path, and its text.
fn drawn() -> Vec<(String, String)> {
    let pages = pages();
    let mut drawn: Vec<_> = pages.iter().map(|page| (page.path(), page.draw())).collect();
    drawn.push((constraints::PATH.to_owned(), constraints::draw()));
    drawn
}

/// A page as it lies in the repository; empty when it does not.
fn stored(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// The first lines that are not the same, with the number of the first.
fn difference(stored: &str, drawn: &str) -> Option<String> {
    if stored == drawn {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (stored.lines().collect(), drawn.lines().collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let some = |sign: &str, lines: &[&str]| -> String {
        let lines = lines.iter().skip(same).take(SHOWN);
        lines.map(|line| format!("\n    {sign} {line}")).collect()
    };
    Some(format!(":{}{}{}", same + 1, some("-", &old), some("+", &new)))
}

#[test]
fn the_first_lines_that_differ_are_shown() {
    assert_eq!(difference("a\nb\n", "a\nb\n"), None);
    assert_eq!(
        difference("a\nb\nc\n", "a\nx\n").as_deref(),
        Some(":2\n    - b\n    - c\n    + x")
    );
    assert_eq!(difference("", "a\n").as_deref(), Some(":1\n    + a"));
    assert_eq!(difference("a", "a\n").as_deref(), Some(":2"));
}

/// What the page of the provider says beside its schema.
const PROVIDER: &str = "\
The provider is called `facets` in a configuration, since Terraform takes that name from the type of the resource, and \
`facets-cloud/facets-gpu` where it is required. It needs Terraform 1.5 or later.";

/// What the page of the job says beside its schema.
const JOB: &str = "\
What Google would refuse is told by the plan as far as it can be known: see [GPU constraints](../guides/gpu-constraints.md). \
Terraform does not start executions: \
[Executions](../guides/executions.md) says how to. A job of `google_cloud_run_v2_job` can move here as it is: \
[Migrating](../guides/migrating-from-google.md).

Another spelling of the same value, such as `1h` for `3600s` or `20000m` for `20`, is no change; the id and the number of a \
project are different. An \
attribute that does not force replacement is changed in place; executions that run go on as they were started.";

/// Set by `make docs`: what is drawn is written.
const WRITE: &str = "FACETS_GPU_WRITE_DOCS";
/// How many lines of each side a difference shows.
const SHOWN: usize = 5;
