//! Full resource names of jobs.

use std::fmt;

use crate::endpoint::GOOGLE;
use crate::text::truncate;

/// The resource name of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobName {
    /// The project's ID or number.
    pub project: String,
    /// The region.
    pub location: String,
    /// The job's ID.
    pub job: String,
}

/// Why text is no resource name of a job.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobNameError {
    /// It is the name of another resource.
    #[error("it must have {expected} instead of {found:?}")]
    UnexpectedSegment {
        /// The segment in the text.
        found: String,
        /// What a job name has there.
        expected: &'static str,
    },
    /// It has another number of segments.
    #[error("it must have two, three or six parts")]
    SegmentCount,
    /// A segment is empty, or has invalid characters.
    #[error(
        "each part must be letters, digits, hyphens, underscores or dots, and start with a letter or digit"
    )]
    InvalidCharacters,
    /// It has no project, and there is no default.
    #[error("it must have a project")]
    MissingProject,
}

impl JobName {
    /// A job name by its segments, which are not checked.
    pub fn new(project: &str, location: &str, job: &str) -> JobName {
        JobName {
            project: project.to_owned(),
            location: location.to_owned(),
            job: job.to_owned(),
        }
    }

    /// Parses `projects/P/locations/L/jobs/N`, `P/L/N`, or `L/N` in `default_project`.
    ///
    /// # Errors
    /// If the text has another form, or an invalid segment.
    pub fn parse(text: &str, default_project: Option<&str>) -> Result<JobName, JobNameError> {
        let name = match text.split('/').collect::<Vec<_>>().as_slice() {
            ["projects", project, "locations", location, "jobs", job] | [project, location, job] => {
                JobName::new(project, location, job)
            }
            [location, job] => {
                let project = default_project.ok_or(JobNameError::MissingProject)?;
                JobName::new(project, location, job)
            }
            parts => return Err(form_error(parts)),
        };
        if is_collection(&name.location) {
            return Err(JobNameError::UnexpectedSegment {
                found: name.location,
                expected: "a region",
            });
        }
        // A colon after a job name would call a custom method.
        if is_path_segment(&name.project, true)
            && is_path_segment(&name.location, false)
            && is_path_segment(&name.job, false)
        {
            Ok(name)
        } else {
            Err(JobNameError::InvalidCharacters)
        }
    }

    /// `projects/P/locations/L`
    pub fn parent(&self) -> String {
        format!("projects/{}/locations/{}", self.project, self.location)
    }

    /// The URL that starts an execution, below this root, by default that of the global endpoint.
    pub fn run_url(&self, root: Option<&str>) -> String {
        format!("{}{self}:run", root.unwrap_or(GOOGLE))
    }
}

/// Why segments have none of the three forms.
fn form_error(parts: &[&str]) -> JobNameError {
    let wrong = |found: &str, expected| JobNameError::UnexpectedSegment {
        found: truncate(found, MAX_SHOWN).into_owned(),
        expected,
    };
    if let [projects, _, locations, _, jobs, _] = parts {
        let words = [
            (*projects, "projects"),
            (*locations, "locations"),
            (*jobs, "jobs"),
        ];
        let found = words.into_iter().find(|(found, expected)| found != expected);
        return found.map_or(JobNameError::SegmentCount, |(found, expected)| {
            wrong(found, expected)
        });
    }
    let own = ["projects", "locations", "jobs"];
    let (_, before_last) = parts.split_last().unwrap_or((&"", &[]));
    let other = before_last
        .iter()
        .find(|part| is_collection(part) && !own.contains(part));
    other.map_or(JobNameError::SegmentCount, |found| wrong(found, "jobs"))
}

/// Whether a segment is a collection ID, which no short form has.
fn is_collection(part: &str) -> bool {
    COLLECTIONS.contains(&part)
}

/// Whether a segment is safe in a URL. Projects may have a domain: `example.com:p`.
pub(crate) fn is_path_segment(part: &str, with_domain: bool) -> bool {
    let mut letters = part.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphanumeric())
        && letters
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') || with_domain && c == ':')
}

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/jobs/{}", self.parent(), self.job)
    }
}

/// The collections of Cloud Run: <https://cloud.google.com/run/docs/reference/rest>. None is a region.
const COLLECTIONS: [&str; 12] = [
    "projects",
    "locations",
    "jobs",
    "services",
    "workerPools",
    "workerpools",
    "executions",
    "tasks",
    "revisions",
    "operations",
    "namespaces",
    "instances",
];
/// The maximum length in bytes that a message shows.
const MAX_SHOWN: usize = 80;

#[cfg(test)]
mod tests;
