//! Volumes and volume mounts of a state.

use super::{flatten_string, flatten_strings, from_api, in_order_of};
use crate::job::file_mode;
use crate::job::schema::MEDIUMS;
use crate::quantity::Memory;
use cloud_run::model as api;
use terraform_plugin::value::Value;

/// The volumes in the order of `hint`. One with an unmanaged source has none. `memory` is that of the container.
pub(super) fn flatten_volumes<'a>(
    volumes: impl Iterator<Item = &'a api::Volume>,
    memory: Option<Memory>,
    hint: &Value,
) -> Value {
    let volumes = volumes.map(|volume| {
        let hint = element(hint, "name", &volume.name);
        Value::from([
            ("name", Value::from(volume.name.as_str())),
            (
                "gcs",
                volume.gcs.as_ref().map_or(Value::Null, |gcs| {
                    flatten_gcs(gcs, hint.get("gcs").get("mount_options"))
                }),
            ),
            ("nfs", volume.nfs.as_ref().map_or(Value::Null, flatten_nfs)),
            (
                "secret",
                volume
                    .secret
                    .as_ref()
                    .map_or(Value::Null, |secret| flatten_secret(secret, hint.get("secret"))),
            ),
            (
                "empty_dir",
                volume.empty_dir.as_ref().map_or(Value::Null, |dir| {
                    flatten_empty_dir(dir, memory, hint.get("empty_dir"))
                }),
            ),
        ])
    });
    in_order_of(volumes.collect(), hint, "name")
}

fn flatten_gcs(gcs: &api::GcsVolumeSource, options: &Value) -> Value {
    Value::from([
        ("bucket", Value::from(gcs.bucket.as_str())),
        ("read_only", Value::from(gcs.read_only)),
        ("mount_options", flatten_strings(&gcs.mount_options, options)),
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
        let hint = element(hint.get("items"), "path", &item.path);
        Value::from([
            ("path", Value::from(item.path.as_str())),
            ("version", Value::from(version.unwrap_or("latest"))),
            (
                "mode",
                flatten_mode(item.mode.unwrap_or(default), default, hint.get("mode")),
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

/// The default mode is null where `hint` omits it.
fn flatten_mode(mode: i32, default: i32, hint: &Value) -> Value {
    if mode == default && hint.is_null() {
        Value::Null
    } else {
        Value::from(file_mode::format(mode))
    }
}

/// The API may return its own limit, half of the memory, where `hint` omits one:
/// <https://docs.cloud.google.com/run/docs/configuring/jobs/in-memory-volume-mounts>.
fn flatten_empty_dir(dir: &api::EmptyDirVolumeSource, memory: Option<Memory>, hint: &Value) -> Value {
    let medium = dir.medium.as_deref().filter(|medium| *medium != UNSPECIFIED);
    let is_default = |size: &String| {
        let half = memory.map(Memory::half);
        hint.get("size_limit").is_null() && half.is_some() && Memory::parse(size).ok() == half
    };
    let size = dir.size_limit.as_ref().filter(|size| !is_default(size));
    Value::from([
        ("medium", from_api(&MEDIUMS, medium)),
        ("size_limit", flatten_string(size)),
    ])
}

pub(super) fn flatten_mounts<'a>(mounts: impl Iterator<Item = &'a api::VolumeMount>, hint: &Value) -> Value {
    let mounts = mounts.map(|mount| {
        Value::from([
            ("name", Value::from(mount.name.as_str())),
            ("mount_path", Value::from(mount.mount_path.as_str())),
            ("sub_path", flatten_string(mount.sub_path.as_ref())),
        ])
    });
    in_order_of(mounts.collect(), hint, "mount_path")
}

/// The element of a list with this key; null without one.
fn element<'a>(list: &'a Value, key: &str, value: &str) -> &'a Value {
    let items = match list {
        Value::List(items) => items.as_slice(),
        _ => &[],
    };
    let found = items.iter().find(|item| item.get(key).as_str() == Some(value));
    found.unwrap_or(&Value::Null)
}

/// The API's value for an enum that is not set.
const UNSPECIFIED: &str = "MEDIUM_UNSPECIFIED";
