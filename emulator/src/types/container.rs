//! Containers and volumes.
//!
//! Names, types and marks are those of Google's discovery document of the API, revision 20261031.

use super::enumeration::MEDIUM;
use super::{Kind, Message, input, output};

pub(crate) static CONTAINER: Message = Message {
    name: "google.cloud.run.v2.Container",
    fields: &[
        input("args", Kind::List(&Kind::Text)),
        input("baseImageUri", Kind::Text),
        input("buildConfig", Kind::Message(&BUILD_CONFIGURATION)),
        input("command", Kind::List(&Kind::Text)),
        input("dependsOn", Kind::List(&Kind::Text)),
        input("env", Kind::List(&Kind::Message(&ENV_VAR))),
        input("image", Kind::Text),
        input("livenessProbe", Kind::Message(&PROBE)),
        input("name", Kind::Text),
        input("ports", Kind::List(&Kind::Message(&CONTAINER_PORT))),
        input("readinessProbe", Kind::Message(&PROBE)),
        input("resources", Kind::Message(&RESOURCE_REQUIREMENTS)),
        input("sandboxLauncher", Kind::Bool),
        input("sourceCode", Kind::Message(&SOURCE_CODE)),
        input("startupProbe", Kind::Message(&PROBE)),
        input("volumeMounts", Kind::List(&Kind::Message(&VOLUME_MOUNT))),
        input("workingDir", Kind::Text),
        output("buildInfo", Kind::Message(&BUILD_INFO)),
    ],
};

pub(crate) static RESOURCE_REQUIREMENTS: Message = Message {
    name: "google.cloud.run.v2.ResourceRequirements",
    fields: &[
        input("cpuIdle", Kind::Bool),
        input("limits", Kind::Map),
        input("startupCpuBoost", Kind::Bool),
    ],
};

pub(crate) static ENV_VAR: Message = Message {
    name: "google.cloud.run.v2.EnvVar",
    fields: &[
        input("name", Kind::Text),
        input("value", Kind::Text).one_of("values"),
        input("valueSource", Kind::Message(&ENV_VAR_SOURCE)).one_of("values"),
    ],
};

pub(crate) static ENV_VAR_SOURCE: Message = Message {
    name: "google.cloud.run.v2.EnvVarSource",
    fields: &[input("secretKeyRef", Kind::Message(&SECRET_KEY_SELECTOR))],
};

pub(crate) static SECRET_KEY_SELECTOR: Message = Message {
    name: "google.cloud.run.v2.SecretKeySelector",
    fields: &[input("secret", Kind::Text), input("version", Kind::Text)],
};

pub(crate) static CONTAINER_PORT: Message = Message {
    name: "google.cloud.run.v2.ContainerPort",
    fields: &[input("containerPort", Kind::Int32), input("name", Kind::Text)],
};

pub(crate) static VOLUME_MOUNT: Message = Message {
    name: "google.cloud.run.v2.VolumeMount",
    fields: &[
        input("mountPath", Kind::Text),
        input("name", Kind::Text),
        input("subPath", Kind::Text),
    ],
};

pub(crate) static PROBE: Message = Message {
    name: "google.cloud.run.v2.Probe",
    fields: &[
        input("failureThreshold", Kind::Int32),
        input("grpc", Kind::Message(&GRPCACTION)).one_of("probe_type"),
        input("httpGet", Kind::Message(&HTTPGET_ACTION)).one_of("probe_type"),
        input("initialDelaySeconds", Kind::Int32),
        input("periodSeconds", Kind::Int32),
        input("tcpSocket", Kind::Message(&TCPSOCKET_ACTION)).one_of("probe_type"),
        input("timeoutSeconds", Kind::Int32),
    ],
};

pub(crate) static HTTPGET_ACTION: Message = Message {
    name: "google.cloud.run.v2.HTTPGetAction",
    fields: &[
        input("httpHeaders", Kind::List(&Kind::Message(&HTTPHEADER))),
        input("path", Kind::Text),
        input("port", Kind::Int32),
    ],
};

pub(crate) static HTTPHEADER: Message = Message {
    name: "google.cloud.run.v2.HTTPHeader",
    fields: &[input("name", Kind::Text), input("value", Kind::Text)],
};

pub(crate) static TCPSOCKET_ACTION: Message = Message {
    name: "google.cloud.run.v2.TCPSocketAction",
    fields: &[input("port", Kind::Int32)],
};

pub(crate) static GRPCACTION: Message = Message {
    name: "google.cloud.run.v2.GRPCAction",
    fields: &[input("port", Kind::Int32), input("service", Kind::Text)],
};

pub(crate) static SOURCE_CODE: Message = Message {
    name: "google.cloud.run.v2.SourceCode",
    fields: &[
        input("cloudStorageSource", Kind::Message(&CLOUD_STORAGE_SOURCE)).one_of("source_type"),
        input("inlinedSource", Kind::Message(&INLINED_SOURCE)).one_of("source_type"),
    ],
};

pub(crate) static CLOUD_STORAGE_SOURCE: Message = Message {
    name: "google.cloud.run.v2.CloudStorageSource",
    fields: &[
        input("bucket", Kind::Text),
        input("generation", Kind::Int64),
        input("object", Kind::Text),
    ],
};

pub(crate) static INLINED_SOURCE: Message = Message {
    name: "google.cloud.run.v2.InlinedSource",
    fields: &[input("sources", Kind::List(&Kind::Message(&SOURCE_FILE)))],
};

pub(crate) static SOURCE_FILE: Message = Message {
    name: "google.cloud.run.v2.SourceFile",
    fields: &[input("content", Kind::Text), input("filename", Kind::Text)],
};

pub(crate) static BUILD_INFO: Message = Message {
    name: "google.cloud.run.v2.BuildInfo",
    fields: &[
        output("functionTarget", Kind::Text),
        output("sourceLocation", Kind::Text),
    ],
};

pub(crate) static BUILD_CONFIGURATION: Message = Message {
    name: "google.cloud.run.v2.BuildConfiguration",
    fields: &[
        input(
            "buildpacksBuild",
            Kind::Message(&BUILD_CONFIGURATION_BUILDPACKS_BUILD),
        )
        .one_of("build_type"),
        input("dockerBuild", Kind::Message(&BUILD_CONFIGURATION_DOCKER_BUILD)).one_of("build_type"),
        input("imageRepositoryUri", Kind::Text),
        input("serviceAccount", Kind::Text),
        input("tags", Kind::List(&Kind::Text)),
        input("workerConfiguration", Kind::Message(&WORKER_CONFIGURATION)),
    ],
};

pub(crate) static BUILD_CONFIGURATION_BUILDPACKS_BUILD: Message = Message {
    name: "google.cloud.run.v2.BuildConfiguration.BuildpacksBuild",
    fields: &[
        input("buildBaseImageUri", Kind::Text),
        input("cacheImageUri", Kind::Text),
        input("environmentVariables", Kind::Map),
    ],
};

pub(crate) static BUILD_CONFIGURATION_DOCKER_BUILD: Message = Message {
    name: "google.cloud.run.v2.BuildConfiguration.DockerBuild",
    fields: &[],
};

pub(crate) static WORKER_CONFIGURATION: Message = Message {
    name: "google.cloud.run.v2.WorkerConfiguration",
    fields: &[input(
        "cloudBuildWorkerConfiguration",
        Kind::Message(&CLOUD_BUILD_WORKER_CONFIGURATION),
    )],
};

pub(crate) static CLOUD_BUILD_WORKER_CONFIGURATION: Message = Message {
    name: "google.cloud.run.v2.CloudBuildWorkerConfiguration",
    fields: &[input("machineType", Kind::Text), input("workerPool", Kind::Text)],
};

pub(crate) static VOLUME: Message = Message {
    name: "google.cloud.run.v2.Volume",
    fields: &[
        input("cloudSqlInstance", Kind::Message(&CLOUD_SQL_INSTANCE)).one_of("volume_type"),
        input("emptyDir", Kind::Message(&EMPTY_DIR_VOLUME_SOURCE)).one_of("volume_type"),
        input("filestore", Kind::Message(&FILESTORE_VOLUME_SOURCE)).one_of("volume_type"),
        input("gcs", Kind::Message(&GCSVOLUME_SOURCE)).one_of("volume_type"),
        input("name", Kind::Text),
        input("nfs", Kind::Message(&NFSVOLUME_SOURCE)).one_of("volume_type"),
        input("secret", Kind::Message(&SECRET_VOLUME_SOURCE)).one_of("volume_type"),
    ],
};

pub(crate) static SECRET_VOLUME_SOURCE: Message = Message {
    name: "google.cloud.run.v2.SecretVolumeSource",
    fields: &[
        input("defaultMode", Kind::Int32),
        input("items", Kind::List(&Kind::Message(&VERSION_TO_PATH))),
        input("secret", Kind::Text),
    ],
};

pub(crate) static VERSION_TO_PATH: Message = Message {
    name: "google.cloud.run.v2.VersionToPath",
    fields: &[
        input("mode", Kind::Int32),
        input("path", Kind::Text),
        input("version", Kind::Text),
    ],
};

pub(crate) static CLOUD_SQL_INSTANCE: Message = Message {
    name: "google.cloud.run.v2.CloudSqlInstance",
    fields: &[input("instances", Kind::List(&Kind::Text))],
};

pub(crate) static EMPTY_DIR_VOLUME_SOURCE: Message = Message {
    name: "google.cloud.run.v2.EmptyDirVolumeSource",
    fields: &[
        input("medium", Kind::Enum(&MEDIUM)),
        input("sizeLimit", Kind::Text),
    ],
};

pub(crate) static NFSVOLUME_SOURCE: Message = Message {
    name: "google.cloud.run.v2.NFSVolumeSource",
    fields: &[
        input("path", Kind::Text),
        input("readOnly", Kind::Bool),
        input("server", Kind::Text),
    ],
};

pub(crate) static GCSVOLUME_SOURCE: Message = Message {
    name: "google.cloud.run.v2.GCSVolumeSource",
    fields: &[
        input("bucket", Kind::Text),
        input("mountOptions", Kind::List(&Kind::Text)),
        input("readOnly", Kind::Bool),
    ],
};

pub(crate) static FILESTORE_VOLUME_SOURCE: Message = Message {
    name: "google.cloud.run.v2.FilestoreVolumeSource",
    fields: &[input("volume", Kind::Text)],
};
