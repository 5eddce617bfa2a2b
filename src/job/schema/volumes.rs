//! Volumes and their sources.

use super::{MEDIUMS, one_of};
use crate::job::file_mode;
use terraform_plugin::schema::{Attribute, Type};

pub(super) fn volumes() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "name",
            Type::String,
            "Name of the volume, for `container.volume_mounts`: lower-case letters, digits and hyphens.",
        )
        .required(),
        Attribute::new(
            "gcs",
            Type::SingleNested(gcs()),
            "A bucket of Cloud Storage, by Cloud Storage FUSE. The job's service account needs \
             `roles/storage.objectUser` on it, or `roles/storage.objectViewer` to read only.",
        ),
        Attribute::new(
            "nfs",
            Type::SingleNested(nfs()),
            "A directory of an NFS server, such as Filestore, that `vpc_access` leads to.",
        ),
        Attribute::new(
            "secret",
            Type::SingleNested(secret()),
            "Versions of a secret of Secret Manager, as files. The job's service account needs \
             `roles/secretmanager.secretAccessor` on it.",
        ),
        Attribute::new(
            "empty_dir",
            Type::SingleNested(empty_dir()),
            "Space for one task, empty when it starts and gone when it ends.",
        ),
    ]
}

fn gcs() -> Vec<Attribute> {
    vec![
        Attribute::new("bucket", Type::String, "Name of the bucket, without `gs://`.").required(),
        read_only(),
        Attribute::new(
            "mount_options",
            Type::strings(),
            "Flags of Cloud Storage FUSE without their hyphens, such as `[\"implicit-dirs\", \"uid=1000\"]`.",
        ),
    ]
}

fn nfs() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "server",
            Type::String,
            "Address of the server, such as `10.0.0.2`.",
        )
        .required(),
        Attribute::new(
            "path",
            Type::String,
            "Directory that the server exports, such as `/share`.",
        )
        .required(),
        read_only(),
    ]
}

fn secret() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "secret",
            Type::String,
            "The secret: `my-key`, or `projects/P/secrets/my-key` for one of another project.",
        )
        .required(),
        Attribute::new(
            "default_mode",
            Type::String,
            format!(
                "Permissions of the files, as octal digits in quotes, such as `\"0440\"`. The owner must have read permission, and no digit may be 2 or 3 (write without read permission). Left out, they are `{}`.",
                file_mode::format(file_mode::SECRET_DEFAULT)
            ),
        ),
        Attribute::new(
            "items",
            Type::ListNested(items()),
            "The versions, each as a file. Left out, the latest is one that is named like the secret.",
        ),
    ]
}

fn items() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "path",
            Type::String,
            "Name of the file below the place of the volume, such as `license.key`.",
        )
        .required(),
        Attribute::new(
            "version",
            Type::String,
            "Version of the secret: a number, an alias, or `latest`. Default: `latest`.",
        )
        .default("latest"),
        Attribute::new(
            "mode",
            Type::String,
            "Permissions of this file, such as `0400`. Left out, they are `default_mode`.",
        ),
    ]
}

fn empty_dir() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "medium",
            Type::String,
            format!(
                "Where it lies: {}. What lies in memory counts against `resources.memory`. Default: `{}`.",
                one_of(&MEDIUMS.map(|(name, _)| name)),
                MEDIUMS[0].0
            ),
        )
        .default(MEDIUMS[0].0),
        Attribute::new(
            "size_limit",
            Type::String,
            "The most that it holds, such as `16Gi`; at least `10Gi` on disk. Left out, as much as there is.",
        ),
    ]
}

fn read_only() -> Attribute {
    Attribute::new(
        "read_only",
        Type::Bool,
        "Whether tasks can read it only. Default: `false`.",
    )
    .default(false)
}
