//! What an update sends, and what it keeps of the job.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::json;

use super::super::tests::OURS;
use super::messages::{EXECUTION, RESOURCES, TASK, VPC_ACCESS};
use super::*;

fn job(json: &Json) -> Job {
    serde_json::from_value(json.clone()).unwrap()
}

fn known(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The volumes of the task template that an update of `current` to `desired` leaves, and the mounts of its first container.
fn volumes(current: &Json, desired: &Json, before: &[&str]) -> (Json, Json) {
    let document = overlay(&job(current), &job(desired), &known(before));
    let task = &document["template"]["template"];
    (
        task["volumes"].clone(),
        task["containers"][0]["volumeMounts"].clone(),
    )
}

fn task(task: Json) -> Json {
    json!({"template": {"template": task}})
}

/// All places of a document that are objects or lists, as JSON pointers.
fn pointers(at: &str, json: &Json) -> Vec<String> {
    let inside: Vec<(String, &Json)> = match json {
        Json::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), member))
            .collect(),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (index.to_string(), item))
            .collect(),
        _ => return Vec::new(),
    };
    let inside = inside
        .into_iter()
        .flat_map(|(name, member)| pointers(&format!("{at}/{name}"), member));
    inside.chain([at.to_owned()]).collect()
}

#[test]
fn unknown_members_survive_at_every_level() {
    let ours: Json = serde_json::from_str(OURS).unwrap();
    let desired = job(&ours);
    let mut levels = 0;
    for pointer in pointers("", &ours) {
        let is_a_message = ours.pointer(&pointer).unwrap().is_object()
            && !["labels", "annotations"].iter().any(|map| pointer.ends_with(map));
        if !is_a_message {
            continue;
        }
        levels += 1;
        for unknown in [
            json!(0.1),
            json!({"a": [null, {"b": false}]}),
            json!([]),
            json!(""),
        ] {
            if pointer.ends_with("/limits") && !unknown.is_string() {
                continue;
            }
            let mut current = ours.clone();
            current.pointer_mut(&pointer).unwrap()["invented"] = unknown.clone();
            let document = overlay(&job(&current), &desired, &known(&[]));
            assert_eq!(document, current, "{pointer}");
        }
    }
    assert_eq!(levels, 24);
}

#[test]
fn numbers_are_sent_back_unchanged() {
    let current = r#"{"a":121.48791951161945,"b":31.245270191439438,"c":18446744073709551615,"template":{"template":{}}}"#;
    let current: Job = serde_json::from_str(current).unwrap();
    let document = overlay(&current, &job(&task(json!({}))), &known(&[])).to_string();
    assert_eq!(
        document,
        r#"{"a":121.48791951161945,"b":31.245270191439438,"c":18446744073709551615,"template":{"template":{}}}"#
    );
}

#[test]
fn sidecar_and_its_volumes_stay() {
    let current = json!({
        "delayExecution": true, "template": {
            "labels": {"run.googleapis.com/x": "1", "theirs": "1"}, "annotations": {"theirs": "1"}, "delayExecution": true, "someday": 1,
            "client": "gcloud", "template": {
                "workloadIdentityConfig": {"audience": "a"},
                "containers": [
                    {"name": "proxy", "image": "p", "ports": [{"containerPort": 1}], "buildInfo": {"sourceLocation": "s"},
                     "startupProbe": {"tcpSocket": {"port": 1}}, "volumeMounts": [{"name": "cloudsql", "mountPath": "/c"}]},
                    {"name": "main", "image": "old", "dependsOn": ["proxy"], "command": ["gone"],
                     "resources": {"limits": {"cpu": "20", "nvidia.com/gpu": "1"}, "cpuIdle": false},
                     "volumeMounts": [{"name": "cloudsql", "mountPath": "/sql"}]}],
                "volumes": [{"name": "cloudsql", "cloudSqlInstance": {"instances": ["i"]}}]}}});
    let desired = task(json!({"containers": [{"image": "new", "args": ["a"],
        "resources": {"limits": {"cpu": "24", "nvidia.com/gpu": "1"}}}]}));
    let mut expected = current.clone();
    expected["template"]["labels"] = json!({"theirs": "1"});
    expected["template"]
        .as_object_mut()
        .unwrap()
        .remove("delayExecution");
    let containers = &mut expected["template"]["template"]["containers"];
    containers[0].as_object_mut().unwrap().remove("buildInfo");
    containers[1]["image"] = "new".into();
    containers[1]["args"] = json!(["a"]);
    containers[1].as_object_mut().unwrap().remove("command");
    containers[1]["resources"]["limits"]["cpu"] = "24".into();
    assert_eq!(overlay(&job(&current), &job(&desired), &known(&[])), expected);
    assert_eq!(
        unmanaged(&job(&current), &known(&[])),
        [
            "delayExecution",
            "template.annotations",
            "template.labels",
            "template.someday",
            "template.template.workloadIdentityConfig",
            "template.template.containers[0]",
            "template.template.containers[1].dependsOn",
            "template.template.containers[1].name",
            "template.template.volumes[0]",
        ]
    );
}

#[test]
fn commands_and_output_members_are_dropped() {
    let current = json!({"@type": "t", "name": "n", "uid": "u", "startExecutionToken": "s", "runExecutionToken": "r",
        "labels": {"cloud.googleapis.com/location": "l"}, "invented": {"annotations": {"run.googleapis.com/x": "y"}},
        "template": {"template": {"containers": [{"image": "i"}]}}});
    assert_eq!(
        overlay(
            &job(&current),
            &job(&task(json!({"containers": [{"image": "i"}]}))),
            &known(&[])
        ),
        json!({"invented": {"annotations": {}}, "template": {"template": {"containers": [{"image": "i"}]}}})
    );
}

#[test]
fn managed_container_has_the_gpu_or_is_first() {
    let gpu = json!({"image": "g", "resources": {"limits": {"nvidia.com/gpu": "1"}}});
    let plain = json!({"image": "p"});
    for (containers, managed) in [
        (json!([plain, gpu]), 1),
        (json!([gpu, plain]), 0),
        (json!([plain, plain]), 0),
        (json!([plain, gpu, gpu]), 0),
    ] {
        let desired = task(json!({"containers": [{"image": "new"}]}));
        let document = overlay(
            &job(&task(json!({"containers": containers}))),
            &job(&desired),
            &known(&[]),
        );
        let images = document["template"]["template"]["containers"].as_array().unwrap();
        assert_eq!(
            images.iter().position(|one| one["image"] == "new"),
            Some(managed),
            "{containers}"
        );
    }
}

#[test]
fn unmanaged_and_shared_volumes_stay() {
    let current = task(json!({
        "containers": [
            {"image": "i", "volumeMounts": [{"name": "ours", "mountPath": "/ours"}, {"name": "added", "mountPath": "/added"},
                {"name": "sql", "mountPath": "/sql"}]},
            {"image": "j", "volumeMounts": [{"name": "shared", "mountPath": "/shared"}]}],
        "volumes": [{"name": "ours", "gcs": {"bucket": "b"}}, {"name": "added", "nfs": {"server": "s"}},
            {"name": "sql", "cloudSqlInstance": {}}, {"name": "shared", "emptyDir": {}}, {"name": "gone", "emptyDir": {}},
            {"name": "theirs", "secret": {"secret": "s"}}]}));
    let desired = task(json!({
        "containers": [{"image": "i", "volumeMounts": [{"name": "ours", "mountPath": "/new"}]}],
        "volumes": [{"name": "ours", "gcs": {"bucket": "c"}}]}));
    let (volumes, mounts) = volumes(&current, &desired, &["ours", "shared", "gone"]);
    assert_eq!(
        volumes,
        json!([{"name": "ours", "gcs": {"bucket": "c"}}, {"name": "sql", "cloudSqlInstance": {}},
            {"name": "shared", "emptyDir": {}}, {"name": "theirs", "secret": {"secret": "s"}}])
    );
    assert_eq!(
        mounts,
        json!([{"name": "ours", "mountPath": "/new"}, {"name": "sql", "mountPath": "/sql"}])
    );
}

#[test]
fn changed_oneof_replaces_the_element() {
    let unknown = json!(1);
    for (current, desired) in [
        (
            json!({"gcs": {"bucket": "b", "x": unknown}}),
            json!({"nfs": {"server": "s", "path": "/"}}),
        ),
        (
            json!({"secret": {"secret": "b"}, "x": unknown}),
            json!({"emptyDir": {"medium": "MEMORY"}}),
        ),
        (
            json!({"filestore": {"volume": "b"}}),
            json!({"gcs": {"bucket": "b"}}),
        ),
    ] {
        let named = |volume: &Json| {
            let mut volume = volume.clone();
            volume["name"] = "v".into();
            volume
        };
        let before = task(json!({"containers": [{"image": "i"}], "volumes": [named(&current)]}));
        let after = task(json!({"containers": [{"image": "i"}], "volumes": [named(&desired)]}));
        assert_eq!(volumes(&before, &after, &[]).0, json!([named(&desired)]));
    }
    let container = |env: Json| task(json!({"containers": [{"image": "i", "env": [env]}]}));
    let value = json!({"name": "A", "value": "1"});
    let secret = json!({"name": "A", "valueSource": {"secretKeyRef": {"secret": "s", "version": "1"}}});
    let unknown = json!({"name": "A", "valueSource": {"invented": {}}});
    let document = overlay(
        &job(&container(unknown.clone())),
        &job(&container(secret.clone())),
        &known(&[]),
    );
    assert_eq!(
        document["template"]["template"]["containers"][0]["env"],
        json!([secret])
    );
    for (current, desired) in [(&value, &secret), (&secret, &value), (&unknown, &value)] {
        let mut current = current.clone();
        current["x"] = unknown.clone();
        let document = overlay(
            &job(&container(current)),
            &job(&container(desired.clone())),
            &known(&[]),
        );
        assert_eq!(
            document["template"]["template"]["containers"][0]["env"],
            json!([desired])
        );
    }
    let vpc = |access: Json| task(json!({"containers": [{"image": "i"}], "vpcAccess": access}));
    let connector = json!({"connector": "c", "egress": "ALL_TRAFFIC"});
    let network = json!({"networkInterfaces": [{"network": "n"}], "egress": "ALL_TRAFFIC"});
    for (current, desired) in [(&connector, &network), (&network, &connector)] {
        let mut current = current.clone();
        current["x"] = unknown.clone();
        let document = overlay(&job(&vpc(current)), &job(&vpc(desired.clone())), &known(&[]));
        assert_eq!(&document["template"]["template"]["vpcAccess"], desired);
    }
}

#[test]
fn env_of_unknown_source_stays() {
    let container = |env: Json| task(json!({"containers": [{"image": "i", "env": env}]}));
    let current = container(json!([
        {"name": "B", "value": "old", "x": 1}, {"name": "ADDED", "value": "1"}, {"name": "EMPTY"},
        {"name": "NEW_KIND", "invented": {}}, {"name": "NEW_SOURCE", "valueSource": {"invented": {}}},
        {"name": "S", "valueSource": {"secretKeyRef": {"secret": "s", "version": "1", "x": 1}}}, {"name": "B", "value": "2"}]));
    let desired = container(json!([{"name": "A", "value": "1"}, {"name": "B", "value": "new"},
        {"name": "S", "valueSource": {"secretKeyRef": {"secret": "s", "version": "2"}}}]));
    assert_eq!(
        overlay(&job(&current), &job(&desired), &known(&[]))["template"]["template"]["containers"][0]["env"],
        json!([{"name": "B", "value": "new", "x": 1}, {"name": "A", "value": "1"}, {"name": "NEW_KIND", "invented": {}},
            {"name": "NEW_SOURCE", "valueSource": {"invented": {}}},
            {"name": "S", "valueSource": {"secretKeyRef": {"secret": "s", "version": "2", "x": 1}}}])
    );
}

#[test]
fn removed_members_are_removed() {
    let ours: Json = serde_json::from_str(OURS).unwrap();
    let desired = task(json!({"containers": [{"image": "i"}], "maxRetries": 0}));
    assert_eq!(
        overlay(&job(&ours), &job(&desired), &known(&["v", "n", "s", "e"])),
        desired,
        "nothing of what is managed is left"
    );
}

/// The output-only members of a job and its parts in the discovery document.
#[test]
fn output_only_members_of_the_api_are_dropped() {
    let surface: Json =
        serde_json::from_str(include_str!("../../../../../emulator/src/types/surface.json")).unwrap();
    for (schema, message) in [
        ("Job", &JOB),
        ("ExecutionTemplate", &EXECUTION),
        ("TaskTemplate", &TASK),
        ("Container", &CONTAINER),
        ("EnvVar", &ENV),
        ("ResourceRequirements", &RESOURCES),
        ("VpcAccess", &VPC_ACCESS),
        ("Volume", &VOLUME),
        ("VolumeMount", &VOLUME_MOUNT),
    ] {
        let properties = surface["schemas"][format!("GoogleCloudRunV2{schema}")]["properties"]
            .as_object()
            .unwrap();
        for (name, property) in properties {
            let output = property["readOnly"] == true;
            let command = ["name", "startExecutionToken", "runExecutionToken"].contains(&name.as_str())
                && schema == "Job";
            assert_eq!(
                message.dropped.contains(&name.as_str()),
                output || command,
                "{schema}.{name}"
            );
        }
    }
}
