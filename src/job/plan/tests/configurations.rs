//! Random configurations.

use std::collections::BTreeMap;

use crate::job::schema::SCHEMA;
use proptest::prelude::*;
use terraform_plugin::value::Value;

/// Any configuration, valid or not, with parts omitted.
pub(crate) fn any_config() -> impl Strategy<Value = Value> {
    let text = |choices: &'static [&'static str]| prop_oneof![1 => Just(Value::Null), 3 => proptest::sample::select(choices).prop_map(Value::from)];
    let required =
        |choices: &'static [&'static str]| proptest::sample::select(choices).prop_map(Value::from).boxed();
    let object = |members: Vec<(&'static str, BoxedStrategy<Value>)>| {
        let members = members
            .into_iter()
            .map(|(name, values)| values.prop_map(move |value| (name, value)));
        let members = members.collect::<Vec<_>>();
        prop_oneof![
            1 => Just(Value::Null),
            3 => members.prop_map(|members| Value::from(members.into_iter().collect::<BTreeMap<_, _>>())),
        ]
    };
    let number = || prop_oneof![1 => Just(Value::Null), 3 => (0..12i64).prop_map(Value::from)].boxed();
    let resources = object(vec![
        ("cpu", text(&["20", "20000m", "32"]).boxed()),
        ("memory", text(&["80Gi", "81920Mi"]).boxed()),
    ]);
    let job = object(vec![
        ("task_count", number()),
        ("task_timeout", text(&["1h", "3600s", "nonsense"]).boxed()),
        ("delay_execution", json_of(&["null", "false", "true"]).boxed()),
    ]);
    let facets = object(vec![
        ("instance_name", required(&["i", "J!"])),
        ("environment", required(&["e"])),
    ]);
    let secret = object(vec![
        ("env_var", required(&["A", "B"])),
        ("secret_name", required(&["a", "projects/p/secrets/a"])),
    ]);
    let labels = prop_oneof![
        Just(Value::Null),
        proptest::collection::btree_map("[a-c]", text(&["x", "y"]), 0..3).prop_map(Value::from)
    ];
    let container = json_of(&[
        r#"{"image": "i"}"#,
        r#"{"image": "i", "working_dir": "/w", "args": []}"#,
        r#"{"image": "i", "volume_mounts": [{"name": "a", "mount_path": "/a"}]}"#,
        r#"{"image": "i", "volume_mounts": [{"name": "b", "mount_path": "/b", "sub_path": "s"}, {"name": "a", "mount_path": "/a"}]}"#,
    ]);
    let volumes = json_of(&[
        "null",
        "[]",
        r#"[{"name": "a", "gcs": {"bucket": "my-bucket", "mount_options": []}}]"#,
        r#"[{"name": "a", "empty_dir": {"size_limit": "1Gi"}}, {"name": "b", "nfs": {"server": "s", "path": "/p", "read_only": true}}]"#,
        r#"[{"name": "a", "empty_dir": {"size_limit": "1024Mi", "medium": "disk"}}]"#,
        r#"[{"name": "b", "secret": {"secret": "s", "default_mode": "444"}}, {"name": "a", "secret": {"secret": "projects/p/secrets/s", "items": [{"path": "k", "mode": "0400"}]}}]"#,
        r#"[{"name": "b", "secret": {"secret": "s", "default_mode": "0444"}}, {"name": "a", "secret": {"secret": "s", "items": [{"path": "k", "mode": "400", "version": "latest"}]}}]"#,
    ]);
    let vpc = json_of(&[
        "null",
        "{}",
        r#"{"connector": "c"}"#,
        r#"{"connector": "projects/p/locations/us-central1/connectors/c", "egress": "all-traffic"}"#,
        r#"{"network": "n", "tags": ["t", "u"]}"#,
        r#"{"network": "projects/p/global/networks/n", "subnetwork": "s", "tags": []}"#,
    ]);
    let policy = json_of(&[
        "null",
        r#"{"use_default": true}"#,
        r#"{"use_default": false, "policy": "projects/p/platforms/cloudRun/policies/n"}"#,
    ]);
    let key = text(&["projects/p/locations/us-central1/keyRings/r/cryptoKeys/k"]);
    (
        (
            text(&["render", "other"]),
            text(&["p", "q"]),
            text(&["us-central1", "mars"]),
            facets,
        ),
        (
            resources,
            job,
            proptest::collection::vec(secret, 0..3).prop_map(Value::List),
            labels,
        ),
        (text(&["a@b.c"]), any::<bool>().prop_map(Value::from)),
        (container, volumes, vpc, policy, key),
    )
        .prop_map(
            |(
                (name, project, location, facets),
                (resources, job, secrets, labels),
                (account, protection),
                (container, volumes, vpc, policy, key),
            )| {
                let value = Value::from([
                    ("name", name),
                    ("project", project),
                    ("location", location),
                    ("facets", facets),
                    ("container", container),
                    ("volumes", volumes),
                    ("vpc_access", vpc),
                    ("binary_authorization", policy),
                    ("encryption_key", key),
                    ("resources", resources),
                    ("job", job),
                    ("secrets", secrets),
                    ("labels", labels),
                    ("service_account", account),
                    ("deletion_protection", protection),
                ]);
                SCHEMA
                    .coerce(value, terraform_plugin::schema::ExtraAttributes::Error)
                    .unwrap()
            },
        )
}

/// One of these JSON values.
fn json_of(choices: &'static [&'static str]) -> impl Strategy<Value = Value> {
    proptest::sample::select(choices)
        .prop_map(|json| terraform_plugin::value::from_json(json.as_bytes()).unwrap())
}
