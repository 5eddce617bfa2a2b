//! Volumes and their mounts, both ways.

use super::state::{in_order_of, text as text_state};
use super::{from_google, to_google, words};
use crate::job::file_mode;
use crate::job::model::{Container, EmptyDir, Gcs, Job, Nfs, SecretVolume, Volume, VolumeMount};
use crate::job::schema::MEDIUMS;
use crate::quantity::Memory;
use cloud_run::model as api;
use terraform_plugin::value::{Field, Value};

/// The volumes as Google is asked for them.
pub(super) fn desired(job: &Job) -> Vec<api::Volume> {
    let volumes = job.volumes.known().into_iter().flatten();
    volumes.filter_map(Field::known).map(volume).collect()
}

fn volume(volume: &Volume) -> api::Volume {
    api::Volume {
        name: text(&volume.name),
        gcs: volume.gcs.known().map(gcs),
        nfs: volume.nfs.known().map(nfs),
        secret: volume.secret.known().map(secret),
        empty_dir: volume.empty_dir.known().map(empty_dir),
    }
}

fn gcs(gcs: &Gcs) -> api::GcsVolumeSource {
    api::GcsVolumeSource {
        bucket: text(&gcs.bucket),
        read_only: gcs.read_only == Field::Known(true),
        mount_options: words(&gcs.mount_options),
    }
}

fn nfs(nfs: &Nfs) -> api::NfsVolumeSource {
    api::NfsVolumeSource {
        server: text(&nfs.server),
        path: text(&nfs.path),
        read_only: nfs.read_only == Field::Known(true),
    }
}

fn secret(secret: &SecretVolume) -> api::SecretVolumeSource {
    let items = secret.items.known().into_iter().flatten();
    let items = items.filter_map(Field::known).map(|item| api::VersionToPath {
        path: text(&item.path),
        version: item.version.known().cloned(),
        mode: item.mode.known().and_then(|mode| file_mode::parse(mode)),
    });
    api::SecretVolumeSource {
        secret: text(&secret.secret),
        default_mode: secret
            .default_mode
            .known()
            .and_then(|mode| file_mode::parse(mode)),
        items: items.collect(),
    }
}

fn empty_dir(dir: &EmptyDir) -> api::EmptyDirVolumeSource {
    api::EmptyDirVolumeSource {
        medium: Some(to_google(&MEDIUMS, &dir.medium)),
        size_limit: dir.size_limit.known().cloned(),
    }
}

/// Where the container sees them, as Google is asked for it.
pub(super) fn desired_mounts(container: &Container) -> Vec<api::VolumeMount> {
    let mounts = container.volume_mounts.known().into_iter().flatten();
    let mounts = mounts
        .filter_map(Field::known)
        .map(|mount: &VolumeMount| api::VolumeMount {
            name: text(&mount.name),
            mount_path: text(&mount.mount_path),
            sub_path: mount.sub_path.known().cloned(),
        });
    mounts.collect()
}

/// The volumes that Google tells, in the order and with the omissions of `hint`. One whose source this resource does
/// not keep has none. `memory` is the container's.
pub(super) fn state<'a>(
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
                    gcs_state(gcs, written.get("gcs").get("mount_options"))
                }),
            ),
            ("nfs", volume.nfs.as_ref().map_or(Value::Null, nfs_state)),
            (
                "secret",
                volume
                    .secret
                    .as_ref()
                    .map_or(Value::Null, |secret| secret_state(secret, written.get("secret"))),
            ),
            (
                "empty_dir",
                volume.empty_dir.as_ref().map_or(Value::Null, |dir| {
                    empty_dir_state(dir, memory, written.get("empty_dir"))
                }),
            ),
        ])
    });
    in_order_of(told.collect(), hint, "name")
}

fn gcs_state(gcs: &api::GcsVolumeSource, options: &Value) -> Value {
    Value::from([
        ("bucket", Value::from(gcs.bucket.as_str())),
        ("read_only", Value::from(gcs.read_only)),
        ("mount_options", super::state::words(&gcs.mount_options, options)),
    ])
}

fn nfs_state(nfs: &api::NfsVolumeSource) -> Value {
    Value::from([
        ("server", Value::from(nfs.server.as_str())),
        ("path", Value::from(nfs.path.as_str())),
        ("read_only", Value::from(nfs.read_only)),
    ])
}

fn secret_state(secret: &api::SecretVolumeSource, hint: &Value) -> Value {
    let default = secret.default_mode.unwrap_or(file_mode::OF_SECRETS);
    let items = secret.items.iter().map(|item| {
        let version = item.version.as_deref().filter(|version| !version.is_empty());
        let written = written(hint.get("items"), "path", &item.path);
        Value::from([
            ("path", Value::from(item.path.as_str())),
            ("version", Value::from(version.unwrap_or("latest"))),
            (
                "mode",
                mode_state(item.mode.unwrap_or(default), default, written.get("mode")),
            ),
        ])
    });
    Value::from([
        ("secret", Value::from(secret.secret.as_str())),
        (
            "default_mode",
            mode_state(default, file_mode::OF_SECRETS, hint.get("default_mode")),
        ),
        ("items", in_order_of(items.collect(), hint.get("items"), "path")),
    ])
}

/// A mode that Google fills in is none that somebody has written.
fn mode_state(told: i32, filled: i32, hint: &Value) -> Value {
    if told == filled && hint.is_null() {
        Value::Null
    } else {
        Value::from(file_mode::to_text(told))
    }
}

/// Where no limit is written, Google may tell the one that it keeps to itself, half of the memory:
/// <https://docs.cloud.google.com/run/docs/configuring/jobs/in-memory-volume-mounts>.
fn empty_dir_state(dir: &api::EmptyDirVolumeSource, memory: Option<Memory>, hint: &Value) -> Value {
    let medium = dir.medium.as_deref().filter(|medium| *medium != UNSPECIFIED);
    let is_its_own = |size: &String| {
        let half = memory.map(Memory::half);
        hint.get("size_limit").is_null() && half.is_some() && Memory::parse(size).ok() == half
    };
    let size = dir.size_limit.as_ref().filter(|size| !is_its_own(size));
    Value::from([
        ("medium", from_google(&MEDIUMS, medium)),
        ("size_limit", text_state(size)),
    ])
}

/// Where the container sees them, as Google tells it.
pub(super) fn mounts_state<'a>(mounts: impl Iterator<Item = &'a api::VolumeMount>, hint: &Value) -> Value {
    let told = mounts.map(|mount| {
        Value::from([
            ("name", Value::from(mount.name.as_str())),
            ("mount_path", Value::from(mount.mount_path.as_str())),
            ("sub_path", text_state(mount.sub_path.as_ref())),
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

fn text(field: &Field<String>) -> String {
    field.known().cloned().unwrap_or_default()
}

/// What an enum of Google's says that says nothing.
const UNSPECIFIED: &str = "MEDIUM_UNSPECIFIED";
