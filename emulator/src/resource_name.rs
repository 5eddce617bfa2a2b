//! Names of resources.

use serde::{Deserialize, Serialize};

/// `projects/P/locations/L`
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct LocationName {
    pub(crate) project: String,
    pub(crate) location: String,
}

/// `projects/P/locations/L/jobs/J`
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct JobName {
    #[serde(rename = "place")]
    pub(crate) parent: LocationName,
    pub(crate) job: String,
}

impl LocationName {
    pub(crate) fn job(&self, job: impl Into<String>) -> JobName {
        JobName {
            parent: self.clone(),
            job: job.into(),
        }
    }

    /// The service account of tasks that name none.
    pub(crate) fn default_service_account(&self) -> String {
        format!("{}-compute@developer.gserviceaccount.com", self.project_number())
    }

    /// A number for the project, the same at every start, with as many digits as Google's.
    pub(crate) fn project_number(&self) -> String {
        if self.project.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.project.clone();
        }
        // FNV-1a: the hashes of the standard library may change between releases.
        let hash = self
            .project
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        (100_000_000_000 + hash % 900_000_000_000).to_string()
    }
}

impl std::fmt::Display for LocationName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "projects/{}/locations/{}", self.project, self.location)
    }
}

impl std::fmt::Display for JobName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/jobs/{}", self.parent, self.job)
    }
}
