//! Full resource names of executions.

use std::fmt;

use crate::job_name::{JobName, JobNameError, is_path_segment};
use crate::text::truncate;

/// The resource name of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionName {
    /// The job that it is an execution of.
    pub job: JobName,
    /// The execution's ID.
    pub execution: String,
}

impl ExecutionName {
    /// Parses `projects/P/locations/L/jobs/J/executions/E`.
    ///
    /// # Errors
    /// If the text has another form, or an invalid segment.
    pub fn parse(text: &str) -> Result<ExecutionName, JobNameError> {
        let parts: Vec<&str> = text.split('/').collect();
        let [job @ .., collection, execution] = parts.as_slice() else {
            return Err(JobNameError::SegmentCount);
        };
        if job.len() != JOB_SEGMENTS {
            return Err(JobNameError::SegmentCount);
        }
        let job = JobName::parse(&job.join("/"), None)?;
        if *collection != COLLECTION {
            return Err(JobNameError::UnexpectedSegment {
                found: truncate(collection, MAX_SHOWN).into_owned(),
                expected: COLLECTION,
            });
        }
        if !is_path_segment(execution, false) {
            return Err(JobNameError::InvalidCharacters);
        }
        Ok(ExecutionName {
            job,
            execution: (*execution).to_owned(),
        })
    }
}

impl fmt::Display for ExecutionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{COLLECTION}/{}", self.job, self.execution)
    }
}

const COLLECTION: &str = "executions";
/// `projects/P/locations/L/jobs/J`
const JOB_SEGMENTS: usize = 6;
/// The maximum length in bytes that a message shows.
const MAX_SHOWN: usize = 80;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn full_name_has_a_job() {
        for text in [
            "projects/p/locations/l/jobs/n/executions/n-x7k2p",
            "projects/example.com:p/locations/l/jobs/jobs/executions/executions",
            "projects/123/locations/l/jobs/n/executions/n-1",
        ] {
            let name = ExecutionName::parse(text).unwrap();
            assert_eq!(name.to_string(), text);
            assert_eq!(
                format!("{}/executions/{}", name.job, name.execution),
                text,
                "{text}"
            );
        }
    }

    #[test]
    fn other_names_are_refused() {
        use JobNameError::{InvalidCharacters, SegmentCount};
        let unexpected = |found: &str, expected| JobNameError::UnexpectedSegment {
            found: found.to_owned(),
            expected,
        };
        for (text, error) in [
            ("", SegmentCount),
            ("n-x", SegmentCount),
            ("p/l/n/n-x", SegmentCount),
            ("projects/p/locations/l/jobs/n", SegmentCount),
            (
                "projects/p/locations/l/jobs/n/executions/n-x/tasks/t",
                SegmentCount,
            ),
            (
                "projects/p/locations/l/services/n/revisions/n-x",
                unexpected("services", "jobs"),
            ),
            (
                "projects/p/locations/l/jobs/n/operations/n-x",
                unexpected("operations", "executions"),
            ),
            ("projects/p/locations/l/jobs/n/executions/", InvalidCharacters),
            ("projects/p/locations/l/jobs/n/executions/..", InvalidCharacters),
            (
                "projects/p/locations/l/jobs/n/executions/n-x:cancel",
                InvalidCharacters,
            ),
            ("projects/p/locations/l/jobs/n?/executions/n-x", InvalidCharacters),
        ] {
            assert_eq!(ExecutionName::parse(text), Err(error), "{text}");
        }
    }
}
