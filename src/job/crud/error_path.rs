//! The attribute that an API error is about.

use terraform_plugin::value::Path;

/// The path of the attribute that a message is about; the empty path when there is none.
///
/// A message that begins with a member, such as `template.max_retries: must be …`, is about that one; others are recognized
/// by their words, which do not include full names such as `projects/p/locations/l/jobs/my-image`.
pub fn error_path(message: &str) -> Path {
    let message = message.to_lowercase();
    let words: Vec<&str> = message
        .split_whitespace()
        .filter(|word| !word.contains('/'))
        .collect();
    let member = message
        .split_once(": ")
        .map(|(member, _)| member)
        .filter(|member| !member.contains(' '));
    member
        .and_then(find)
        .or_else(|| find(&words.join(" ")))
        .unwrap_or_default()
}

fn find(text: &str) -> Option<Path> {
    let fits = |(_, parts): &&(&str, &str)| parts.split(" | ").any(|part| text.contains(part));
    PATTERNS
        .iter()
        .find(fits)
        .map(|(attribute, _)| attribute_path(attribute))
}

/// The path of an attribute such as `job.task_count`.
pub fn attribute_path(attribute: &str) -> Path {
    let steps = attribute.split('.');
    steps.fold(Path::default(), |path, step| path.key(step))
}

/// Attributes, and members and words of messages in lowercase that lead to them. The first match counts.
const PATTERNS: [(&str, &str); 26] = [
    (
        "resources.cpu",
        "limits.cpu | cpualloc | container cpu | total cpu",
    ),
    ("resources.memory", "limits.memory | memalloc | container memory"),
    ("job.max_retries", "max_retries | maxretries"),
    ("job.task_count", "task_count | taskcount"),
    ("job.parallelism", "parallelism"),
    ("service_account", "service agent"),
    (
        "secrets",
        "secret_key_ref | secretkeyref | on secret | secret manager",
    ),
    ("env", "env names | envvars | .env"),
    (
        "gpu.type",
        "zonal redundancy | node_selector | gpualloc | gpus per project",
    ),
    ("job.task_timeout", "timeout"),
    (
        "container.volume_mounts",
        "volume_mounts | volumemounts | volume mounts | mount point",
    ),
    ("volumes", "volume"),
    ("container.working_dir", "working_dir | workingdir"),
    ("encryption_key", "encryption_key | encryptionkey | cryptokey"),
    (
        "binary_authorization",
        "binary_authorization | binaryauthorization | binary authorization",
    ),
    ("vpc_access", "network_interfaces | networkinterfaces"),
    ("vpc_access.subnetwork", "subnetwork"),
    ("vpc_access.connector", "vpc_access | vpcaccess | connector"),
    (
        "launch_stage",
        "launch stage | launch_stage | precondition check failed",
    ),
    ("job.delay_execution", "delay_execution | delayexecution"),
    ("service_account", "service_account | service account | actas"),
    ("container.image", "image"),
    ("annotations", "annotation"),
    ("labels", "label"),
    ("name", "job_id | jobid | already exists"),
    ("location", "location | region"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// StringMap of the live service, as tests and users quote them.
    #[test]
    fn messages_lead_to_their_attributes() {
        let cases = "
            job.max_retries < template.template.max_retries: must be a number between 0 and 10.
            job.task_count < template.task_count: must be a number between 0 and 10000.
            resources.cpu < template.template.containers[0].resources.limits.cpu: Must be equal to one of 20.0, 22.0
            resources.memory < template.containers.resources.limits.memory: Invalid value specified for container memory.
            job.parallelism < template.parallelism: You do not have quota for using GPUs without zonal redundancy.
            resources.memory < Quota violated: MemAllocPerProjectRegion requested: 85899345920 allowed: 42949672960
            gpu.type < Quota exceeded for total allowable count of GPUs per project per region.
            service_account < Permission 'iam.serviceaccounts.actAs' denied on service account X (or it may not exist).
            vpc_access.connector < template.template.vpc_access.connector: must be in form projects/
            launch_stage < The feature 'GPU' is not supported in the declared launch stage BETA
            job.task_timeout < template.template.timeout: must be at most 3600s when using GPU
            job.delay_execution < template.delay_execution: must be false when using GPU
            secrets < template.template.containers[0].env[0].value_source.secret_key_ref.secret: may only be
            volumes < template.template.volumes.secret.default_mode: if present, must be a supported unix chmod bitmask
            container.volume_mounts < template.template.containers.volume_mounts: The volume mounts name 'v', which were not found in volumes list.
            encryption_key < template.template.encryption_key: must conform to
            vpc_access < template.template.vpc_access.network_interfaces: only 1 network interface is allowed.
            env < The following reserved env names were provided: PORT
            container.image < template.template.containers[0].image: must be a container image path
            name < Resource 'render' already exists.
        ";
        for case in cases.lines().map(str::trim).filter(|case| !case.is_empty()) {
            let (attribute, message) = case.split_once(" < ").unwrap_or_default();
            assert_eq!(error_path(message), attribute_path(attribute), "{message}");
        }
        for other in [
            "Something else.",
            "Permission 'run.jobs.create' denied on resource 'projects/p/locations/l/jobs/image-label-volume'.",
        ] {
            assert_eq!(error_path(other), Path::default(), "{other}");
        }
    }
}
