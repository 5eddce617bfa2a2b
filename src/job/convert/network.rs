//! The way into a VPC, both ways.

use std::collections::BTreeSet;

use super::{from_google, place_of, to_google, words};
use crate::job::model::{Job, VpcAccess};
use crate::job::schema::EGRESS;
use crate::job::semantic_equality::without_host;
use cloud_run::model as api;
use terraform_plugin::value::Value;

/// The way into a VPC as Google is asked for it: a connector, or one interface.
pub(super) fn desired(job: &Job) -> Option<api::VpcAccess> {
    let vpc = job.vpc_access.known()?;
    let (connector, network_interfaces) = match vpc.connector.known() {
        Some(connector) => (Some(place_of(job).connector(connector)), Vec::new()),
        None => (None, vec![interface(vpc)?]),
    };
    Some(api::VpcAccess {
        connector,
        egress: Some(to_google(&EGRESS, &vpc.egress)),
        network_interfaces,
    })
}

fn interface(vpc: &VpcAccess) -> Option<api::NetworkInterface> {
    let path = |name: Option<&String>| name.map(|name| without_host(name).to_owned());
    let (network, subnetwork) = (path(vpc.network.known()), path(vpc.subnetwork.known()));
    (network.is_some() || subnetwork.is_some()).then(|| api::NetworkInterface {
        network,
        subnetwork,
        tags: words(&vpc.tags),
    })
}

/// The way into a VPC that Google tells; where there is none, what is written stays without its way.
pub(super) fn state(vpc: Option<&api::VpcAccess>, hint: &Value) -> Value {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let connector = vpc.and_then(|vpc| given(&vpc.connector));
    let interface = vpc.and_then(|vpc| vpc.network_interfaces.first());
    if connector.is_none() && interface.is_none() {
        let mut none = hint.clone();
        for way in ["connector", "network", "subnetwork"] {
            none.set(way, Value::Null);
        }
        return none;
    }
    let egress = vpc.and_then(|vpc| vpc.egress.as_deref());
    let member = |name: &str, told: Option<String>, other: &str| {
        // Google finds the network of a subnetwork, and the other way about. Nobody has chosen what it finds.
        let left_open = hint.get(name).is_null() && !hint.get(other).is_null();
        Value::from(told.filter(|_| !left_open))
    };
    let network = interface.and_then(|interface| given(&interface.network));
    let subnetwork = interface.and_then(|interface| given(&interface.subnetwork));
    let tags = interface.map_or(&[][..], |interface| &interface.tags);
    Value::from([
        ("connector", Value::from(connector)),
        ("network", member("network", network, "subnetwork")),
        ("subnetwork", member("subnetwork", subnetwork, "network")),
        ("tags", tags_state(tags, hint.get("tags"))),
        ("egress", from_google(&EGRESS, egress)),
    ])
}

/// A set. In the order of the hint, equal sets are equal values too.
fn tags_state(tags: &[String], hint: &Value) -> Value {
    let written = match hint {
        Value::List(written) => written.as_slice(),
        _ => &[],
    };
    let place = |tag: &String| written.iter().position(|one| one.as_str() == Some(tag));
    let mut tags = tags.to_vec();
    let mut seen = BTreeSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    tags.sort_by_key(|tag| place(tag).unwrap_or(usize::MAX));
    super::state::words(&tags, hint)
}
