//! Which settings of a job this client does not send, so that replacing the job drops them.

use serde_json::Value as Json;

/// What is known of a message: the members that are sent or that no user sets, and those with members of their
/// own. Everything else is a setting that is not managed.
struct Message {
    known: &'static [&'static str],
    parts: &'static [(&'static str, Message)],
}

/// The paths of the settings of a job that are there and not managed, such as
/// `template.template.containers[0].ports`.
pub(super) fn of(job: &Json) -> Vec<String> {
    let mut found = Vec::new();
    collect(job, &JOB, "", &mut found);
    found
}

fn collect(json: &Json, message: &Message, path: &str, found: &mut Vec<String>) {
    for (name, value) in json.as_object().into_iter().flatten() {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        let part = message.parts.iter().find(|(part, _)| part == name);
        match (part, value) {
            (Some((_, part)), Json::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    collect(item, part, &format!("{path}[{index}]"), found);
                }
            }
            (Some((_, part)), value) => collect(value, part, &path, found),
            (None, value) if message.known.contains(&name.as_str()) || is_default(value) => {}
            (None, _) => found.push(path),
        }
    }
}

/// Whether a member says no more than one that is left out.
fn is_default(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
        _ => false,
    }
}

const JOB: Message = Message {
    known: &[
        // Sent.
        "labels",
        "annotations",
        "client",
        "clientVersion",
        "launchStage",
        "etag",
        // Output only.
        "name",
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
    parts: &[
        ("template", EXECUTION),
        ("binaryAuthorization", BINARY_AUTHORIZATION),
    ],
};

const EXECUTION: Message = Message {
    // The client of an execution template is whoever made it last.
    known: &["parallelism", "taskCount", "client", "clientVersion"],
    parts: &[("template", TASK)],
};

const TASK: Message = Message {
    // A job with a GPU runs in the second generation only, and is told so by the service.
    known: &[
        "maxRetries",
        "timeout",
        "serviceAccount",
        "gpuZonalRedundancyDisabled",
        "executionEnvironment",
        "encryptionKey",
    ],
    parts: &[
        ("containers", CONTAINER),
        ("volumes", VOLUME),
        ("vpcAccess", VPC_ACCESS),
        ("nodeSelector", NODE_SELECTOR),
    ],
};

const CONTAINER: Message = Message {
    known: &["image", "command", "args", "workingDir", "buildInfo"],
    parts: &[
        ("env", ENV),
        ("resources", RESOURCES),
        ("volumeMounts", VOLUME_MOUNT),
    ],
};

const ENV: Message = Message {
    known: &["name", "value", "valueSource"],
    parts: &[],
};

const RESOURCES: Message = Message {
    known: &["limits"],
    parts: &[],
};

const VPC_ACCESS: Message = Message {
    known: &["connector", "egress"],
    parts: &[("networkInterfaces", NETWORK_INTERFACE)],
};

const NETWORK_INTERFACE: Message = Message {
    known: &["network", "subnetwork", "tags"],
    parts: &[],
};

const BINARY_AUTHORIZATION: Message = Message {
    known: &["useDefault", "policy", "breakglassJustification"],
    parts: &[],
};

const VOLUME_MOUNT: Message = Message {
    known: &["name", "mountPath", "subPath"],
    parts: &[],
};

const VOLUME: Message = Message {
    known: &["name"],
    parts: &[
        ("gcs", GCS),
        ("nfs", NFS),
        ("secret", SECRET_VOLUME),
        ("emptyDir", EMPTY_DIR),
    ],
};

const GCS: Message = Message {
    known: &["bucket", "readOnly", "mountOptions"],
    parts: &[],
};

const NFS: Message = Message {
    known: &["server", "path", "readOnly"],
    parts: &[],
};

const SECRET_VOLUME: Message = Message {
    known: &["secret", "defaultMode"],
    parts: &[("items", SECRET_ITEM)],
};

const SECRET_ITEM: Message = Message {
    known: &["path", "version", "mode"],
    parts: &[],
};

const EMPTY_DIR: Message = Message {
    known: &["medium", "sizeLimit"],
    parts: &[],
};

const NODE_SELECTOR: Message = Message {
    known: &["accelerator"],
    parts: &[],
};
