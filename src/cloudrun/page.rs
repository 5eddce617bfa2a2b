//! One page of the jobs of a region: with all of its jobs, or with those that somebody wants.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Answer;
use super::model::Job;

/// Some of the jobs of a region, and where the others are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Page {
    /// The jobs, newest first. There may be none, also when others follow.
    pub jobs: Vec<Job>,
    next_page_token: String,
    /// What else the answer holds. A list of nothing has no member at all, and is still no list in the other sense.
    #[serde(flatten)]
    rest: BTreeMap<String, Json>,
}

impl Page {
    /// What to ask the next page with; none after the last one.
    pub fn next(&self) -> Option<&str> {
        Some(self.next_page_token.as_str()).filter(|token| !token.is_empty())
    }
}

impl Answer for Page {
    const MEMBERS: &[&str] = &["jobs", "nextPageToken"];

    /// An empty page says nothing: what it is told by is that it does not speak of anything else either.
    fn has_name(&self) -> bool {
        self.jobs.iter().all(Job::has_name) && !self.rest.contains_key("error")
    }
}

/// The same answer with its jobs as they were written. Of a thousand jobs a refresh wants ten or a hundred: the others
/// cost no more than finding where they end.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Shelf<'a> {
    #[serde(borrow)]
    jobs: Vec<&'a RawValue>,
    pub(super) next_page_token: String,
    error: Option<IgnoredAny>,
}

/// What a job is called, and nothing else of it.
#[derive(Deserialize)]
struct Label<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

impl<'a> Shelf<'a> {
    /// Reads an answer; `None` when it is not one of Google's.
    pub(super) fn read(body: &'a [u8]) -> Option<Shelf<'a>> {
        serde_json::from_slice(body)
            .ok()
            .filter(|shelf: &Shelf<'_>| shelf.error.is_none())
    }

    /// The jobs by their ids, in Google's order; what has no name is passed over. Google may tell the project of a job by
    /// its number, so the id is all of the name that is told here.
    pub(super) fn jobs(&self) -> impl Iterator<Item = (String, &'a RawValue)> + '_ {
        self.jobs.iter().filter_map(|job| {
            let label: Label<'_> = serde_json::from_str(job.get()).ok()?;
            let (_, id) = label.name.rsplit_once('/')?;
            Some((id.to_owned(), *job))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shelf_is_googles_or_none() {
        let ids = |body: &str| {
            Shelf::read(body.as_bytes()).map(|shelf| shelf.jobs().map(|(id, _)| id).collect::<Vec<_>>())
        };
        assert_eq!(ids("{}"), Some(vec![]));
        assert_eq!(
            ids(
                r#"{"jobs": [{"name": "a/b"}, {}, {"name": 1}, {"uid": "u", "name": "p/c\u0064"}], "new": 1}"#
            ),
            Some(vec!["b".to_owned(), "cd".to_owned()])
        );
        for body in ["", "null", "<html>", r#"{"error": {}}"#, r#"{"jobs": {}}"#] {
            assert_eq!(ids(body), None, "{body}");
        }
    }
}
