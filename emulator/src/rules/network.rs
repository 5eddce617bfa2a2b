//! Rules for access to a VPC.

use serde_json::Value;

use super::definition::{invalid, list, string};
use super::format::matches_pattern;
use crate::error::ApiError;

pub(super) fn check(access: &Value) -> Result<(), ApiError> {
    if !access.is_object() {
        return Ok(());
    }
    let (connector, interfaces) = (string(access, "connector"), list(access, "networkInterfaces"));
    if connector.is_empty() == interfaces.is_empty() {
        return Err(invalid(
            PATH,
            "one and only one of connector and network_interfaces must be set.",
        ));
    }
    if !connector.is_empty() && !matches_pattern(connector, "projects/*/locations/*/connectors/*") {
        return Err(invalid(
            &format!("{PATH}.connector"),
            "must be in form projects/{project}/locations/{location}/connectors/{connector}.",
        ));
    }
    if interfaces.len() > 1 {
        return Err(invalid(
            &format!("{PATH}.network_interfaces"),
            "only 1 network interface is allowed.",
        ));
    }
    if let Some(interface) = interfaces.first()
        && string(interface, "network").is_empty()
        && string(interface, "subnetwork").is_empty()
    {
        return Err(invalid(
            &format!("{PATH}.network_interfaces"),
            "at least one of network or subnetwork should not be empty.",
        ));
    }
    Ok(())
}

const PATH: &str = "template.template.vpc_access";
