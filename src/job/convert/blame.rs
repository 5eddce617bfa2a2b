//! Which attribute Google is speaking of.

use crate::value::Path;

/// The attribute that a refusal is about; the whole resource when that cannot be told.
///
/// A refusal of a definition begins with the member that it is about, as in `template.max_retries: must be …`; that
/// one counts. Other refusals are told by their words.
pub fn blamed(refusal: &str) -> Path {
    let refusal = refusal.to_lowercase();
    let member = refusal
        .split_once(": ")
        .map(|(member, _)| member)
        .filter(|member| !member.contains(' '));
    member
        .and_then(find)
        .or_else(|| find(&refusal))
        .unwrap_or_default()
}

fn find(words: &str) -> Option<Path> {
    let fits = |(parts, _): &&(&[&str], &str)| parts.iter().any(|part| words.contains(part));
    let (_, attribute) = BLAME.iter().find(fits)?;
    Some(
        attribute
            .split('.')
            .fold(Path::default(), |path, step| path.key(step)),
    )
}

/// Members of the API and words of Google's in lower case, and the attribute that each leads to. The special stands
/// before the general.
const BLAME: [(&[&str], &str); 25] = [
    (
        &["limits.cpu", "cpualloc", "container cpu", "total cpu"],
        "resources.cpu",
    ),
    (
        &["limits.memory", "memalloc", "container memory"],
        "resources.memory",
    ),
    (&["max_retries", "maxretries"], "job.max_retries"),
    (&["task_count", "taskcount"], "job.task_count"),
    (&["parallelism"], "job.parallelism"),
    (&["service agent"], "service_account"),
    (
        &["secret_key_ref", "secretkeyref", "on secret", "secret manager"],
        "secrets",
    ),
    (&["env names", "envvars", ".env"], "env"),
    (
        &[
            "zonal redundancy",
            "node_selector",
            "gpualloc",
            "gpus per project",
        ],
        "gpu.type",
    ),
    (&["timeout"], "job.task_timeout"),
    (
        &["volume_mounts", "volumemounts", "volume mounts", "mount point"],
        "container.volume_mounts",
    ),
    (&["volume"], "volumes"),
    (&["working_dir", "workingdir"], "container.working_dir"),
    (
        &["encryption_key", "encryptionkey", "cryptokey"],
        "encryption_key",
    ),
    (
        &[
            "binary_authorization",
            "binaryauthorization",
            "binary authorization",
        ],
        "binary_authorization",
    ),
    (&["network_interfaces", "networkinterfaces"], "vpc_access"),
    (&["subnetwork"], "vpc_access.subnetwork"),
    (&["vpc_access", "vpcaccess", "connector"], "vpc_access.connector"),
    (
        &["launch stage", "launch_stage", "precondition check failed"],
        "launch_stage",
    ),
    (
        &["service_account", "service account", "actas"],
        "service_account",
    ),
    (&["image"], "container.image"),
    (&["annotation"], "annotations"),
    (&["label"], "labels"),
    (&["job_id", "jobid", "already exists"], "name"),
    (&["location", "region"], "location"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of the live service, as tests and users quote them.
    #[test]
    fn refusals_lead_to_their_attributes() {
        for (refusal, expected) in [
            (
                "template.template.max_retries: must be a number between 0 and 10.",
                "job.max_retries",
            ),
            (
                "template.task_count: must be a number between 0 and 10000.",
                "job.task_count",
            ),
            (
                "template.template.containers[0].resources.limits.cpu: Must be equal to one of 20.0, 22.0",
                "resources.cpu",
            ),
            (
                "template.containers.resources.limits.memory: Invalid value specified for container memory.",
                "resources.memory",
            ),
            (
                "template.parallelism: You do not have quota for using GPUs without zonal redundancy.",
                "job.parallelism",
            ),
            (
                "Quota violated: MemAllocPerProjectRegion requested: 85899345920 allowed: 42949672960",
                "resources.memory",
            ),
            (
                "Quota exceeded for total allowable count of GPUs per project per region.",
                "gpu.type",
            ),
            (
                "Permission 'iam.serviceaccounts.actAs' denied on service account X (or it may not exist).",
                "service_account",
            ),
            (
                "template.template.vpc_access.connector: must be in form projects/",
                "vpc_access.connector",
            ),
            (
                "The feature 'GPU' is not supported in the declared launch stage BETA",
                "launch_stage",
            ),
            (
                "template.template.timeout: must be at most 3600s when using GPU",
                "job.task_timeout",
            ),
            (
                "template.template.containers[0].env[0].value_source.secret_key_ref.secret: may only be",
                "secrets",
            ),
            (
                "template.template.volumes.secret.default_mode: if present, must be a supported unix chmod bitmask",
                "volumes",
            ),
            (
                "template.template.containers.volume_mounts: The volume mounts name 'v', which were not found in volumes list.",
                "container.volume_mounts",
            ),
            (
                "template.template.encryption_key: must conform to",
                "encryption_key",
            ),
            (
                "template.template.vpc_access.network_interfaces: only 1 network interface is allowed.",
                "vpc_access",
            ),
            ("The following reserved env names were provided: PORT", "env"),
            (
                "template.template.containers[0].image: must be a container image path",
                "container.image",
            ),
            ("Resource 'render' already exists.", "name"),
            ("Something else.", ""),
        ] {
            assert_eq!(blamed(refusal).to_string(), expected, "{refusal}");
        }
    }

    #[test]
    fn what_is_blamed_is_an_attribute() {
        use crate::job::schema::SCHEMA;
        for (_, attribute) in BLAME {
            let first = attribute.split('.').next();
            assert!(
                SCHEMA.attributes.iter().any(|known| Some(known.name) == first),
                "{attribute}"
            );
        }
    }
}
