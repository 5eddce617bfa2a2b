//! The members that this client manages, drops or keeps, by message of the API.

/// The known members of a message. Others are not managed.
pub(super) struct Message {
    /// Members that are as desired, or absent.
    pub(super) managed: &'static [&'static str],
    /// Members that are never sent back: output only, or commands.
    pub(super) dropped: &'static [&'static str],
    /// A oneof. If another member of it is desired, nothing else of the message is kept.
    pub(super) one_of: &'static [&'static str],
    /// Members that are messages themselves.
    pub(super) parts: &'static [(&'static str, Part)],
}

pub(super) enum Part {
    One(Message),
    /// A list of messages, identified by this member.
    Each(&'static str, Message),
    /// A list of at most one message.
    First(Message),
}

impl Message {
    pub(super) fn part(&self, name: &str) -> Option<&Part> {
        self.parts
            .iter()
            .find_map(|(part, message)| (*part == name).then_some(message))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.managed.contains(&name) || self.dropped.contains(&name) || self.part(name).is_some()
    }
}

pub(super) const JOB: Message = Message {
    managed: &[
        "labels",
        "annotations",
        "client",
        "clientVersion",
        "launchStage",
        "etag",
    ],
    dropped: &[
        // The type of a message in an operation.
        "@type",
        "name",
        // Commands: sending one starts an execution.
        "startExecutionToken",
        "runExecutionToken",
        // Output only: <https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs#Job>.
        "uid",
        "generation",
        "observedGeneration",
        "createTime",
        "updateTime",
        "deleteTime",
        "expireTime",
        "creator",
        "lastModifier",
        "terminalCondition",
        "conditions",
        "executionCount",
        "latestCreatedExecution",
        "reconciling",
        "satisfiesPzs",
    ],
    one_of: &[],
    parts: &[
        ("template", Part::One(EXECUTION)),
        ("binaryAuthorization", Part::One(BINARY_AUTHORIZATION)),
    ],
};

pub(super) const EXECUTION: Message = Message {
    managed: &["parallelism", "taskCount", "delayExecution"],
    parts: &[("template", Part::One(TASK))],
    ..NOTHING
};

/// Its containers and volumes are managed one by one.
pub(super) const TASK: Message = Message {
    managed: &[
        "maxRetries",
        "timeout",
        "serviceAccount",
        "gpuZonalRedundancyDisabled",
        "executionEnvironment",
        "encryptionKey",
    ],
    parts: &[
        ("vpcAccess", Part::One(VPC_ACCESS)),
        ("nodeSelector", Part::One(NODE_SELECTOR)),
    ],
    ..NOTHING
};

pub(super) const CONTAINER: Message = Message {
    managed: &["image", "command", "args", "workingDir", "env", "volumeMounts"],
    dropped: &["buildInfo"],
    parts: &[("resources", Part::One(RESOURCES))],
    ..NOTHING
};

pub(super) const ENV: Message = Message {
    managed: &["name", "value"],
    one_of: &["value", "valueSource"],
    parts: &[("valueSource", Part::One(ENV_SOURCE))],
    ..NOTHING
};

pub(super) const ENV_SOURCE: Message = Message {
    one_of: &["secretKeyRef"],
    parts: &[("secretKeyRef", Part::One(SECRET_KEY))],
    ..NOTHING
};

pub(super) const SECRET_KEY: Message = Message {
    managed: &["secret", "version"],
    ..NOTHING
};

pub(super) const RESOURCES: Message = Message {
    parts: &[("limits", Part::One(LIMITS))],
    ..NOTHING
};

pub(super) const LIMITS: Message = Message {
    managed: &["cpu", "memory", super::super::GPU_LIMIT],
    ..NOTHING
};

pub(super) const VPC_ACCESS: Message = Message {
    managed: &["connector", "egress"],
    one_of: &["connector", "networkInterfaces"],
    parts: &[("networkInterfaces", Part::First(NETWORK_INTERFACE))],
    ..NOTHING
};

pub(super) const NETWORK_INTERFACE: Message = Message {
    managed: &["network", "subnetwork", "tags"],
    ..NOTHING
};

pub(super) const BINARY_AUTHORIZATION: Message = Message {
    managed: &["useDefault", "policy", "breakglassJustification"],
    one_of: &["useDefault", "policy"],
    ..NOTHING
};

pub(super) const VOLUME_MOUNT: Message = Message {
    managed: &["name", "mountPath", "subPath"],
    ..NOTHING
};

pub(super) const VOLUME: Message = Message {
    managed: &["name"],
    one_of: &["gcs", "nfs", "secret", "emptyDir"],
    parts: &[
        ("gcs", Part::One(GCS)),
        ("nfs", Part::One(NFS)),
        ("secret", Part::One(SECRET_VOLUME)),
        ("emptyDir", Part::One(EMPTY_DIR)),
    ],
    ..NOTHING
};

pub(super) const GCS: Message = Message {
    managed: &["bucket", "readOnly", "mountOptions"],
    ..NOTHING
};

pub(super) const NFS: Message = Message {
    managed: &["server", "path", "readOnly"],
    ..NOTHING
};

pub(super) const SECRET_VOLUME: Message = Message {
    managed: &["secret", "defaultMode"],
    parts: &[("items", Part::Each("path", SECRET_ITEM))],
    ..NOTHING
};

pub(super) const SECRET_ITEM: Message = Message {
    managed: &["path", "version", "mode"],
    ..NOTHING
};

pub(super) const EMPTY_DIR: Message = Message {
    managed: &["medium", "sizeLimit"],
    ..NOTHING
};

pub(super) const NODE_SELECTOR: Message = Message {
    managed: &["accelerator"],
    ..NOTHING
};

pub(super) const NOTHING: Message = Message {
    managed: &[],
    dropped: &[],
    one_of: &[],
    parts: &[],
};
