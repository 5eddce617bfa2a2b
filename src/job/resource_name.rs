//! Names of the resources that a job refers to. A short name stands for a full one in the project and region of the job.

use terraform_plugin::value::Value;

/// Project and region of a job, each empty while it is unknown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scope<'a> {
    /// The ID of the project.
    pub(super) project: &'a str,
    /// The region.
    pub(super) location: &'a str,
}

impl<'a> Scope<'a> {
    /// The scope of a planned or stored job.
    pub(super) fn of(job: &'a Value) -> Scope<'a> {
        Scope {
            project: job.get("project").as_str().unwrap_or_default(),
            location: job.get("location").as_str().unwrap_or_default(),
        }
    }

    /// The full name of a VPC connector.
    pub(super) fn connector(&self, name: &str) -> String {
        full(name, || {
            format!(
                "projects/{}/locations/{}/connectors/{name}",
                self.project, self.location
            )
        })
    }

    /// The full name of a VPC network.
    pub(super) fn network(&self, name: &str) -> String {
        let name = without_host(name);
        full(name, || {
            format!("projects/{}/global/networks/{name}", self.project)
        })
    }

    /// The full name of a subnetwork.
    pub(super) fn subnetwork(&self, name: &str) -> String {
        let name = without_host(name);
        full(name, || {
            format!(
                "projects/{}/regions/{}/subnetworks/{name}",
                self.project, self.location
            )
        })
    }

    /// The full name of a secret.
    pub(super) fn secret(&self, name: &str) -> String {
        full(name, || format!("projects/{}/secrets/{name}", self.project))
    }
}

/// A name with a slash is a full one.
fn full(name: &str, complete: impl FnOnce() -> String) -> String {
    if name.contains('/') {
        name.to_owned()
    } else {
        complete()
    }
}

/// The full name in a self link of Compute Engine; any other name unchanged.
pub(super) fn without_host(name: &str) -> &str {
    name.strip_prefix("https://")
        .and_then(|link| link.find("/projects/").map(|at| &link[at + 1..]))
        .unwrap_or(name)
}

/// The short name in `projects/P/buckets/B`, which the API accepts and returns as well. Bucket names are global.
pub(super) fn bucket_id(name: &str) -> &str {
    match name.split('/').collect::<Vec<_>>().as_slice() {
        ["projects", project, "buckets", bucket] if !project.is_empty() => bucket,
        _ => name,
    }
}

/// Whether a full name matches a pattern in which each `*` stands for a segment that `is_segment` accepts.
pub(super) fn matches(name: &str, pattern: &str, is_segment: impl Fn(&str) -> bool) -> bool {
    let (name, pattern): (Vec<&str>, Vec<&str>) = (name.split('/').collect(), pattern.split('/').collect());
    let fits = |(segment, expected): (&&str, &&str)| match *expected {
        "*" => is_segment(segment),
        expected => *segment == expected,
    };
    name.len() == pattern.len() && name.iter().zip(&pattern).all(fits)
}

/// The patterns of full names that contain a region.
pub(super) const KEY: &str = "projects/*/locations/*/keyRings/*/cryptoKeys/*";
pub(super) const CONNECTOR: &str = "projects/*/locations/*/connectors/*";
pub(super) const SUBNETWORK: &str = "projects/*/regions/*/subnetworks/*";
