//! Which texts mean the same, for each attribute that has more than one spelling.

use super::*;

type Pairs = &'static [(&'static str, &'static str)];
/// An attribute, and pairs of texts: what a plan and answers keep, what only some answers keep, and what none keeps.
type Case = (&'static [&'static str], Pairs, Pairs, Pairs);

const LINK: &str = "https://www.googleapis.com/compute/v1/projects/p/global/networks/n";
const SUB_LINK: &str = "https://compute.googleapis.com/compute/v1/projects/p/regions/r/subnetworks/s";
const DURATIONS: [Pairs; 3] = [
    &[("1h", "3600s"), ("90s", "1m30s")],
    &[],
    &[("1h", "3601s"), ("1h", "1m"), ("soon", "later")],
];
const SECRETS: [Pairs; 3] = [
    &[("k", "projects/p/secrets/k")],
    &[
        ("k", "projects/4711/secrets/k"),
        ("projects/q/secrets/k", "projects/4711/secrets/k"),
    ],
    &[
        ("k", "l"),
        ("k", "projects/q/secrets/k"),
        ("k", "projects/p/secrets/l"),
        ("k", "projects/4711/secrets/l"),
        ("projects/p/secrets/k", "projects/q/secrets/k"),
        ("projects/1/secrets/k", "projects/2/secrets/k"),
    ],
];

const PAIRS: &[Case] = &[
    (
        &["resources", "cpu"],
        &[("20", "20000m"), ("2", "2000m")],
        &[],
        &[("20", "24"), ("20", "20m"), ("many", "more")],
    ),
    (
        &["resources", "memory"],
        &[("80Gi", "81920Mi")],
        &[],
        &[("80Gi", "80G"), ("80Gi", "96Gi"), ("much", "more")],
    ),
    (&["job", "task_timeout"], DURATIONS[0], DURATIONS[1], DURATIONS[2]),
    (&["timeouts", "create"], DURATIONS[0], DURATIONS[1], DURATIONS[2]),
    (&["timeouts", "update"], DURATIONS[0], DURATIONS[1], DURATIONS[2]),
    (&["timeouts", "delete"], DURATIONS[0], DURATIONS[1], DURATIONS[2]),
    (
        &["vpc_access", "connector"],
        &[("c", "projects/p/locations/r/connectors/c")],
        &[("c", "projects/4711/locations/r/connectors/c")],
        &[
            ("c", "d"),
            ("c", "projects/q/locations/r/connectors/c"),
            ("c", "projects/p/locations/other/connectors/c"),
            ("c", "projects/4711/locations/other/connectors/c"),
            ("c", "projects/4711/locations/r/connectors/d"),
            (
                "projects/1/locations/r/connectors/c",
                "projects/2/locations/r/connectors/c",
            ),
        ],
    ),
    (
        &["vpc_access", "network"],
        &[
            ("n", "projects/p/global/networks/n"),
            ("n", LINK),
            ("projects/p/global/networks/n", LINK),
        ],
        &[
            ("n", "projects/4711/global/networks/n"),
            ("projects/4711/global/networks/n", LINK),
        ],
        &[
            ("n", "m"),
            ("m", LINK),
            ("n", "projects/host/global/networks/n"),
            ("n", "projects/4711/global/networks/m"),
            ("projects/host/global/networks/n", LINK),
            ("projects/1/global/networks/n", "projects/2/global/networks/n"),
        ],
    ),
    (
        &["vpc_access", "subnetwork"],
        &[("s", "projects/p/regions/r/subnetworks/s"), ("s", SUB_LINK)],
        &[("s", "projects/4711/regions/r/subnetworks/s")],
        &[
            ("s", "t"),
            ("t", SUB_LINK),
            ("s", "projects/host/regions/r/subnetworks/s"),
            ("s", "projects/p/regions/other/subnetworks/s"),
            ("s", "projects/4711/regions/other/subnetworks/s"),
            ("s", "projects/4711/regions/r/subnetworks/t"),
            (
                "projects/1/regions/r/subnetworks/s",
                "projects/2/regions/r/subnetworks/s",
            ),
        ],
    ),
    (&["secrets", "secret_name"], SECRETS[0], SECRETS[1], SECRETS[2]),
    (
        &["volumes", "secret", "secret"],
        SECRETS[0],
        SECRETS[1],
        SECRETS[2],
    ),
    (
        &["volumes", "gcs", "bucket"],
        &[
            ("b", "projects/_/buckets/b"),
            ("projects/1/buckets/b", "projects/p/buckets/b"),
        ],
        &[],
        &[("b", "c"), ("b", "projects/_/buckets/c"), ("4711", "b")],
    ),
    (
        &["volumes", "secret", "default_mode"],
        &[("400", "0400")],
        &[],
        &[("400", "444"), ("9", "8")],
    ),
    (
        &["volumes", "secret", "items", "mode"],
        &[("400", "0400")],
        &[],
        &[("400", "444"), ("9", "8")],
    ),
    (
        &["volumes", "empty_dir", "size_limit"],
        &[("1Gi", "1024Mi")],
        &[],
        &[("1Gi", "1G"), ("1Gi", "2Gi")],
    ),
    (
        &["encryption_key"],
        &[],
        &[(
            "projects/p/locations/r/keyRings/k/cryptoKeys/k",
            "projects/4711/locations/r/keyRings/k/cryptoKeys/k",
        )],
        &[
            (
                "projects/p/locations/r/keyRings/k/cryptoKeys/k",
                "projects/q/locations/r/keyRings/k/cryptoKeys/k",
            ),
            (
                "projects/p/locations/r/keyRings/k/cryptoKeys/k",
                "projects/4711/locations/r/keyRings/k/cryptoKeys/l",
            ),
        ],
    ),
    (
        &["binary_authorization", "policy"],
        &[],
        &[(
            "projects/p/platforms/cloudRun/policies/a",
            "projects/4711/platforms/cloudRun/policies/a",
        )],
        &[
            (
                "projects/p/platforms/cloudRun/policies/a",
                "projects/q/platforms/cloudRun/policies/a",
            ),
            (
                "projects/p/platforms/cloudRun/policies/a",
                "projects/4711/platforms/cloudRun/policies/b",
            ),
        ],
    ),
];

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
    for (path, same, same_in_answers, different) in PAIRS {
        for (pairs, expected) in [
            (same, [true; 6]),
            (same_in_answers, [false, true, true, false, false, false]),
            (different, [false; 6]),
        ] {
            for (one, other) in *pairs {
                assert_eq!(
                    all_kept(path, one, other),
                    expected,
                    "{path:?}: {one} over {other}"
                );
                assert_eq!(
                    all_kept(path, other, one),
                    expected,
                    "{path:?}: {other} over {one}"
                );
            }
        }
    }
}

#[test]
fn no_attribute_with_spellings_is_left_out_of_the_pairs() {
    let mut tested: Vec<_> = PAIRS.iter().map(|(path, ..)| *path).collect();
    let mut all: Vec<_> = SPELLINGS.iter().map(|(path, _)| *path).collect();
    tested.sort_unstable();
    all.sort_unstable();
    assert_eq!(tested, all);
    for (path, same, same_in_answers, different) in PAIRS {
        assert!(!same.is_empty() || !same_in_answers.is_empty(), "{path:?}");
        assert!(!different.is_empty(), "{path:?}");
    }
}

/// What an import or a data source starts from says nothing of names.
#[test]
fn without_a_hint_an_answer_stays_as_it_is() {
    for (path, same, same_in_answers, different) in PAIRS {
        for (text, _) in same.iter().chain(*same_in_answers).chain(*different) {
            for hint in [Value::Null, Value::from([("launch_stage", Value::from("GA"))])] {
                let mut answer = job(path, text, Value::from(1));
                keep_in_answer(&mut answer, &hint);
                assert_eq!(answer, job(path, text, Value::from(1)), "{path:?}");
            }
        }
    }
}

#[test]
fn the_order_of_what_has_a_name_means_nothing_to_a_job() {
    let value = |json: &str| {
        let mut job = Value::from([("project", Value::from("p"))]);
        let Ok(Value::Map(members)) = crate::value::from_json(json.as_bytes()) else {
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
            r#"{"vpc_access": {"network": "n", "tags": ["t", "u"]}}"#,
            vec![
                r#"{"vpc_access": {"network": "n", "tags": ["u", "t"]}}"#,
                r#"{"vpc_access": {"network": "n", "tags": ["u", "t", "u"]}}"#,
                r#"{"vpc_access": {"network": "projects/p/global/networks/n", "tags": ["u", "t"]}}"#,
            ],
            vec![
                r#"{"vpc_access": {"network": "n", "tags": ["t"]}}"#,
                r#"{"vpc_access": {"network": "n", "tags": ["t", "t"]}}"#,
                r#"{"vpc_access": {"network": "n", "tags": ["t", "u", "v"]}}"#,
                r#"{"vpc_access": {"network": "m", "tags": ["u", "t"]}}"#,
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
