//! Rules about regional resources that a job refers to: Cloud Run accepts only those of the job's region.

use crate::job::model::Job;
use crate::job::resource_name::{self, CONNECTOR, KEY, SUBNETWORK, without_host};
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::value::Path;

/// Warnings about references to another region. Other rules check malformed names.
pub fn region_mismatches(job: &Job, region: &str) -> Vec<Diagnostic> {
    let vpc = job.vpc_access.known();
    let vpc_path = |name| Path::attribute("vpc_access").key(name);
    let references = [
        (
            "Encryption key",
            Path::attribute("encryption_key"),
            job.encryption_key.known(),
            KEY,
            "https://docs.cloud.google.com/run/docs/securing/using-cmek",
        ),
        (
            "Connector",
            vpc_path("connector"),
            vpc.and_then(|vpc| vpc.connector.known()),
            CONNECTOR,
            "https://docs.cloud.google.com/run/docs/configuring/vpc-connectors",
        ),
        (
            "Subnetwork",
            vpc_path("subnetwork"),
            vpc.and_then(|vpc| vpc.subnetwork.known()),
            SUBNETWORK,
            "https://docs.cloud.google.com/run/docs/configuring/vpc-direct-vpc",
        ),
    ];
    let warning = |(kind, path, given, pattern, source): (&str, Path, Option<&String>, &str, &str)| {
        let given = given?;
        let other = region_in(given, pattern).filter(|other| *other != region)?;
        let detail = format!(
            "{path} must be in the region of the job, {}, got {}, which is in {}. Use one in {}. Source: {source}.",
            quoted(region),
            quoted(given),
            quoted(other),
            quoted(region)
        );
        Some(Diagnostic::attribute_warning(
            path,
            format!("{kind} of another region"),
            detail,
        ))
    };
    references.into_iter().filter_map(warning).collect()
}

/// The region in a full name of this pattern: its fourth segment.
fn region_in<'a>(name: &'a str, pattern: &str) -> Option<&'a str> {
    let full = Some(without_host(name))
        .filter(|name| resource_name::matches(name, pattern, |segment| !segment.is_empty()));
    full?.split('/').nth(3)
}
