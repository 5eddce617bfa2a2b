//! What the service fills into a job that leaves it open. Creating and replacing both come through here.

use serde_json::{Map, Value, json};

/// Fills the defaults into a job's definition, in place.
pub(crate) fn fill(job: &mut Map<String, Value>, project: &str) {
    job.remove("name");
    job.remove("etag");
    let stage = job.get("launchStage").and_then(Value::as_str).unwrap_or("GA");
    let stage = read_back(stage, uses_preview(job));
    job.insert("launchStage".into(), json!(stage));
    let Some(execution) = job.get_mut("template").and_then(Value::as_object_mut) else {
        return;
    };
    default(execution, "taskCount", json!(1));
    let Some(task) = execution.get_mut("template").and_then(Value::as_object_mut) else {
        return;
    };
    default(task, "maxRetries", json!(3));
    default(task, "timeout", json!("600s"));
    default(task, "executionEnvironment", json!("EXECUTION_ENVIRONMENT_GEN2"));
    let account = format!(
        "{}-compute@developer.gserviceaccount.com",
        project_number(project)
    );
    default(task, "serviceAccount", json!(account));
    if let Some(access) = task.get_mut("vpcAccess").and_then(Value::as_object_mut) {
        default(access, "egress", json!("PRIVATE_RANGES_ONLY"));
    }
    let accelerator = task
        .get("nodeSelector")
        .and_then(|node| node["accelerator"].as_str());
    let accelerator = accelerator.map(str::to_owned);
    if let Some(containers) = task.get_mut("containers").and_then(Value::as_array_mut) {
        let alone = containers.len() == 1;
        for container in containers.iter_mut().filter_map(Value::as_object_mut) {
            fill_container(container, alone, accelerator.as_deref());
        }
    }
}

/// The number of a project that exists nowhere: always the same for an id, and of the usual length.
pub(crate) fn project_number(project: &str) -> String {
    if !project.is_empty() && project.bytes().all(|byte| byte.is_ascii_digit()) {
        return project.to_owned();
    }
    // FNV-1a, since the standard library's hashes may change between releases.
    let hash = project.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (100_000_000_000 + hash % 900_000_000_000).to_string()
}

/// The stage told on read is the least stable one in use, and never ALPHA.
fn read_back(declared: &str, preview: bool) -> &'static str {
    match declared {
        "ALPHA" | "BETA" if preview => "BETA",
        _ => "GA",
    }
}

/// Whether the job needs something that is in preview: RTX PRO 6000 is the one such thing known.
fn uses_preview(job: &Map<String, Value>) -> bool {
    let selector = job
        .get("template")
        .and_then(|template| template.pointer("/template/nodeSelector/accelerator"));
    selector.and_then(Value::as_str) == Some("nvidia-rtx-pro-6000")
}

fn fill_container(container: &mut Map<String, Value>, alone: bool, accelerator: Option<&str>) {
    let resources = container.entry("resources").or_insert_with(|| json!({}));
    if let Some(resources) = resources.as_object_mut()
        && let Some(limits) = resources
            .entry("limits")
            .or_insert_with(|| json!({}))
            .as_object_mut()
    {
        if accelerator.is_some() && alone {
            default(limits, GPU, json!("1"));
        }
        // What a GPU container without limits gets is not recorded; the least that its GPU allows is a guess.
        let (cpu, memory) = match accelerator.filter(|_| limits.contains_key(GPU)) {
            Some("nvidia-rtx-pro-6000") => ("20", "80Gi"),
            Some(_) => ("4", "16Gi"),
            _ if alone => ("1000m", "512Mi"),
            _ => ("1000m", "256Mi"),
        };
        default(limits, "cpu", json!(cpu));
        default(limits, "memory", json!(memory));
    }
    if let Some(probe) = container.get_mut("startupProbe").and_then(Value::as_object_mut) {
        default(probe, "failureThreshold", json!(3));
        default(probe, "periodSeconds", json!(10));
        default(probe, "timeoutSeconds", json!(1));
        for action in ["httpGet", "tcpSocket", "grpc"] {
            if let Some(action) = probe.get_mut(action).and_then(Value::as_object_mut) {
                default(action, "port", json!(8080));
            }
        }
    }
}

fn default(map: &mut Map<String, Value>, name: &str, value: Value) {
    if map.get(name).is_none_or(Value::is_null) {
        map.insert(name.to_owned(), value);
    }
}

/// The name of the GPU among a container's limits.
const GPU: &str = "nvidia.com/gpu";
