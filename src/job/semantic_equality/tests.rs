//! Which strings are semantically equal, for each attribute with more than one notation.

use super::*;

/// Attributes, and two values of each: equal in plans and responses (`equal`), in some responses only (`response`), never
/// (`different`).
const PAIRS: &str = "
    resources.cpu equal 20 20000m
    resources.cpu equal 2 2000m
    resources.cpu different 20 24
    resources.cpu different 20 20m
    resources.cpu different many more
    resources.memory equal 80Gi 81920Mi
    resources.memory different 80Gi 80G
    resources.memory different 80Gi 96Gi
    resources.memory different much more
    job.task_timeout equal 1h 3600s
    job.task_timeout equal 90s 1m30s
    job.task_timeout different 1h 3601s
    job.task_timeout different 1h 1m
    job.task_timeout different soon later
    timeouts.create equal 1h 3600s
    timeouts.update equal 1h 3600s
    timeouts.delete equal 1h 3600s
    vpc_access.connector equal c projects/p/locations/r/connectors/c
    vpc_access.connector response c projects/4711/locations/r/connectors/c
    vpc_access.connector different c d
    vpc_access.connector different c projects/q/locations/r/connectors/c
    vpc_access.connector different c projects/p/locations/other/connectors/c
    vpc_access.connector different c projects/4711/locations/other/connectors/c
    vpc_access.connector different c projects/4711/locations/r/connectors/d
    vpc_access.connector different projects/1/locations/r/connectors/c projects/2/locations/r/connectors/c
    vpc_access.network equal n projects/p/global/networks/n
    vpc_access.network equal n https://www.googleapis.com/compute/v1/projects/p/global/networks/n
    vpc_access.network equal projects/p/global/networks/n https://www.googleapis.com/compute/v1/projects/p/global/networks/n
    vpc_access.network response n projects/4711/global/networks/n
    vpc_access.network response projects/4711/global/networks/n https://www.googleapis.com/compute/v1/projects/p/global/networks/n
    vpc_access.network different n m
    vpc_access.network different m https://www.googleapis.com/compute/v1/projects/p/global/networks/n
    vpc_access.network different n projects/host/global/networks/n
    vpc_access.network different n projects/4711/global/networks/m
    vpc_access.network different projects/host/global/networks/n https://www.googleapis.com/compute/v1/projects/p/global/networks/n
    vpc_access.network different projects/1/global/networks/n projects/2/global/networks/n
    vpc_access.subnetwork equal s projects/p/regions/r/subnetworks/s
    vpc_access.subnetwork equal s https://compute.googleapis.com/compute/v1/projects/p/regions/r/subnetworks/s
    vpc_access.subnetwork response s projects/4711/regions/r/subnetworks/s
    vpc_access.subnetwork different s t
    vpc_access.subnetwork different t https://compute.googleapis.com/compute/v1/projects/p/regions/r/subnetworks/s
    vpc_access.subnetwork different s projects/host/regions/r/subnetworks/s
    vpc_access.subnetwork different s projects/p/regions/other/subnetworks/s
    vpc_access.subnetwork different s projects/4711/regions/other/subnetworks/s
    vpc_access.subnetwork different s projects/4711/regions/r/subnetworks/t
    vpc_access.subnetwork different projects/1/regions/r/subnetworks/s projects/2/regions/r/subnetworks/s
    secrets.secret_name equal k projects/p/secrets/k
    secrets.secret_name response k projects/4711/secrets/k
    secrets.secret_name response projects/q/secrets/k projects/4711/secrets/k
    secrets.secret_name different k l
    secrets.secret_name different k projects/q/secrets/k
    secrets.secret_name different k projects/p/secrets/l
    secrets.secret_name different k projects/4711/secrets/l
    secrets.secret_name different projects/p/secrets/k projects/q/secrets/k
    secrets.secret_name different projects/1/secrets/k projects/2/secrets/k
    volumes.secret.secret equal k projects/p/secrets/k
    volumes.secret.secret response k projects/4711/secrets/k
    volumes.secret.secret response projects/q/secrets/k projects/4711/secrets/k
    volumes.secret.secret different k l
    volumes.secret.secret different k projects/q/secrets/k
    volumes.secret.secret different k projects/p/secrets/l
    volumes.secret.secret different k projects/4711/secrets/l
    volumes.secret.secret different projects/p/secrets/k projects/q/secrets/k
    volumes.secret.secret different projects/1/secrets/k projects/2/secrets/k
    volumes.gcs.bucket equal b projects/_/buckets/b
    volumes.gcs.bucket equal projects/1/buckets/b projects/p/buckets/b
    volumes.gcs.bucket different b c
    volumes.gcs.bucket different b projects/_/buckets/c
    volumes.gcs.bucket different 4711 b
    volumes.secret.default_mode equal 400 0400
    volumes.secret.default_mode different 400 444
    volumes.secret.default_mode different 9 8
    volumes.secret.items.mode equal 400 0400
    volumes.secret.items.mode different 400 444
    volumes.secret.items.mode different 9 8
    volumes.empty_dir.size_limit equal 1Gi 1024Mi
    volumes.empty_dir.size_limit different 1Gi 1G
    volumes.empty_dir.size_limit different 1Gi 2Gi
    encryption_key response projects/p/locations/r/keyRings/k/cryptoKeys/k projects/4711/locations/r/keyRings/k/cryptoKeys/k
    encryption_key different projects/p/locations/r/keyRings/k/cryptoKeys/k projects/q/locations/r/keyRings/k/cryptoKeys/k
    encryption_key different projects/p/locations/r/keyRings/k/cryptoKeys/k projects/4711/locations/r/keyRings/k/cryptoKeys/l
    binary_authorization.policy response projects/p/platforms/cloudRun/policies/a projects/4711/platforms/cloudRun/policies/a
    binary_authorization.policy different projects/p/platforms/cloudRun/policies/a projects/q/platforms/cloudRun/policies/a
    binary_authorization.policy different projects/p/platforms/cloudRun/policies/a projects/4711/platforms/cloudRun/policies/b
";

/// A job of this generation with this value at a path.
fn job(path: &[&str], text: &str, generation: Value) -> Value {
    let mut at = Value::from(text);
    for name in path.iter().rev() {
        at = Value::from([(*name, at)]);
        if ["secrets", "volumes", "items"].contains(name) {
            let Value::Map(members) = &mut at else { continue };
            members
                .values_mut()
                .for_each(|item| *item = Value::List(vec![item.clone()]));
        }
    }
    at.set("project", "p");
    at.set("location", "r");
    at.set("generation", generation);
    at
}

/// Whether the prior value replaces the new one.
fn is_preserved(
    path: &[&str],
    new: &str,
    prior: &str,
    preserve: fn(&mut Value, &Value),
    generations: [Value; 2],
) -> bool {
    let [fresh, stored] = generations;
    let mut changed = job(path, new, fresh.clone());
    preserve(&mut changed, &job(path, prior, stored));
    let preserved = changed == job(path, prior, fresh.clone());
    assert!(
        preserved || changed == job(path, new, fresh),
        "{path:?}: {changed:?}"
    );
    preserved
}

/// In a plan, the response to a write, a response of the stored generation, of another one, and without one.
fn all_preserved(path: &[&str], new: &str, prior: &str) -> [bool; 6] {
    let number = |generation: i64| Value::from(generation);
    [
        is_preserved(path, new, prior, preserve_prior, [Value::Unknown, number(3)]),
        is_preserved(
            path,
            new,
            prior,
            preserve_prior_in_response,
            [number(4), Value::Unknown],
        ),
        is_preserved(
            path,
            new,
            prior,
            preserve_prior_in_response,
            [number(3), number(3)],
        ),
        is_preserved(
            path,
            new,
            prior,
            preserve_prior_in_response,
            [number(4), number(3)],
        ),
        is_preserved(
            path,
            new,
            prior,
            preserve_prior_in_response,
            [number(4), Value::Null],
        ),
        is_preserved(
            path,
            new,
            prior,
            preserve_prior_in_response,
            [Value::Null, Value::Null],
        ),
    ]
}

#[test]
fn equal_notations_are_preserved() {
    for line in PAIRS.lines().filter(|line| !line.is_empty()) {
        let [path, kind, a, b] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let expected = match kind {
            "equal" => [true; 6],
            "response" => [false, true, true, false, false, false],
            _ => [false; 6],
        };
        let path: Vec<&str> = path.split('.').collect();
        assert_eq!(all_preserved(&path, a, b), expected, "{line}");
        assert_eq!(all_preserved(&path, b, a), expected, "{line}, reversed");
    }
}

#[test]
fn order_of_keyed_lists_and_omitted_false_are_ignored() {
    let value = |json: &str| {
        let mut job = Value::from([("project", Value::from("p"))]);
        let Ok(Value::Map(members)) = terraform_plugin::value::from_json(json.as_bytes()) else {
            panic!("{json}");
        };
        let attribute = members.keys().next().cloned().unwrap_or_default();
        for (name, member) in members {
            job.set(&name, member);
        }
        (attribute, job)
    };
    for (prior, same, different) in [
        (
            r#"{"secrets": [{"env_var": "A", "secret_name": "a"}, {"env_var": "B", "secret_name": "b"}]}"#,
            vec![
                r#"{"secrets": [{"env_var": "B", "secret_name": "b"}, {"env_var": "A", "secret_name": "a"}]}"#,
                r#"{"secrets": [{"env_var": "B", "secret_name": "projects/p/secrets/b"},
                                {"env_var": "A", "secret_name": "a"}]}"#,
            ],
            vec![
                r#"{"secrets": [{"env_var": "A", "secret_name": "b"}, {"env_var": "B", "secret_name": "a"}]}"#,
                r#"{"secrets": [{"env_var": "B", "secret_name": "projects/4711/secrets/b"},
                                {"env_var": "A", "secret_name": "a"}]}"#,
                r#"{"secrets": [{"env_var": "B", "secret_name": "b"}]}"#,
                r#"{"secrets": [{"env_var": "A", "secret_name": "a"}, {"env_var": "A", "secret_name": "a"}]}"#,
            ],
        ),
        (
            r#"{"volumes": [{"name": "a", "gcs": {"bucket": "b"}},
                            {"name": "s", "secret": {"secret": "k", "items": [{"path": "x", "mode": "400"}, {"path": "y"}]}}]}"#,
            vec![
                r#"{"volumes": [{"name": "s", "secret": {"secret": "projects/p/secrets/k",
                                                         "items": [{"path": "y"}, {"path": "x", "mode": "0400"}]}},
                                {"name": "a", "gcs": {"bucket": "b"}}]}"#,
            ],
            vec![
                r#"{"volumes": [{"name": "s", "gcs": {"bucket": "b"}},
                                {"name": "a", "secret": {"secret": "k", "items": [{"path": "x", "mode": "400"}, {"path": "y"}]}}]}"#,
                r#"{"volumes": [{"name": "a", "gcs": {"bucket": "b"}},
                                {"name": "s", "secret": {"secret": "k", "items": [{"path": "y", "mode": "400"}, {"path": "x"}]}}]}"#,
            ],
        ),
        (
            r#"{"container": {"args": ["a", "b"], "volume_mounts": [{"name": "v", "mount_path": "/v"},
                                                                    {"name": "w", "mount_path": "/w"}]}}"#,
            vec![
                r#"{"container": {"args": ["a", "b"], "volume_mounts": [{"name": "w", "mount_path": "/w"},
                                                                        {"name": "v", "mount_path": "/v"}]}}"#,
            ],
            vec![
                r#"{"container": {"args": ["a", "b"], "volume_mounts": [{"name": "w", "mount_path": "/v"},
                                                                        {"name": "v", "mount_path": "/w"}]}}"#,
                r#"{"container": {"args": ["b", "a"], "volume_mounts": [{"name": "v", "mount_path": "/v"},
                                                                        {"name": "w", "mount_path": "/w"}]}}"#,
            ],
        ),
        (
            r#"{"job": {"delay_execution": false}}"#,
            vec![r#"{"job": {"delay_execution": null}}"#],
            vec![r#"{"job": {"delay_execution": true}}"#],
        ),
    ] {
        let (attribute, prior) = value(prior);
        for (others, expected) in [(same, true), (different, false)] {
            for other in others {
                let (_, planned) = value(other);
                assert_eq!(
                    attribute_semantically_equal(&attribute, &prior, &planned),
                    expected,
                    "{other}"
                );
                assert_eq!(
                    attribute_semantically_equal(&attribute, &planned, &prior),
                    expected,
                    "{other}"
                );
            }
        }
        let mut unknown = prior.clone();
        unknown.set(&attribute, Value::Unknown);
        assert!(
            !attribute_semantically_equal(&attribute, &prior, &unknown),
            "{attribute}"
        );
        assert!(
            attribute_semantically_equal("image", &prior, &unknown),
            "another attribute"
        );
    }
}
