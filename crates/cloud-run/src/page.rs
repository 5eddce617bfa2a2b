//! Pages of a list of jobs.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::collections::HashSet;

use crate::error::Error;
use crate::model::Job;
use crate::response::ApiMessage;

/// One page of the jobs of a region.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Page<J = Job> {
    /// The jobs, newest first. There may be none, even if another page follows.
    pub jobs: Vec<J>,
    next_page_token: String,
    /// Distinguishes an error document from an empty page, which may have no members.
    error: Option<IgnoredAny>,
}

impl<J> Page<J> {
    /// The token of the next page; `None` after the last one.
    pub fn next(&self) -> Option<&str> {
        Some(self.next_page_token.as_str()).filter(|token| !token.is_empty())
    }
}

impl ApiMessage for Page {
    const KEY_MEMBERS: &[&str] = &["jobs", "nextPageToken"];

    fn is_recognized(&self) -> bool {
        self.error.is_none() && self.jobs.iter().all(Job::is_recognized)
    }
}

/// The same with undecoded jobs.
impl ApiMessage for Page<Box<RawValue>> {
    const KEY_MEMBERS: &[&str] = Page::<Job>::KEY_MEMBERS;

    fn is_recognized(&self) -> bool {
        self.error.is_none()
    }
}

/// Follows the pages of a list, up to a bound.
#[derive(Debug)]
pub struct Paginator {
    what: &'static str,
    max_items: usize,
    token: String,
    followed: HashSet<String>,
    items: usize,
}

/// Follows the pages of a list of jobs.
impl Default for Paginator {
    fn default() -> Paginator {
        Paginator::new("jobs", MAX_JOBS)
    }
}

impl Paginator {
    /// Follows the pages of a list of `what`, with fewer than `max_items` before the last page.
    pub(crate) fn new(what: &'static str, max_items: usize) -> Paginator {
        Paginator {
            what,
            max_items,
            token: String::new(),
            followed: HashSet::new(),
            items: 0,
        }
    }

    /// The token of the current page; empty for the first.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Advances from a page with this number of items to the next; returns whether there is one.
    ///
    /// # Errors
    /// If a token is repeated, or the list is longer than it can be.
    pub fn advance(&mut self, items: usize, next: Option<&str>) -> Result<bool, Error> {
        let Some(next) = next.filter(|token| !token.is_empty()) else {
            return Ok(false);
        };
        self.items += items;
        let found = if !self.followed.insert(next.to_owned()) {
            "a repeated page token".to_owned()
        } else if self.followed.len() >= MAX_PAGES {
            format!("another page token after {MAX_PAGES} pages")
        } else if self.items >= self.max_items {
            format!("another page token after {} {}", self.items, self.what)
        } else {
            next.clone_into(&mut self.token);
            return Ok(true);
        };
        Err(Error::Undecodable(format!(
            "the list of {} must end, got {found}",
            self.what
        )))
    }
}

/// A region has at most 1000 jobs (<https://cloud.google.com/run/quotas#cloud_run_limits>): pages of one job each end
/// before this, and a raised quota is far below the other bound.
const MAX_PAGES: usize = 1001;
const MAX_JOBS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// How many pages a list of this kind has before it ends, well or not.
    fn followed(jobs: usize, token: impl Fn(usize) -> String) -> (usize, Result<bool, String>) {
        let mut pages = Paginator::default();
        for page in 1.. {
            match pages.advance(jobs, Some(&token(page))) {
                Ok(true) => assert_eq!(pages.token(), token(page)),
                end => return (page, end.map_err(|error| error.to_string())),
            }
        }
        unreachable!("the list has ended")
    }

    #[test]
    fn pagination_always_ends() {
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
            (0, 1, 2, "a repeated page token"),
            (0, 3, 4, "a repeated page token"),
        ] {
            let (requests, end) = followed(jobs, |page| (page % tokens).to_string());
            assert_eq!(requests, pages);
            assert!(end.is_err_and(|error| error.contains(found)), "{found}");
        }
    }
}
