//! Compares the unmodified contract with facets.yaml, the example and the catalog. The contract takes precedence.

use facets_gpu::duration::to_human;
use facets_gpu::gpu::{self, CATALOG, JOB_LIMITS};
use facets_gpu::job::schema::EGRESS;
use facets_gpu::quantity::Memory;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::spec_schema::{spec_schema, validation_errors};
use crate::{blocks, contract, facets_yaml, read, yaml};

/// The length of the contract in README.md; notes follow.
pub(crate) const LENGTH: usize = 3728;
const SHA_256: &str = "f446951abf02e76fd8c27072374ebc182be5a24d66b765d46e1ced77cbbd6853";

#[test]
fn readme_starts_with_contract() {
    let digest = Sha256::digest(contract());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        digest, SHA_256,
        "restore the contract in README.md; notes belong after it"
    );
}

#[test]
fn facets_yaml_matches_contract() {
    let facets = facets_yaml();
    assert_eq!(facets["intent"], "cloudrun");
    assert_eq!(facets["flavor"], "gpu-job");
    assert_eq!(facets["version"], "1.0");
    assert_eq!(facets["clouds"], json!(["gcp"]));
    assert_eq!(facets["inputs"].as_object().unwrap().len(), 2);
    for (name, kind, optional) in [
        ("cloud_account", "@facets/gcp_cloud_account", false),
        ("network_details", "@facets/gcp-network-details", true),
    ] {
        assert_eq!(facets["inputs"][name]["type"], kind);
        assert_eq!(facets["inputs"][name]["optional"], optional, "{name}");
    }
}

#[test]
fn contract_examples_are_valid_and_show_defaults() {
    let contract = contract();
    let blocks = blocks(&contract);
    assert_eq!(blocks.len(), 7);
    for block in &blocks {
        let mut spec = yaml(block)["spec"].clone();
        let is_fragment = block.starts_with("spec:");
        for (group, fields) in spec.as_object().unwrap().iter().filter(|_| is_fragment) {
            for (field, value) in fields.as_object().into_iter().flatten() {
                let default = &spec_schema()["properties"][group]["properties"][field]["default"];
                let has_no_default = ["image", "connector"].contains(&field.as_str());
                assert!(
                    has_no_default || default == value,
                    "{group}.{field}: {default}, expected {value}"
                );
            }
        }
        if spec["container"]["image"].is_null() {
            spec["container"]["image"] = json!("encoder");
        }
        assert_eq!(validation_errors(&spec), [], "{block}");
    }
    assert_eq!(blocks[6], read("examples/module/blueprint.yaml"));
}

#[test]
fn catalog_matches_contract() {
    let gpu = gpu::default();
    assert_eq!(CATALOG.len(), 1, "the only supported GPU type for jobs");
    let join = |items: Vec<String>| items.join(", ");
    let cpus = join(gpu.cpu_choices());
    let memory = join(gpu.memory_choices());
    let regions = join(gpu.regions.iter().map(|region| format!("`{region}`")).collect());
    let limits = &JOB_LIMITS;
    let contract = contract();
    for line in [
        format!("type: {}    # only supported GPU type for jobs\n", gpu.name),
        format!("# {cpus} vCPUs (minimum {} required", gpu.cpus[0]),
        format!("# {memory} (minimum {} required", Memory::gib(gpu.memory_gib[0])),
        format!(
            "# {}–{}, all tasks",
            limits.task_count.start(),
            limits.task_count.end()
        ),
        format!(
            "# {}–{}, max tasks",
            limits.parallelism.start(),
            limits.parallelism.end()
        ),
        format!(
            "# {}–{} retries",
            limits.max_retries.start(),
            limits.max_retries.end()
        ),
        format!("# up to {} (", to_human(limits.task_timeout)),
        format!("# {}\n", EGRESS.map(|(name, _)| name).join(" or ")),
        format!("Available in {regions}.\n"),
        format!("Cloud Run's {} launch stage", limits.launch_stage),
    ] {
        assert!(contract.contains(&line), "the contract lacks {line:?}");
    }
}
