//! What an update sends, and what of the job it keeps.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::json;

use super::super::tests::OURS;
use super::*;

fn job(json: &Json) -> Job {
    serde_json::from_value(json.clone()).unwrap()
}

fn known(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The volumes of the task template that an update of `seen` to `sent` leaves, and the mounts of its first container.
fn volumes(seen: &Json, sent: &Json, before: &[&str]) -> (Json, Json) {
    let document = overlay(&job(seen), &job(sent), &known(before));
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
fn unknown_members_stay_at_every_level() {
    let ours: Json = serde_json::from_str(OURS).unwrap();
    let sent = job(&ours);
    let mut levels = 0;
    for pointer in pointers("", &ours) {
        let is_a_message = ours.pointer(&pointer).unwrap().is_object()
            && !["labels", "annotations"].iter().any(|map| pointer.ends_with(map));
        if !is_a_message {
            continue;
        }
        levels += 1;
        for invented in [
            json!(0.1),
            json!({"a": [null, {"b": false}]}),
            json!([]),
            json!(""),
        ] {
            if pointer.ends_with("/limits") && !invented.is_string() {
                continue;
            }
            let mut seen = ours.clone();
            seen.pointer_mut(&pointer).unwrap()["invented"] = invented.clone();
            let document = overlay(&job(&seen), &sent, &known(&[]));
            assert_eq!(document, seen, "{pointer}");
        }
    }
    assert_eq!(levels, 24);
}

#[test]
fn numbers_go_back_as_they_came() {
    let seen = r#"{"a":121.48791951161945,"b":31.245270191439438,"c":18446744073709551615,"template":{"template":{}}}"#;
    let seen: Job = serde_json::from_str(seen).unwrap();
    let document = overlay(&seen, &job(&task(json!({}))), &known(&[])).to_string();
    assert_eq!(
        document,
        r#"{"a":121.48791951161945,"b":31.245270191439438,"c":18446744073709551615,"template":{"template":{}}}"#
    );
}

#[test]
fn a_sidecar_and_what_it_needs_stay() {
    let seen = json!({
        "delayExecution": true, "template": {
            "labels": {"run.googleapis.com/x": "1", "theirs": "1"}, "annotations": {"theirs": "1"}, "delayExecution": true,
            "client": "gcloud", "template": {
                "workloadIdentityConfig": {"audience": "a"},
                "containers": [
                    {"name": "proxy", "image": "p", "ports": [{"containerPort": 1}], "buildInfo": {"sourceLocation": "s"},
                     "startupProbe": {"tcpSocket": {"port": 1}}, "volumeMounts": [{"name": "cloudsql", "mountPath": "/c"}]},
                    {"name": "main", "image": "old", "dependsOn": ["proxy"], "command": ["gone"],
                     "resources": {"limits": {"cpu": "20", "nvidia.com/gpu": "1"}, "cpuIdle": false},
                     "volumeMounts": [{"name": "cloudsql", "mountPath": "/sql"}]}],
                "volumes": [{"name": "cloudsql", "cloudSqlInstance": {"instances": ["i"]}}]}}});
    let sent = task(json!({"containers": [{"image": "new", "args": ["a"],
        "resources": {"limits": {"cpu": "24", "nvidia.com/gpu": "1"}}}]}));
    let mut expected = seen.clone();
    expected["template"]["labels"] = json!({"theirs": "1"});
    let containers = &mut expected["template"]["template"]["containers"];
    containers[0].as_object_mut().unwrap().remove("buildInfo");
    containers[1]["image"] = "new".into();
    containers[1]["args"] = json!(["a"]);
    containers[1].as_object_mut().unwrap().remove("command");
    containers[1]["resources"]["limits"]["cpu"] = "24".into();
    assert_eq!(overlay(&job(&seen), &job(&sent), &known(&[])), expected);
    assert_eq!(
        unmanaged(&job(&seen), &known(&[])),
        [
            "delayExecution",
            "template.annotations",
            "template.delayExecution",
            "template.labels",
            "template.template.workloadIdentityConfig",
            "template.template.containers[0]",
            "template.template.containers[1].dependsOn",
            "template.template.containers[1].name",
            "template.template.volumes[0]",
        ]
    );
}

#[test]
fn commands_and_output_are_never_sent_back() {
    let seen = json!({"@type": "t", "name": "n", "uid": "u", "startExecutionToken": "s", "runExecutionToken": "r",
        "labels": {"cloud.googleapis.com/location": "l"}, "invented": {"annotations": {"run.googleapis.com/x": "y"}},
        "template": {"template": {"containers": [{"image": "i"}]}}});
    assert_eq!(
        overlay(
            &job(&seen),
            &job(&task(json!({"containers": [{"image": "i"}]}))),
            &known(&[])
        ),
        json!({"invented": {"annotations": {}}, "template": {"template": {"containers": [{"image": "i"}]}}})
    );
}

#[test]
fn the_container_with_the_gpu_is_managed_and_else_the_first() {
    let gpu = json!({"image": "g", "resources": {"limits": {"nvidia.com/gpu": "1"}}});
    let plain = json!({"image": "p"});
    for (containers, managed) in [
        (json!([plain, gpu]), 1),
        (json!([gpu, plain]), 0),
        (json!([plain, plain]), 0),
        (json!([plain, gpu, gpu]), 0),
    ] {
        let sent = task(json!({"containers": [{"image": "new"}]}));
        let document = overlay(
            &job(&task(json!({"containers": containers}))),
            &job(&sent),
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
fn volumes_of_others_stay_and_ours_go_when_no_other_container_mounts_them() {
    let seen = task(json!({
        "containers": [
            {"image": "i", "volumeMounts": [{"name": "ours", "mountPath": "/ours"}, {"name": "added", "mountPath": "/added"},
                {"name": "sql", "mountPath": "/sql"}]},
            {"image": "j", "volumeMounts": [{"name": "shared", "mountPath": "/shared"}]}],
        "volumes": [{"name": "ours", "gcs": {"bucket": "b"}}, {"name": "added", "nfs": {"server": "s"}},
            {"name": "sql", "cloudSqlInstance": {}}, {"name": "shared", "emptyDir": {}}, {"name": "gone", "emptyDir": {}},
            {"name": "theirs", "secret": {"secret": "s"}}]}));
    let sent = task(json!({
        "containers": [{"image": "i", "volumeMounts": [{"name": "ours", "mountPath": "/new"}]}],
        "volumes": [{"name": "ours", "gcs": {"bucket": "c"}}]}));
    let (volumes, mounts) = volumes(&seen, &sent, &["ours", "shared", "gone"]);
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
fn another_member_of_a_oneof_replaces_the_whole_element() {
    let invented = json!(1);
    for (seen, sent) in [
        (
            json!({"gcs": {"bucket": "b", "x": invented}}),
            json!({"nfs": {"server": "s", "path": "/"}}),
        ),
        (
            json!({"secret": {"secret": "b"}, "x": invented}),
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
        let before = task(json!({"containers": [{"image": "i"}], "volumes": [named(&seen)]}));
        let after = task(json!({"containers": [{"image": "i"}], "volumes": [named(&sent)]}));
        assert_eq!(volumes(&before, &after, &[]).0, json!([named(&sent)]));
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
    for (seen, sent) in [(&value, &secret), (&secret, &value), (&unknown, &value)] {
        let mut seen = seen.clone();
        seen["x"] = invented.clone();
        let document = overlay(
            &job(&container(seen)),
            &job(&container(sent.clone())),
            &known(&[]),
        );
        assert_eq!(
            document["template"]["template"]["containers"][0]["env"],
            json!([sent])
        );
    }
    let vpc = |access: Json| task(json!({"containers": [{"image": "i"}], "vpcAccess": access}));
    let connector = json!({"connector": "c", "egress": "ALL_TRAFFIC"});
    let network = json!({"networkInterfaces": [{"network": "n"}], "egress": "ALL_TRAFFIC"});
    for (seen, sent) in [(&connector, &network), (&network, &connector)] {
        let mut seen = seen.clone();
        seen["x"] = invented.clone();
        let document = overlay(&job(&vpc(seen)), &job(&vpc(sent.clone())), &known(&[]));
        assert_eq!(&document["template"]["template"]["vpcAccess"], sent);
    }
}

#[test]
fn env_is_managed_whole_but_for_unknown_kinds() {
    let container = |env: Json| task(json!({"containers": [{"image": "i", "env": env}]}));
    let seen = container(json!([
        {"name": "B", "value": "old", "x": 1}, {"name": "ADDED", "value": "1"}, {"name": "EMPTY"},
        {"name": "NEW_KIND", "invented": {}}, {"name": "NEW_SOURCE", "valueSource": {"invented": {}}},
        {"name": "S", "valueSource": {"secretKeyRef": {"secret": "s", "version": "1", "x": 1}}}, {"name": "B", "value": "2"}]));
    let sent = container(json!([{"name": "A", "value": "1"}, {"name": "B", "value": "new"},
        {"name": "S", "valueSource": {"secretKeyRef": {"secret": "s", "version": "2"}}}]));
    assert_eq!(
        overlay(&job(&seen), &job(&sent), &known(&[]))["template"]["template"]["containers"][0]["env"],
        json!([{"name": "B", "value": "new", "x": 1}, {"name": "A", "value": "1"}, {"name": "NEW_KIND", "invented": {}},
            {"name": "NEW_SOURCE", "valueSource": {"invented": {}}},
            {"name": "S", "valueSource": {"secretKeyRef": {"secret": "s", "version": "2", "x": 1}}}])
    );
}

#[test]
fn what_is_removed_is_removed() {
    let ours: Json = serde_json::from_str(OURS).unwrap();
    let sent = task(json!({"containers": [{"image": "i"}], "maxRetries": 0}));
    assert_eq!(
        overlay(&job(&ours), &job(&sent), &known(&["v", "n", "s", "e"])),
        sent,
        "nothing of what is managed is left"
    );
}

/// The output-only members that the API publishes for what a job consists of.
#[test]
fn output_only_members_are_dropped() {
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
