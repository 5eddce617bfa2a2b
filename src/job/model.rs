//! The resource's values with their types, as validation, plan and expansion read them.

use std::collections::{BTreeMap, BTreeSet};

use terraform_plugin::record;
use terraform_plugin::value::{Field, Number, Value};

/// A map of strings, each of which may be unknown.
pub type StringMap = BTreeMap<String, Field<String>>;

record! {
    /// The resource as configured, planned or stored, without most computed attributes.
    Job {
        name: String = "name",
        facets: Facets = "facets",
        project: String = "project",
        location: String = "location",
        container: Container = "container",
        gpu: Gpu = "gpu",
        resources: Resources = "resources",
        job: Settings = "job",
        secrets: Vec<Field<SecretEnv>> = "secrets",
        env: StringMap = "env",
        vpc_access: VpcAccess = "vpc_access",
        volumes: Vec<Field<Volume>> = "volumes",
        service_account: String = "service_account",
        labels: StringMap = "labels",
        annotations: StringMap = "annotations",
        encryption_key: String = "encryption_key",
        binary_authorization: BinaryAuthorization = "binary_authorization",
        launch_stage: String = "launch_stage",
        deletion_protection: bool = "deletion_protection",
        timeouts: Timeouts = "timeouts",
        effective_labels: StringMap = "effective_labels",
    }
}

record! {
    /// What the Facets platform provides.
    Facets {
        instance_name: String = "instance_name",
        environment: String = "environment",
        cloud_tags: StringMap = "cloud_tags",
    }
}

record! {
    /// The container of each task.
    Container {
        image: String = "image",
        command: Vec<Field<String>> = "command",
        args: Vec<Field<String>> = "args",
        working_dir: String = "working_dir",
        volume_mounts: Vec<Field<VolumeMount>> = "volume_mounts",
    }
}

record! {
    /// A mount of a volume.
    VolumeMount {
        name: String = "name",
        mount_path: String = "mount_path",
        sub_path: String = "sub_path",
    }
}

record! {
    /// The accelerator of each task.
    Gpu {
        enabled: bool = "enabled",
        kind: String = "type",
    }
}

record! {
    /// CPU and memory of each task.
    Resources {
        cpu: String = "cpu",
        memory: String = "memory",
    }
}

record! {
    /// How an execution runs its tasks.
    Settings {
        task_count: Number = "task_count",
        parallelism: Number = "parallelism",
        max_retries: Number = "max_retries",
        task_timeout: String = "task_timeout",
        delay_execution: bool = "delay_execution",
    }
}

record! {
    /// An environment variable from Secret Manager.
    SecretEnv {
        env_var: String = "env_var",
        secret_name: String = "secret_name",
        version: String = "version",
    }
}

record! {
    /// VPC access: a connector or a network interface.
    VpcAccess {
        connector: String = "connector",
        network: String = "network",
        subnetwork: String = "subnetwork",
        tags: Vec<Field<String>> = "tags",
        egress: String = "egress",
    }
}

record! {
    /// A volume with one source.
    Volume {
        name: String = "name",
        gcs: Gcs = "gcs",
        nfs: Nfs = "nfs",
        secret: SecretVolume = "secret",
        empty_dir: EmptyDir = "empty_dir",
    }
}

record! {
    /// A Cloud Storage bucket.
    Gcs {
        bucket: String = "bucket",
        read_only: bool = "read_only",
        mount_options: Vec<Field<String>> = "mount_options",
    }
}

record! {
    /// A directory of an NFS server.
    Nfs {
        server: String = "server",
        path: String = "path",
        read_only: bool = "read_only",
    }
}

record! {
    /// Versions of a secret as files.
    SecretVolume {
        secret: String = "secret",
        default_mode: String = "default_mode",
        items: Vec<Field<SecretItem>> = "items",
    }
}

record! {
    /// One version of a secret as a file.
    SecretItem {
        path: String = "path",
        version: String = "version",
        mode: String = "mode",
    }
}

record! {
    /// An empty directory.
    EmptyDir {
        medium: String = "medium",
        size_limit: String = "size_limit",
    }
}

record! {
    /// The Binary Authorization policy.
    BinaryAuthorization {
        use_default: bool = "use_default",
        policy: String = "policy",
        breakglass_justification: String = "breakglass_justification",
    }
}

record! {
    /// Timeouts of operations.
    Timeouts {
        create: String = "create",
        update: String = "update",
        delete: String = "delete",
    }
}

impl Job {
    /// Reads the resource. A null or unknown one has only null attributes.
    pub fn read(value: &Value) -> Job {
        Field::read(value).into_known().unwrap_or_default()
    }
}

/// The names of the volumes in a state or plan.
pub fn volume_names(job: &Value) -> BTreeSet<String> {
    match job.get("volumes") {
        Value::List(volumes) => volumes
            .iter()
            .filter_map(|volume| volume.get("name").as_str().map(str::to_owned))
            .collect(),
        _ => BTreeSet::new(),
    }
}
