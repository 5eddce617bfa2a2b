//! Rules for access to a VPC.

use serde_json::Value;

use super::{has_form, list, refuse, text};
use crate::error::Problem;

pub(super) fn check(access: &Value) -> Result<(), Problem> {
    if !access.is_object() {
        return Ok(());
    }
    let (connector, interfaces) = (text(access, "connector"), list(access, "networkInterfaces"));
    if connector.is_empty() == interfaces.is_empty() {
        return Err(refuse(
            PATH,
            "one and only one of connector and network_interfaces must be set.",
        ));
    }
    if !connector.is_empty() && !has_form(connector, "projects/*/locations/*/connectors/*") {
        return Err(refuse(
            &format!("{PATH}.connector"),
            "must be in form projects/{project}/locations/{location}/connectors/{connector}.",
        ));
    }
    if interfaces.len() > 1 {
        return Err(refuse(
            &format!("{PATH}.network_interfaces"),
            "only 1 network interface is allowed.",
        ));
    }
    if let Some(interface) = interfaces.first()
        && text(interface, "network").is_empty()
        && text(interface, "subnetwork").is_empty()
    {
        return Err(refuse(
            &format!("{PATH}.network_interfaces"),
            "at least one of network or subnetwork should not be empty.",
        ));
    }
    Ok(())
}

const PATH: &str = "template.template.vpc_access";
