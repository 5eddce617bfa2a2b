//! Rules about regional resources that a job refers to: Cloud Run accepts only those of the job's region.

use crate::job::model::Job;
use crate::job::resource_name::{self, CONNECTOR, KEY, SUBNETWORK, without_host};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::Path;

/// Warnings about references to another region. Other rules check malformed names.
pub fn region_mismatches(job: &Job, region: &str) -> Vec<Diagnostic> {
    let vpc = job.vpc_access.known();
    let vpc_path = |name| Path::attribute("vpc_access").key(name);
    let references = [
        (
            Path::attribute("encryption_key"),
            job.encryption_key.known(),
            KEY,
            "https://docs.cloud.google.com/run/docs/securing/using-cmek",
        ),
        (
            vpc_path("connector"),
            vpc.and_then(|vpc| vpc.connector.known()),
            CONNECTOR,
            "https://docs.cloud.google.com/run/docs/configuring/vpc-connectors",
        ),
        (
            vpc_path("subnetwork"),
            vpc.and_then(|vpc| vpc.subnetwork.known()),
            SUBNETWORK,
            "https://docs.cloud.google.com/run/docs/configuring/vpc-direct-vpc",
        ),
    ];
    let warning = |(path, given, pattern, source): (Path, Option<&String>, &str, &str)| {
        let given = given?;
        let other = region_in(given, pattern).filter(|other| *other != region)?;
        let region = quoted(region);
        let warning = InvalidValue {
            path,
            must: format!("be in the region of the job, {region}"),
            got: format!("{} in {}", quoted(given), quoted(other)),
            fix: format!("Cloud Run may reject the job. If it does, use one in {region}. See {source}."),
        };
        Some(warning.warning("Region mismatch"))
    };
    references.into_iter().filter_map(warning).collect()
}

/// The region in a full name of this pattern: its fourth segment.
fn region_in<'a>(name: &'a str, pattern: &str) -> Option<&'a str> {
    let full = Some(without_host(name))
        .filter(|name| resource_name::matches(name, pattern, |segment| !segment.is_empty()));
    full?.split('/').nth(3)
}
