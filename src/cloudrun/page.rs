//! One page of the jobs of a region: with all of its jobs, or with those that somebody wants.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use super::model::Job;
use super::{Answer, Error};

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

/// The way through the pages of a list, which must have an end whatever the service says.
#[derive(Debug, Default)]
pub struct Pages {
    token: String,
    followed: HashSet<String>,
    jobs: usize,
}

impl Pages {
    /// What to ask the page with that comes now; empty for the first.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Goes on from a page with so many jobs to the one that it names; whether there is one.
    ///
    /// # Errors
    /// When the list goes in a circle, or on and on.
    pub fn turn(&mut self, jobs: usize, next: Option<&str>) -> Result<bool, Error> {
        let Some(next) = next.filter(|token| !token.is_empty()) else {
            return Ok(false);
        };
        self.jobs += jobs;
        let found = if !self.followed.insert(next.to_owned()) {
            "a page token that was there before".to_owned()
        } else if self.followed.len() >= MOST_PAGES {
            format!("another page token after {MOST_PAGES} pages")
        } else if self.jobs >= MOST_JOBS {
            format!("another page token after {} jobs", self.jobs)
        } else {
            next.clone_into(&mut self.token);
            return Ok(true);
        };
        Err(Error::Unreadable(format!("a list of jobs must end, got {found}")))
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

/// A region has at most 1000 jobs (<https://cloud.google.com/run/quotas#cloud_run_limits>): pages of one job each end
/// before this, and a quota that was raised is far below the other bound.
const MOST_PAGES: usize = 1001;
const MOST_JOBS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// How many pages a list of this kind has before it ends, well or not.
    fn followed(jobs: usize, token: impl Fn(usize) -> String) -> (usize, Result<bool, String>) {
        let mut pages = Pages::default();
        for page in 1.. {
            match pages.turn(jobs, Some(&token(page))) {
                Ok(true) => assert_eq!(pages.token(), token(page)),
                end => return (page, end.map_err(|error| error.to_string())),
            }
        }
        unreachable!("the list has ended")
    }

    #[test]
    fn every_list_ends() {
        let end = |page: usize, last: usize| {
            if page == last {
                String::new()
            } else {
                page.to_string()
            }
        };
        assert_eq!(followed(500, |page| end(page, 2)), (2, Ok(false)));
        assert_eq!(followed(1, |page| end(page, 1000)), (1000, Ok(false)));
        assert_eq!(followed(1000, |page| end(page, 10)), (10, Ok(false)));
        for (jobs, tokens, pages, found) in [
            (0, usize::MAX, 1001, "after 1001 pages"),
            (1, usize::MAX, 1001, "after 1001 pages"),
            (500, usize::MAX, 20, "after 10000 jobs"),
            (0, 1, 2, "was there before"),
            (0, 3, 4, "was there before"),
        ] {
            let (asked, end) = followed(jobs, |page| (page % tokens).to_string());
            assert_eq!(asked, pages);
            assert!(end.is_err_and(|error| error.contains(found)), "{found}");
        }
    }

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
