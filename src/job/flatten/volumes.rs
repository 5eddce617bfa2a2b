//! Volumes and volume mounts of a state.

use super::{from_api, in_order_of, text, words};
use crate::job::file_mode;
use crate::job::schema::MEDIUMS;
use crate::quantity::Memory;
use cloud_run::model as api;
use terraform_plugin::value::Value;

/// The volumes that Google tells, in the order and with the omissions of `hint`. One whose source this resource does
/// not keep has none. `memory` is the container's.
pub(super) fn flatten_volumes<'a>(
    volumes: impl Iterator<Item = &'a api::Volume>,
    memory: Option<Memory>,
    hint: &Value,
) -> Value {
    let told = volumes.map(|volume| {
        let written = written(hint, "name", &volume.name);
        Value::from([
            ("name", Value::from(volume.name.as_str())),
            (
                "gcs",
                volume.gcs.as_ref().map_or(Value::Null, |gcs| {
                    flatten_gcs(gcs, written.get("gcs").get("mount_options"))
                }),
            ),
            ("nfs", volume.nfs.as_ref().map_or(Value::Null, flatten_nfs)),
            (
                "secret",
                volume.secret.as_ref().map_or(Value::Null, |secret| {
                    flatten_secret(secret, written.get("secret"))
                }),
            ),
            (
                "empty_dir",
                volume.empty_dir.as_ref().map_or(Value::Null, |dir| {
                    flatten_empty_dir(dir, memory, written.get("empty_dir"))
                }),
            ),
        ])
    });
    in_order_of(told.collect(), hint, "name")
}

fn flatten_gcs(gcs: &api::GcsVolumeSource, options: &Value) -> Value {
    Value::from([
        ("bucket", Value::from(gcs.bucket.as_str())),
        ("read_only", Value::from(gcs.read_only)),
        ("mount_options", words(&gcs.mount_options, options)),
    ])
}

fn flatten_nfs(nfs: &api::NfsVolumeSource) -> Value {
    Value::from([
        ("server", Value::from(nfs.server.as_str())),
        ("path", Value::from(nfs.path.as_str())),
        ("read_only", Value::from(nfs.read_only)),
    ])
}

fn flatten_secret(secret: &api::SecretVolumeSource, hint: &Value) -> Value {
    let default = secret.default_mode.unwrap_or(file_mode::SECRET_DEFAULT);
    let items = secret.items.iter().map(|item| {
        let version = item.version.as_deref().filter(|version| !version.is_empty());
        let written = written(hint.get("items"), "path", &item.path);
        Value::from([
            ("path", Value::from(item.path.as_str())),
            ("version", Value::from(version.unwrap_or("latest"))),
            (
                "mode",
                flatten_mode(item.mode.unwrap_or(default), default, written.get("mode")),
            ),
        ])
    });
    Value::from([
        ("secret", Value::from(secret.secret.as_str())),
        (
            "default_mode",
            flatten_mode(default, file_mode::SECRET_DEFAULT, hint.get("default_mode")),
        ),
        ("items", in_order_of(items.collect(), hint.get("items"), "path")),
    ])
}

/// A mode that Google fills in is none that somebody has written.
fn flatten_mode(told: i32, filled: i32, hint: &Value) -> Value {
    if told == filled && hint.is_null() {
        Value::Null
    } else {
        Value::from(file_mode::format(told))
    }
}

/// Where no limit is written, Google may tell the one that it keeps to itself, half of the memory:
/// <https://docs.cloud.google.com/run/docs/configuring/jobs/in-memory-volume-mounts>.
fn flatten_empty_dir(dir: &api::EmptyDirVolumeSource, memory: Option<Memory>, hint: &Value) -> Value {
    let medium = dir.medium.as_deref().filter(|medium| *medium != UNSPECIFIED);
    let is_its_own = |size: &String| {
        let half = memory.map(Memory::half);
        hint.get("size_limit").is_null() && half.is_some() && Memory::parse(size).ok() == half
    };
    let size = dir.size_limit.as_ref().filter(|size| !is_its_own(size));
    Value::from([("medium", from_api(&MEDIUMS, medium)), ("size_limit", text(size))])
}

/// Where the container sees them, as Google tells it.
pub(super) fn flatten_mounts<'a>(mounts: impl Iterator<Item = &'a api::VolumeMount>, hint: &Value) -> Value {
    let told = mounts.map(|mount| {
        Value::from([
            ("name", Value::from(mount.name.as_str())),
            ("mount_path", Value::from(mount.mount_path.as_str())),
            ("sub_path", text(mount.sub_path.as_ref())),
        ])
    });
    in_order_of(told.collect(), hint, "mount_path")
}

/// The element of a written list that has this key.
fn written<'a>(list: &'a Value, key: &str, is: &str) -> &'a Value {
    let items = match list {
        Value::List(items) => items.as_slice(),
        _ => &[],
    };
    let found = items.iter().find(|item| item.get(key).as_str() == Some(is));
    found.unwrap_or(&Value::Null)
}

/// What an enum of Google's says that says nothing.
const UNSPECIFIED: &str = "MEDIUM_UNSPECIFIED";
