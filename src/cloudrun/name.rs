//! Full names of jobs.

use std::fmt;

/// Where a job is and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobName {
    /// The project's id or number.
    pub project: String,
    /// The region.
    pub location: String,
    /// The job's own id.
    pub job: String,
}

/// Why text is no name of a job.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidName(&'static str);

impl JobName {
    /// The job of this id.
    pub fn new(project: &str, location: &str, job: &str) -> JobName {
        JobName {
            project: project.to_owned(),
            location: location.to_owned(),
            job: job.to_owned(),
        }
    }

    /// Reads `projects/P/locations/L/jobs/N`, `P/L/N`, or `L/N` in `default_project`.
    ///
    /// # Errors
    /// When the text has another form, or a part of it is empty.
    pub fn parse(text: &str, default_project: Option<&str>) -> Result<JobName, InvalidName> {
        let name = match text.split('/').collect::<Vec<_>>().as_slice() {
            ["projects", project, "locations", location, "jobs", job] | [project, location, job] => {
                JobName::new(project, location, job)
            }
            [location, job] => {
                let project =
                    default_project.ok_or(InvalidName("the provider has no project to complete it with"))?;
                JobName::new(project, location, job)
            }
            _ => return Err(InvalidName("it has another number of parts")),
        };
        // A colon after the name of a job calls a method of it.
        if is_plain(&name.project, true) && is_plain(&name.location, false) && is_plain(&name.job, false) {
            Ok(name)
        } else {
            Err(InvalidName(
                "a part of it is empty or has characters that no name has",
            ))
        }
    }

    /// The name of the place that the job is in.
    pub fn parent(&self) -> String {
        format!("projects/{}/locations/{}", self.project, self.location)
    }

    /// The address that starts an execution, at Google itself whatever endpoint is in use.
    pub fn run_url(&self) -> String {
        format!("https://run.googleapis.com/v2/{self}:run")
    }
}

/// Whether a part can stand in an address as it is. Projects may have a domain before them: `example.com:p`.
fn is_plain(part: &str, with_domain: bool) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use reqwest::Url;

    proptest! {
        #[test]
        fn what_is_taken_for_a_name_stands_in_an_address_as_it_is(
            text in "\\PC{0,40}", parts in proptest::collection::vec("[a-c]{0,2}[.:%?#@\\\\ -]{0,1}[a-c]{0,2}", 2..4),
        ) {
            for text in [text, parts.join("/")] {
                let Ok(name) = JobName::parse(&text, Some("p")) else { continue };
                prop_assert_eq!(JobName::parse(&name.to_string(), None), Ok(name.clone()));
                let url = Url::parse(&name.run_url()).map_err(|error| TestCaseError::fail(error.to_string()))?;
                let expected = format!("/v2/{name}:run");
                prop_assert_eq!(url.path(), expected.as_str());
            }
        }
    }

    #[test]
    fn the_three_forms_name_the_same_job() {
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
}
