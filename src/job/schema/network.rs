//! VPC access: a connector, or a network interface of each task.

use super::{EGRESS, one_of};
use terraform_plugin::schema::{Attribute, Type};

pub(super) fn vpc_access() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "connector",
            Type::String,
            "Serverless VPC Access connector: its name, for a connector in the job's project and location, or \
             `projects/P/locations/L/connectors/C`. Conflicts with `network` and `subnetwork`.",
        ),
        Attribute::new(
            "network",
            Type::String,
            "VPC network of the tasks' network interface (Direct VPC egress): its name, such as `default`, or \
             `projects/P/global/networks/N`. Default: the network of `subnetwork`.",
        ),
        Attribute::new(
            "subnetwork",
            Type::String,
            "Subnetwork that the tasks' IP addresses come from: its name, or `projects/P/regions/R/subnetworks/S`. \
             Default: the subnetwork with the name of `network`.",
        ),
        Attribute::new(
            "tags",
            Type::string_set(),
            "Network tags of the network interface, for firewall rules. Requires `network` or `subnetwork`.",
        ),
        Attribute::new(
            "egress",
            Type::String,
            format!(
                "Traffic that is routed through the VPC: {}. Default: `{}`.",
                one_of(&EGRESS.map(|(name, _)| name)),
                EGRESS[0].0
            ),
        )
        .default(EGRESS[0].0),
    ]
}
