//! VPC access of a request.

use super::{scope, string_list, to_api};
use crate::job::model::{Job, VpcAccess};
use crate::job::resource_name::without_host;
use crate::job::schema::EGRESS;
use cloud_run::model as api;

/// A connector, or one network interface.
pub(super) fn expand_vpc_access(job: &Job) -> Option<api::VpcAccess> {
    let vpc = job.vpc_access.known()?;
    let (connector, network_interfaces) = match vpc.connector.known() {
        Some(connector) => (Some(scope(job).connector(connector)), Vec::new()),
        None => (None, vec![expand_interface(vpc)?]),
    };
    Some(api::VpcAccess {
        connector,
        egress: Some(to_api(&EGRESS, &vpc.egress)),
        network_interfaces,
    })
}

fn expand_interface(vpc: &VpcAccess) -> Option<api::NetworkInterface> {
    let path = |name: Option<&String>| name.map(|name| without_host(name).to_owned());
    let (network, subnetwork) = (path(vpc.network.known()), path(vpc.subnetwork.known()));
    (network.is_some() || subnetwork.is_some()).then(|| api::NetworkInterface {
        network,
        subnetwork,
        tags: string_list(&vpc.tags),
    })
}
