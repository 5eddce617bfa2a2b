//! One page of the jobs of a region.

use serde::Deserialize;
use serde_json::Value as Json;
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
    /// An empty page says nothing: what it is told by is that it does not speak of anything else either.
    fn has_name(&self) -> bool {
        self.jobs.iter().all(Job::has_name) && !self.rest.contains_key("error")
    }
}
