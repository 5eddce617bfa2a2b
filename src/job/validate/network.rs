//! Rules about VPC access by a connector or a network interface.

use crate::job::model::{Job, VpcAccess};
use crate::job::resource_name::{self, CONNECTOR, SUBNETWORK, without_host};
use crate::job::schema::EGRESS;
use crate::name;
use crate::validators::{choices, null_element};
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::value::{Field, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let Some(vpc) = job.vpc_access.known() else { return };
    check_names(vpc, diagnostics);
    check_conflict(vpc, diagnostics);
    check_tags(vpc, diagnostics);
    check_egress(vpc, diagnostics);
}

/// Whether tasks reach no VPC; false while that is unknown.
pub(super) fn is_unreachable(vpc: &Field<VpcAccess>) -> bool {
    vpc.is_null() || vpc.known().is_some_and(is_empty)
}

fn is_empty(vpc: &VpcAccess) -> bool {
    vpc.connector.is_null() && vpc.network.is_null() && vpc.subnetwork.is_null()
}

fn check_names(vpc: &VpcAccess, diagnostics: &mut Vec<Diagnostic>) {
    for (name, given, is_link, pattern, summary, rule) in [
        (
            "connector",
            &vpc.connector,
            false,
            CONNECTOR,
            "Invalid VPC connector",
            "the name of a connector, such as \"my-connector\", or \"projects/P/locations/L/connectors/C\"",
        ),
        (
            "network",
            &vpc.network,
            true,
            "projects/*/global/networks/*",
            "Invalid VPC network",
            "the name of a VPC network, such as \"default\", or \"projects/P/global/networks/N\"",
        ),
        (
            "subnetwork",
            &vpc.subnetwork,
            true,
            SUBNETWORK,
            "Invalid subnetwork",
            "the name of a subnetwork, such as \"batch\", or \"projects/P/regions/R/subnetworks/S\"",
        ),
    ] {
        let Some(given) = given.known() else { continue };
        let full = if is_link { without_host(given) } else { given };
        if !is_segment(full) && !resource_name::matches(full, pattern, is_segment) {
            diagnostics.push(Diagnostic::attribute_error(
                Path::attribute("vpc_access").key(name),
                summary,
                format!(
                    "vpc_access.{name} is {rule}. It is {}. Leave it out to reach no VPC by it.",
                    quoted(given)
                ),
            ));
        }
    }
}

fn check_conflict(vpc: &VpcAccess, diagnostics: &mut Vec<Diagnostic>) {
    let interface = [("network", &vpc.network), ("subnetwork", &vpc.subnetwork)];
    let set = interface.iter().find(|(_, given)| given.known().is_some());
    if let (Some(connector), Some((name, given))) = (vpc.connector.known(), set) {
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("vpc_access").key(name),
            "Two ways into a VPC",
            format!(
                "Tasks reach a VPC by a connector, or by an interface in a network of their own, not by both. \
                 vpc_access.connector is {}, and vpc_access.{name} is {}. Take out one of them.",
                quoted(connector),
                quoted(given.known().map_or("", String::as_str))
            ),
        ));
    }
}

fn check_tags(vpc: &VpcAccess, diagnostics: &mut Vec<Diagnostic>) {
    let Some(tags) = vpc.tags.known() else { return };
    let path = || Path::attribute("vpc_access").key("tags");
    for tag in tags {
        match tag {
            Field::Unknown => {}
            Field::Null => diagnostics.push(null_element(path(), "vpc_access.tags")),
            Field::Known(tag) if name::is_job_id(tag) => {}
            Field::Known(tag) => diagnostics.push(Diagnostic::attribute_error(
                path(),
                "Invalid network tag",
                format!(
                    "A network tag must be 1 to {} lowercase letters, digits or hyphens, start with a letter and not end \
                     with a hyphen, got {}. Use for example {}.",
                    name::JOB_ID_LENGTH,
                    quoted(tag),
                    quoted(&name::job_id(&tag.to_lowercase()))
                ),
            )),
        }
    }
    if !tags.is_empty() && vpc.network.is_null() && vpc.subnetwork.is_null() {
        diagnostics.push(Diagnostic::attribute_error(
            path(),
            "Network tags without a network",
            "Network tags belong to an interface in a network. vpc_access has tags, and neither network nor subnetwork. \
             Name one of them, for example network = \"default\", or take the tags out.",
        ));
    }
}

fn check_egress(vpc: &VpcAccess, diagnostics: &mut Vec<Diagnostic>) {
    let Some(egress) = vpc.egress.known() else { return };
    let names = EGRESS.map(|(name, _)| name);
    if !names.contains(&egress.as_str()) {
        let suggestion = EGRESS
            .iter()
            .find(|(_, api)| api == egress)
            .map_or(names[0], |(name, _)| name);
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("vpc_access").key("egress"),
            "Unknown VPC egress",
            format!(
                "vpc_access.egress is {}. It is {}. Set egress = \"{suggestion}\".",
                choices(&names),
                quoted(egress)
            ),
        ));
    } else if is_empty(vpc) && egress != names[0] {
        diagnostics.push(Diagnostic::attribute_warning(
            Path::attribute("vpc_access").key("egress"),
            "VPC egress without a way into a VPC",
            format!(
                "vpc_access.egress says which traffic goes into a VPC. It is {}, and there is neither connector nor \
                 network nor subnetwork, so it has no effect. Name one of them, or leave vpc_access out.",
                quoted(egress)
            ),
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
