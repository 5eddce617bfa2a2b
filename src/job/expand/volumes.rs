//! Volumes and volume mounts of a request.

use super::{string_list, to_api};
use crate::job::file_mode;
use crate::job::model::{Container, EmptyDir, Gcs, Job, Nfs, SecretVolume, Volume, VolumeMount};
use crate::job::schema::MEDIUMS;
use cloud_run::model as api;
use terraform_plugin::value::Field;

pub(super) fn expand_volumes(job: &Job) -> Vec<api::Volume> {
    let volumes = job.volumes.known().into_iter().flatten();
    volumes.filter_map(Field::known).map(expand_volume).collect()
}

fn expand_volume(volume: &Volume) -> api::Volume {
    api::Volume {
        name: text(&volume.name),
        gcs: volume.gcs.known().map(expand_gcs),
        nfs: volume.nfs.known().map(expand_nfs),
        secret: volume.secret.known().map(expand_secret),
        empty_dir: volume.empty_dir.known().map(expand_empty_dir),
    }
}

fn expand_gcs(gcs: &Gcs) -> api::GcsVolumeSource {
    api::GcsVolumeSource {
        bucket: text(&gcs.bucket),
        read_only: gcs.read_only == Field::Known(true),
        mount_options: string_list(&gcs.mount_options),
    }
}

fn expand_nfs(nfs: &Nfs) -> api::NfsVolumeSource {
    api::NfsVolumeSource {
        server: text(&nfs.server),
        path: text(&nfs.path),
        read_only: nfs.read_only == Field::Known(true),
    }
}

fn expand_secret(secret: &SecretVolume) -> api::SecretVolumeSource {
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

fn expand_empty_dir(dir: &EmptyDir) -> api::EmptyDirVolumeSource {
    api::EmptyDirVolumeSource {
        medium: Some(to_api(&MEDIUMS, &dir.medium)),
        size_limit: dir.size_limit.known().cloned(),
    }
}

pub(super) fn expand_mounts(container: &Container) -> Vec<api::VolumeMount> {
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

fn text(field: &Field<String>) -> String {
    field.known().cloned().unwrap_or_default()
}
