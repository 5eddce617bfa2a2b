//! Full resource names of jobs.

use std::fmt;

use crate::endpoint::GOOGLE;
use crate::text::cut;

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
    #[error("it has {found:?} where {expected:?} must be")]
    UnexpectedSegment {
        /// The segment in the text.
        found: String,
        /// What a job name has there.
        expected: &'static str,
    },
    /// It has another number of segments.
    #[error("it has another number of parts")]
    SegmentCount,
    /// A segment is empty, or has invalid characters.
    #[error("a part of it is empty or has characters that no name has")]
    InvalidCharacters,
    /// It has no project, and there is no default.
    #[error("it has no project")]
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
        found: cut(found, MAX_SHOWN).into_owned(),
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
fn is_path_segment(part: &str, with_domain: bool) -> bool {
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
mod tests {
    use super::*;
    use crate::Endpoint;
    use proptest::prelude::*;
    use reqwest::Url;

    proptest! {
        #[test]
        fn valid_name_is_unchanged_in_a_url(
            text in "\\PC{0,40}", parts in proptest::collection::vec("[a-c]{0,2}[.:%?#@\\\\ -]{0,1}[a-c]{0,2}", 2..4),
        ) {
            for text in [text, parts.join("/")] {
                let Ok(name) = JobName::parse(&text, Some("p")) else { continue };
                prop_assert_eq!(JobName::parse(&name.to_string(), None), Ok(name.clone()));
                let url = Url::parse(&name.run_url(None)).map_err(|error| TestCaseError::fail(error.to_string()))?;
                let expected = format!("/v2/{name}:run");
                prop_assert_eq!(url.path(), expected.as_str());
            }
        }
    }

    #[test]
    fn run_url_uses_googles_endpoint() {
        let name = JobName::new("p", "us-central1", "n");
        for (endpoint, root) in [
            ("https://run.googleapis.com/v2/", "https://run.googleapis.com/v2/"),
            (
                "https://us-central1-run.googleapis.com",
                "https://us-central1-run.googleapis.com/v2/",
            ),
            (
                "https://run.us-central1.rep.googleapis.com/v2",
                "https://run.us-central1.rep.googleapis.com/v2/",
            ),
            (
                "https://run-team.p.googleapis.com/v2/",
                "https://run-team.p.googleapis.com/v2/",
            ),
            (
                "https://RUN.mtls.googleapis.com:443/v2/",
                "https://run.mtls.googleapis.com/v2/",
            ),
            ("http://127.0.0.1:8080/v2/", "https://run.googleapis.com/v2/"),
            ("https://localhost:8443/v2/", "https://run.googleapis.com/v2/"),
            (
                "https://run.company.test/googleapis.com/v2/",
                "https://run.googleapis.com/v2/",
            ),
            (
                "https://run.notgoogleapis.com/v2/",
                "https://run.googleapis.com/v2/",
            ),
        ] {
            let url = Endpoint::parse(endpoint).map(|endpoint| name.run_url(endpoint.google_root()));
            assert_eq!(
                url,
                Ok(format!("{root}projects/p/locations/us-central1/jobs/n:run"))
            );
        }
    }

    #[test]
    fn all_forms_parse_to_the_same_name() {
        let name = Ok(JobName::new("p", "l", "n"));
        assert_eq!(JobName::parse("projects/p/locations/l/jobs/n", None), name);
        assert_eq!(JobName::parse("p/l/n", None), name);
        assert_eq!(JobName::parse("l/n", Some("p")), name);
        assert_eq!(
            JobName::parse("example.com:p/l/n", None),
            Ok(JobName::new("example.com:p", "l", "n"))
        );
        assert_eq!(
            JobName::parse("p:q/123/n", None),
            Ok(JobName::new("p:q", "123", "n"))
        );
        for text in [
            "",
            "n",
            "l/n",
            "p//n",
            "a/b/c/d",
            "projects/p/locations/l/services/n",
            "p/l/n?x=1",
            "p/l/n m",
            "p/l/n:run",
            "p/l:x/n",
            "p/../n",
            "p/l/..",
            "p/./n",
            "p/l/a\\b",
            "p/l/%2e%2e",
            "p/l/ä",
            "/p/l/n",
            "projects/p/locations/l/jobs/n/",
        ] {
            assert!(JobName::parse(text, None).is_err(), "{text}");
        }
    }

    #[test]
    fn unexpected_segment_is_named() {
        for (text, found, expected) in [
            ("projects/p/locations/l/services/z", "services", "jobs"),
            ("projects/p/locations/l/workerPools/z", "workerPools", "jobs"),
            ("projects/p/regions/l/jobs/z", "regions", "locations"),
            ("namespaces/p/locations/l/jobs/z", "namespaces", "projects"),
            ("projects/p/locations/l/Jobs/z", "Jobs", "jobs"),
            (
                "projects/p/locations/l/jobs/n/executions/n-x",
                "executions",
                "jobs",
            ),
            (
                "//run.googleapis.com/projects/p/locations/l/services/z",
                "services",
                "jobs",
            ),
            ("p/l/services/z", "services", "jobs"),
            ("locations/l/services/z", "services", "jobs"),
            ("l/services/z", "services", "a region"),
            ("services/z", "services", "a region"),
            ("l/jobs/z", "jobs", "a region"),
        ] {
            let expected = JobNameError::UnexpectedSegment {
                found: found.to_owned(),
                expected,
            };
            assert_eq!(JobName::parse(text, Some("p")), Err(expected), "{text}");
        }
        // The last part is the user's own.
        let named = |job| Ok(JobName::new("p", "l", job));
        assert_eq!(JobName::parse("l/services", Some("p")), named("services"));
        assert_eq!(
            JobName::parse("projects/p/locations/l/jobs/jobs", None),
            named("jobs")
        );
        for text in ["a/b/c/d", "p/l/n/services", "projects/p/locations/l/jobs/n/"] {
            assert_eq!(
                JobName::parse(text, None),
                Err(JobNameError::SegmentCount),
                "{text}"
            );
        }
    }
}
