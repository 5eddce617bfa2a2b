//! Volumes, the way into a network, and the policy that an image is held against.

use serde_json::{Value, json};

use super::{FIRST, TASK, at, check, told};
use crate::harness::{Cloud, job};

#[tokio::test]
async fn volumes_and_networks_are_checked() {
    let access = |access: Value| access;
    check(
        job,
        &[
            (&[(at!(TASK, "/volumes"), json!([{ "name": "v", "secret": { "secret": "s", "defaultMode": 512 } }]))], "default_mode: if present, must be a supported unix chmod bitmask"),
            (&[(at!(TASK, "/volumes"), json!([{ "name": "v", "cloudSqlInstance": { "instances": ["a:b:c"] } }]))], "Cloud SQL volume must be named 'cloudsql'"),
            (&[(at!(TASK, "/volumes"), json!([{ "name": "v", "emptyDir": {} }])), (at!(FIRST, "/volumeMounts"), json!([{ "name": "v", "mountPath": "/dev/x" }]))], "are in one of disallowed mount points"),
            (&[(at!(FIRST, "/volumeMounts"), json!([{ "name": "v", "mountPath": "/x" }]))], "which were not found in volumes list"),
            (&[(at!(TASK, "/vpcAccess"), access(json!({ "connector": "projects/p/locations/l/connectors/c", "networkInterfaces": [{ "network": "n" }] })))], "one and only one of connector and network_interfaces must be set"),
            (&[(at!(TASK, "/vpcAccess"), access(json!({ "networkInterfaces": [{ "network": "n" }, { "network": "m" }] })))], "only 1 network interface is allowed"),
            (&[(at!(TASK, "/vpcAccess"), access(json!({ "networkInterfaces": [{ "tags": ["t"] }] })))], "at least one of network or subnetwork should not be empty"),
            (&[(at!(TASK, "/vpcAccess"), access(json!({ "connector": "c" })))], "connector: must be in form projects/"),
        ],
    )
    .await;
}

/// None of these words are known of the live service, but for the sorts of the types.
#[tokio::test]
async fn the_source_of_a_volume_is_checked() {
    let volume = |source: Value| {
        let mut volume = json!({ "name": "v" });
        volume
            .as_object_mut()
            .expect("an object")
            .extend(source.as_object().cloned().unwrap_or_default());
        json!([volume])
    };
    let secret = |item: Value| volume(json!({ "secret": { "secret": "s", "items": [item] } }));
    let space = |space: Value| volume(json!({ "emptyDir": space }));
    let cases = [
        (volume(json!({})), "volume 'v' must have exactly one source"),
        (
            volume(json!({ "gcs": { "bucket": "b" }, "emptyDir": {} })),
            "oneof field 'volume_type' is already set",
        ),
        (
            json!([{ "name": "v", "emptyDir": {} }, { "name": "v", "emptyDir": {} }]),
            "duplicate volume names are not allowed: v",
        ),
        (volume(json!({ "gcs": {} })), "gcs.bucket: "),
        (
            volume(json!({ "gcs": { "bucket": "gs://b" } })),
            "gcs.bucket: 'gs://b'",
        ),
        (volume(json!({ "nfs": { "path": "/share" } })), "nfs.server: "),
        (
            volume(json!({ "nfs": { "server": "10.0.0.2", "path": "share" } })),
            "nfs.path: ",
        ),
        (
            space(json!({ "medium": "TAPE" })),
            "google.cloud.run.v2.EmptyDirVolumeSource.Medium",
        ),
        (
            space(json!({ "sizeLimit": "much" })),
            "empty_dir.size_limit: Could not parse Quantity",
        ),
        (
            space(json!({ "medium": "DISK", "sizeLimit": "10239Mi" })),
            "empty_dir.size_limit: must be at least 10Gi",
        ),
        (space(json!({ "medium": "DISK", "sizeLimit": "10Gi" })), ""),
        (space(json!({ "medium": "MEMORY", "sizeLimit": "1Gi" })), ""),
        (
            volume(json!({ "secret": { "secret": "s", "defaultMode": 0o244 } })),
            "default_mode: if present, must be a supported unix chmod bitmask",
        ),
        (secret(json!({ "path": "a", "mode": 0o446 })), ""),
        (
            secret(json!({ "path": "a", "mode": 0o442 })),
            "items.mode: if present, must be a supported unix chmod bitmask",
        ),
        (
            secret(json!({ "path": "a", "mode": 0o044 })),
            "items.mode: if present, must be a supported unix chmod bitmask",
        ),
        (secret(json!({ "version": "1" })), "secret.items.path: "),
        (
            secret(json!({ "path": "a", "version": "?" })),
            "secret.items.version: ",
        ),
        (
            secret(json!({ "path": "a", "mode": 512 })),
            "items.mode: if present, must be a supported unix chmod bitmask",
        ),
        (
            volume(json!({ "secret": { "secret": "projects/p/secrets/s/versions/1" } })),
            "secret.secret: may only be",
        ),
    ];
    let cloud = Cloud::start().await;
    for (volumes, words) in cases {
        let told = told(&cloud, job(), &[(at!(TASK, "/volumes"), volumes.clone())]).await;
        assert!(
            told.contains(words) && told.is_empty() == words.is_empty(),
            "{volumes}\nshould say {words:?}\nand says  {told:?}"
        );
    }
}

#[tokio::test]
async fn the_policy_of_an_image_is_checked() {
    check(
        job,
        &[
            (
                &[(
                    "/binaryAuthorization",
                    json!({ "useDefault": true, "policy": "p" }),
                )],
                "oneof field 'binauthz_method' is already set",
            ),
            (
                &[(
                    "/binaryAuthorization",
                    json!({ "breakglassJustification": "INC-1" }),
                )],
                "breakglass_justification: must be empty",
            ),
        ],
    )
    .await;
}
