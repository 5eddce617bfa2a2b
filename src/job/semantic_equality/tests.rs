//! Which texts mean the same, for each attribute that has more than one spelling.

use super::*;

/// Attributes, and two texts of each: which a plan and answers keep for each other (`same`), which only some answers keep
/// (`answer`), and which none keeps (`other`).
const PAIRS: &str = "
    resources.cpu same 20 20000m
    resources.cpu same 2 2000m
    resources.cpu other 20 24
    resources.cpu other 20 20m
    resources.cpu other many more
    resources.memory same 80Gi 81920Mi
    resources.memory other 80Gi 80G
    resources.memory other 80Gi 96Gi
    resources.memory other much more
    job.task_timeout same 1h 3600s
    job.task_timeout same 90s 1m30s
    job.task_timeout other 1h 3601s
    job.task_timeout other 1h 1m
    job.task_timeout other soon later
    timeouts.create same 1h 3600s
    timeouts.update same 1h 3600s
    timeouts.delete same 1h 3600s
    vpc_access.connector same c projects/p/locations/r/connectors/c
    vpc_access.connector answer c projects/4711/locations/r/connectors/c
    vpc_access.connector other c d
    vpc_access.connector other c projects/q/locations/r/connectors/c
    vpc_access.connector other c projects/p/locations/other/connectors/c
    vpc_access.connector other c projects/4711/locations/other/connectors/c
    vpc_access.connector other c projects/4711/locations/r/connectors/d
    vpc_access.connector other projects/1/locations/r/connectors/c projects/2/locations/r/connectors/c
    vpc_access.network same n projects/p/global/networks/n
    vpc_access.network same n https://www.googleapis.com/compute/v1/projects/p/global/networks/n
    vpc_access.network same projects/p/global/networks/n https://www.googleapis.com/compute/v1/projects/p/global/networks/n
    vpc_access.network answer n projects/4711/global/networks/n
    vpc_access.network answer projects/4711/global/networks/n https://www.googleapis.com/compute/v1/projects/p/global/networks/n
    vpc_access.network other n m
    vpc_access.network other m https://www.googleapis.com/compute/v1/projects/p/global/networks/n
    vpc_access.network other n projects/host/global/networks/n
    vpc_access.network other n projects/4711/global/networks/m
    vpc_access.network other projects/host/global/networks/n https://www.googleapis.com/compute/v1/projects/p/global/networks/n
    vpc_access.network other projects/1/global/networks/n projects/2/global/networks/n
    vpc_access.subnetwork same s projects/p/regions/r/subnetworks/s
    vpc_access.subnetwork same s https://compute.googleapis.com/compute/v1/projects/p/regions/r/subnetworks/s
    vpc_access.subnetwork answer s projects/4711/regions/r/subnetworks/s
    vpc_access.subnetwork other s t
    vpc_access.subnetwork other t https://compute.googleapis.com/compute/v1/projects/p/regions/r/subnetworks/s
    vpc_access.subnetwork other s projects/host/regions/r/subnetworks/s
    vpc_access.subnetwork other s projects/p/regions/other/subnetworks/s
    vpc_access.subnetwork other s projects/4711/regions/other/subnetworks/s
    vpc_access.subnetwork other s projects/4711/regions/r/subnetworks/t
    vpc_access.subnetwork other projects/1/regions/r/subnetworks/s projects/2/regions/r/subnetworks/s
    secrets.secret_name same k projects/p/secrets/k
    secrets.secret_name answer k projects/4711/secrets/k
    secrets.secret_name answer projects/q/secrets/k projects/4711/secrets/k
    secrets.secret_name other k l
    secrets.secret_name other k projects/q/secrets/k
    secrets.secret_name other k projects/p/secrets/l
    secrets.secret_name other k projects/4711/secrets/l
    secrets.secret_name other projects/p/secrets/k projects/q/secrets/k
    secrets.secret_name other projects/1/secrets/k projects/2/secrets/k
    volumes.secret.secret same k projects/p/secrets/k
    volumes.secret.secret answer k projects/4711/secrets/k
    volumes.secret.secret answer projects/q/secrets/k projects/4711/secrets/k
    volumes.secret.secret other k l
    volumes.secret.secret other k projects/q/secrets/k
    volumes.secret.secret other k projects/p/secrets/l
    volumes.secret.secret other k projects/4711/secrets/l
    volumes.secret.secret other projects/p/secrets/k projects/q/secrets/k
    volumes.secret.secret other projects/1/secrets/k projects/2/secrets/k
    volumes.gcs.bucket same b projects/_/buckets/b
    volumes.gcs.bucket same projects/1/buckets/b projects/p/buckets/b
    volumes.gcs.bucket other b c
    volumes.gcs.bucket other b projects/_/buckets/c
    volumes.gcs.bucket other 4711 b
    volumes.secret.default_mode same 400 0400
    volumes.secret.default_mode other 400 444
    volumes.secret.default_mode other 9 8
    volumes.secret.items.mode same 400 0400
    volumes.secret.items.mode other 400 444
    volumes.secret.items.mode other 9 8
    volumes.empty_dir.size_limit same 1Gi 1024Mi
    volumes.empty_dir.size_limit other 1Gi 1G
    volumes.empty_dir.size_limit other 1Gi 2Gi
    encryption_key answer projects/p/locations/r/keyRings/k/cryptoKeys/k projects/4711/locations/r/keyRings/k/cryptoKeys/k
    encryption_key other projects/p/locations/r/keyRings/k/cryptoKeys/k projects/q/locations/r/keyRings/k/cryptoKeys/k
    encryption_key other projects/p/locations/r/keyRings/k/cryptoKeys/k projects/4711/locations/r/keyRings/k/cryptoKeys/l
    binary_authorization.policy answer projects/p/platforms/cloudRun/policies/a projects/4711/platforms/cloudRun/policies/a
    binary_authorization.policy other projects/p/platforms/cloudRun/policies/a projects/q/platforms/cloudRun/policies/a
    binary_authorization.policy other projects/p/platforms/cloudRun/policies/a projects/4711/platforms/cloudRun/policies/b
";

/// A job of this generation with this text at a path.
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

/// Whether the new text is written over by the old one.
fn is_kept(
    path: &[&str],
    new: &str,
    old: &str,
    keep: fn(&mut Value, &Value),
    generations: [Value; 2],
) -> bool {
    let [fresh, stored] = generations;
    let mut changed = job(path, new, fresh.clone());
    keep(&mut changed, &job(path, old, stored));
    let kept = changed == job(path, old, fresh.clone());
    assert!(kept || changed == job(path, new, fresh), "{path:?}: {changed:?}");
    kept
}

/// A plan, the answer to a write, an answer of the stored generation, answers of another or of none.
fn all_kept(path: &[&str], new: &str, old: &str) -> [bool; 6] {
    let number = |generation: i64| Value::from(generation);
    [
        is_kept(path, new, old, keep, [Value::Unknown, number(3)]),
        is_kept(path, new, old, keep_in_answer, [number(4), Value::Unknown]),
        is_kept(path, new, old, keep_in_answer, [number(3), number(3)]),
        is_kept(path, new, old, keep_in_answer, [number(4), number(3)]),
        is_kept(path, new, old, keep_in_answer, [number(4), Value::Null]),
        is_kept(path, new, old, keep_in_answer, [Value::Null, Value::Null]),
    ]
}

#[test]
fn each_spelling_is_kept_where_it_means_the_same() {
    for line in PAIRS.lines().filter(|line| !line.is_empty()) {
        let [path, kept_by, one, other] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let expected = match kept_by {
            "same" => [true; 6],
            "answer" => [false, true, true, false, false, false],
            _ => [false; 6],
        };
        let path: Vec<&str> = path.split('.').collect();
        assert_eq!(all_kept(&path, one, other), expected, "{line}");
        assert_eq!(
            all_kept(&path, other, one),
            expected,
            "{line}, the other way about"
        );
    }
}

#[test]
fn the_order_of_what_has_a_name_means_nothing_to_a_job() {
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
    ] {
        let (attribute, prior) = value(prior);
        for (others, expected) in [(same, true), (different, false)] {
            for other in others {
                let (_, planned) = value(other);
                assert_eq!(alike_in(&attribute, &prior, &planned), expected, "{other}");
                assert_eq!(alike_in(&attribute, &planned, &prior), expected, "{other}");
            }
        }
        let mut unknown = prior.clone();
        unknown.set(&attribute, Value::Unknown);
        assert!(!alike_in(&attribute, &prior, &unknown), "{attribute}");
        assert!(alike_in("image", &prior, &unknown), "another attribute");
    }
}
