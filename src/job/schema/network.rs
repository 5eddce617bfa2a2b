//! VPC access: a connector, or a network interface of each task.

use super::{EGRESS, one_of};
use terraform_plugin::schema::{Attribute, Type};

pub(super) fn vpc_access() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "connector",
            Type::String,
            "Serverless VPC Access connector: its name, completed with the job's project and location, or \
             `projects/P/locations/L/connectors/C`. Not together with `network` or `subnetwork`.",
        ),
        Attribute::new(
            "network",
            Type::String,
            "VPC network that tasks have an interface in, without a connector (Direct VPC egress): its name, such as \
             `default`, or `projects/P/global/networks/N`. Left out beside `subnetwork`, it is the one of that.",
        ),
        Attribute::new(
            "subnetwork",
            Type::String,
            "Subnetwork that tasks get their addresses from: its name, or `projects/P/regions/R/subnetworks/S`. Left out \
             beside `network`, it is the one of the network's own name.",
        ),
        Attribute::new(
            "tags",
            Type::string_set(),
            "Network tags of the interface, for firewall rules; with `network` or `subnetwork` only.",
        ),
        Attribute::new(
            "egress",
            Type::String,
            format!(
                "Traffic that goes that way: {}. Default: `{}`.",
                one_of(&EGRESS.map(|(name, _)| name)),
                EGRESS[0].0
            ),
        )
        .default(EGRESS[0].0),
    ]
}
