//! Which attribute Google is speaking of.

use terraform_plugin::value::Path;

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
    let fits = |(_, parts): &&(&str, &str)| parts.split(" | ").any(|part| words.contains(part));
    BLAME
        .iter()
        .find(fits)
        .map(|(attribute, _)| attribute_path(attribute))
}

/// The path of an attribute that is written as `job.task_count`.
pub fn attribute_path(attribute: &str) -> Path {
    let steps = attribute.split('.');
    steps.fold(Path::default(), |path, step| path.key(step))
}

/// Each attribute, and the members of the API and words of Google's, in lower case, that lead to it. The special stands
/// before the general.
const BLAME: [(&str, &str); 25] = [
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

    /// Texts of the live service, as tests and users quote them.
    #[test]
    fn refusals_lead_to_their_attributes() {
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
            let (attribute, refusal) = case.split_once(" < ").unwrap_or_default();
            assert_eq!(blamed(refusal), attribute_path(attribute), "{refusal}");
        }
        assert_eq!(blamed("Something else."), Path::default());
    }
}
