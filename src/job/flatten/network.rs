//! VPC access of a state.

use std::collections::BTreeSet;

use super::{flatten_strings, from_api};
use crate::job::schema::EGRESS;
use cloud_run::model as api;
use terraform_plugin::value::Value;

/// VPC access. Without any, `hint` without its connector and interface.
pub(super) fn flatten_vpc_access(vpc: Option<&api::VpcAccess>, hint: &Value) -> Value {
    let non_empty = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let connector = vpc.and_then(|vpc| non_empty(&vpc.connector));
    let interface = vpc.and_then(|vpc| vpc.network_interfaces.first());
    if connector.is_none() && interface.is_none() {
        let mut none = hint.clone();
        for member in ["connector", "network", "subnetwork"] {
            none.set(member, Value::Null);
        }
        return none;
    }
    let egress = vpc.and_then(|vpc| vpc.egress.as_deref());
    let member = |name: &str, value: Option<String>, other: &str| {
        // The API completes the network of a subnetwork and vice versa; only one of them is configured.
        let is_completed = hint.get(name).is_null() && !hint.get(other).is_null();
        Value::from(value.filter(|_| !is_completed))
    };
    let network = interface.and_then(|interface| non_empty(&interface.network));
    let subnetwork = interface.and_then(|interface| non_empty(&interface.subnetwork));
    let tags = interface.map_or(&[][..], |interface| &interface.tags);
    Value::from([
        ("connector", Value::from(connector)),
        ("network", member("network", network, "subnetwork")),
        ("subnetwork", member("subnetwork", subnetwork, "network")),
        ("tags", flatten_tags(tags, hint.get("tags"))),
        ("egress", from_api(&EGRESS, egress)),
    ])
}

/// A set, in the order of `hint` and without duplicates.
fn flatten_tags(tags: &[String], hint: &Value) -> Value {
    let order = match hint {
        Value::List(order) => order.as_slice(),
        _ => &[],
    };
    let position = |tag: &String| order.iter().position(|known| known.as_str() == Some(tag));
    let mut tags = tags.to_vec();
    let mut seen = BTreeSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    tags.sort_by_key(|tag| position(tag).unwrap_or(usize::MAX));
    flatten_strings(&tags, hint)
}
