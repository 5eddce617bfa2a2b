//! Rules about VPC access by a connector or a network interface.

use super::choice;
use crate::job::model::{Job, VpcAccess};
use crate::job::resource_name::{self, CONNECTOR, SUBNETWORK, without_host};
use crate::job::schema::EGRESS;
use crate::name;
use crate::validators::{example, null_element};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::{Field, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let Some(vpc) = job.vpc_access.known() else { return };
    check_names(vpc, diagnostics);
    check_conflict(vpc, diagnostics);
    check_tags(vpc, diagnostics);
    check_egress(vpc, diagnostics);
}

fn path(name: &str) -> Path {
    Path::attribute("vpc_access").key(name)
}

/// Whether tasks reach no VPC; false while that is unknown.
pub(super) fn is_unreachable(vpc: &Field<VpcAccess>) -> bool {
    vpc.is_null() || vpc.known().is_some_and(is_empty)
}

fn is_empty(vpc: &VpcAccess) -> bool {
    vpc.connector.is_null() && vpc.network.is_null() && vpc.subnetwork.is_null()
}

fn check_names(vpc: &VpcAccess, diagnostics: &mut Vec<Diagnostic>) {
    for (name, given, is_link, pattern, summary, form, valid) in [
        (
            "connector",
            &vpc.connector,
            false,
            CONNECTOR,
            "Invalid VPC connector",
            "projects/PROJECT/locations/LOCATION/connectors/CONNECTOR",
            "my-connector",
        ),
        (
            "network",
            &vpc.network,
            true,
            "projects/*/global/networks/*",
            "Invalid VPC network",
            "projects/PROJECT/global/networks/NETWORK",
            "default",
        ),
        (
            "subnetwork",
            &vpc.subnetwork,
            true,
            SUBNETWORK,
            "Invalid subnetwork",
            "projects/PROJECT/regions/REGION/subnetworks/SUBNETWORK",
            "my-subnetwork",
        ),
    ] {
        let Some(given) = given.known() else { continue };
        let full = if is_link { without_host(given) } else { given };
        if !is_segment(full) && !resource_name::matches(full, pattern, is_segment) {
            let error = InvalidValue {
                path: path(name),
                must: format!("be a lowercase {name} name or have the form \"{form}\""),
                got: quoted(given),
                fix: example(valid),
            };
            diagnostics.push(error.error(summary));
        }
    }
}

fn check_conflict(vpc: &VpcAccess, diagnostics: &mut Vec<Diagnostic>) {
    let interface = [("network", &vpc.network), ("subnetwork", &vpc.subnetwork)];
    let set = interface
        .into_iter()
        .find_map(|(name, given)| Some((name, given.known()?)));
    if let (Some(connector), Some((name, given))) = (vpc.connector.known(), set) {
        let error = InvalidValue {
            path: path(name),
            must: "not be set together with vpc_access.connector".into(),
            got: format!("{} and {}", quoted(given), quoted(connector)),
            fix: "Remove one of them.".into(),
        };
        diagnostics.push(error.error("Conflicting VPC settings"));
    }
}

fn check_tags(vpc: &VpcAccess, diagnostics: &mut Vec<Diagnostic>) {
    let Some(tags) = vpc.tags.known() else { return };
    for tag in tags {
        match tag {
            Field::Unknown => {}
            // An element of a set has no path.
            Field::Null => diagnostics.push(null_element(path("tags"))),
            Field::Known(tag) if name::is_job_id(tag) => {}
            Field::Known(tag) => {
                let error = InvalidValue {
                    path: path("tags"),
                    must: format!(
                        "have only tags of 1 to {} lowercase letters, digits or hyphens that start with a letter and do not \
                         end with a hyphen",
                        name::JOB_ID_LENGTH
                    ),
                    got: quoted(tag),
                    fix: example(&name::similar_job_id(tag)),
                };
                diagnostics.push(error.error("Invalid network tag"));
            }
        }
    }
    if !tags.is_empty() && vpc.network.is_null() && vpc.subnetwork.is_null() {
        let fix = if vpc.connector.is_null() {
            "For example: network = \"default\"."
        } else {
            "Remove the tags: they do not apply to a connector."
        };
        diagnostics.push(Diagnostic::attribute_error(
            path("tags"),
            "Missing VPC network",
            format!("vpc_access.tags requires vpc_access.network or vpc_access.subnetwork. {fix}"),
        ));
    }
}

fn check_egress(vpc: &VpcAccess, diagnostics: &mut Vec<Diagnostic>) {
    choice::check(
        path("egress"),
        &vpc.egress,
        &EGRESS,
        "Unsupported VPC egress",
        diagnostics,
    );
    let all_traffic = EGRESS[1].0;
    if is_empty(vpc) && vpc.egress.known().is_some_and(|egress| egress == all_traffic) {
        let detail = format!(
            "vpc_access.egress = \"{all_traffic}\" requires vpc_access.connector, vpc_access.network or \
             vpc_access.subnetwork. It has no effect without one of them. For example: network = \"default\"."
        );
        diagnostics.push(Diagnostic::attribute_warning(
            path("egress"),
            "Ineffective VPC egress",
            detail,
        ));
    }
}

/// Whether text is a name, or a project with its domain.
fn is_segment(segment: &str) -> bool {
    !segment.is_empty()
        && segment
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b':' | b'.'))
}
