//! Volumes and their sources.

use super::{MEDIUMS, one_of};
use crate::gpu::DISK_VOLUME;
use crate::job::file_mode;
use crate::quantity::Memory;
use terraform_plugin::schema::{Attribute, Type};

pub(super) fn volumes() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "name",
            Type::String,
            "Name of the volume for `container.volume_mounts`: 1 to 63 lowercase letters, digits or hyphens.",
        )
        .required(),
        Attribute::new(
            "gcs",
            Type::SingleNested(gcs()),
            "Cloud Storage bucket, mounted with Cloud Storage FUSE. The job's service account must have \
             `roles/storage.objectUser` on it, or `roles/storage.objectViewer` if `read_only` is `true`.",
        ),
        Attribute::new(
            "nfs",
            Type::SingleNested(nfs()),
            "Directory of an NFS server, such as Filestore, in a network that `vpc_access` reaches.",
        ),
        Attribute::new(
            "secret",
            Type::SingleNested(secret()),
            "Versions of a Secret Manager secret, as files. The job's service account must have \
             `roles/secretmanager.secretAccessor` on it.",
        ),
        Attribute::new(
            "empty_dir",
            Type::SingleNested(empty_dir()),
            "Temporary storage of one task, deleted when the task ends.",
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
            "Name of the secret, such as `my-key`, or `projects/P/secrets/my-key` for a secret of another project.",
        )
        .required(),
        Attribute::new(
            "default_mode",
            Type::String,
            format!(
                "Permissions of the files, as octal digits in quotes, such as `\"0440\"`. The owner must have read \
                 permission, and no digit may be 2 or 3 (write without read permission). Default: `\"{}\"`.",
                file_mode::format(file_mode::SECRET_DEFAULT)
            ),
        ),
        Attribute::new(
            "items",
            Type::ListNested(items()),
            "Versions of the secret, each as a file. Default: the latest version, in a file with the name of the \
             secret.",
        ),
    ]
}

fn items() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "path",
            Type::String,
            "Path of the file in the volume, such as `license.key`.",
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
            "Permissions of the file, such as `\"0400\"`. Default: `default_mode`.",
        ),
    ]
}

fn empty_dir() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "medium",
            Type::String,
            format!(
                "Storage medium: {}. A volume in memory counts towards `resources.memory`. Default: `{}`.",
                one_of(&MEDIUMS.map(|(name, _)| name)),
                MEDIUMS[0].0
            ),
        )
        .default(MEDIUMS[0].0),
        Attribute::new(
            "size_limit",
            Type::String,
            format!(
                "Maximum size, such as `16Gi`; at least `{}` on disk. Default: {} GB on disk; in memory, no limit other \
                 than `resources.memory`.",
                Memory::gib(DISK_VOLUME.min_gib),
                DISK_VOLUME.default_gb
            ),
        ),
    ]
}

fn read_only() -> Attribute {
    Attribute::new(
        "read_only",
        Type::Bool,
        "Whether the volume is read-only. Default: `false`.",
    )
    .default(false)
}
