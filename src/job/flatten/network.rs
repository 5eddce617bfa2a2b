//! VPC access of a state.

use std::collections::BTreeSet;

use super::{from_api, words};
use crate::job::schema::EGRESS;
use cloud_run::model as api;
use terraform_plugin::value::Value;

/// The way into a VPC that Google tells; where there is none, what is written stays without its way.
pub(super) fn flatten_vpc_access(vpc: Option<&api::VpcAccess>, hint: &Value) -> Value {
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
        ("tags", flatten_tags(tags, hint.get("tags"))),
        ("egress", from_api(&EGRESS, egress)),
    ])
}

/// A set. In the order of the hint, equal sets are equal values too.
fn flatten_tags(tags: &[String], hint: &Value) -> Value {
    let written = match hint {
        Value::List(written) => written.as_slice(),
        _ => &[],
    };
    let place = |tag: &String| written.iter().position(|one| one.as_str() == Some(tag));
    let mut tags = tags.to_vec();
    let mut seen = BTreeSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    tags.sort_by_key(|tag| place(tag).unwrap_or(usize::MAX));
    words(&tags, hint)
}
