//! The defaults that the service fills in when a job is created or replaced.

use serde_json::{Map, Value, json};

use crate::gpu::{GPU_LIMIT, Gpu, MAX_TIMEOUT};
use crate::resource_name::LocationName;
use crate::types::decode::duration_seconds;

/// Fills the defaults into a job's definition, in place.
pub(crate) fn apply(job: &mut Map<String, Value>, parent: &LocationName) {
    job.remove("name");
    job.remove("etag");
    let declared = job.get("launchStage").and_then(Value::as_str).unwrap_or("GA");
    let launch_stage = effective_launch_stage(declared, job);
    let accelerator = accelerator(job).map(str::to_owned);
    job.insert("launchStage".into(), json!(launch_stage));
    let Some(execution) = job.get_mut("template").and_then(Value::as_object_mut) else {
        return;
    };
    set_default(execution, "taskCount", json!(1));
    let Some(task) = execution.get_mut("template").and_then(Value::as_object_mut) else {
        return;
    };
    set_default(task, "maxRetries", json!(3));
    set_default(task, "timeout", json!("600s"));
    set_default(task, "executionEnvironment", json!("EXECUTION_ENVIRONMENT_GEN2"));
    set_default(task, "serviceAccount", json!(parent.default_service_account()));
    if let Some(access) = task.get_mut("vpcAccess").and_then(Value::as_object_mut) {
        set_default(access, "egress", json!("PRIVATE_RANGES_ONLY"));
    }
    if let Some(containers) = task.get_mut("containers").and_then(Value::as_array_mut) {
        let is_only = containers.len() == 1;
        for container in containers.iter_mut().filter_map(Value::as_object_mut) {
            apply_to_container(container, is_only, accelerator.as_deref());
        }
    }
}

fn accelerator(job: &Map<String, Value>) -> Option<&str> {
    job.get("template")?
        .pointer("/template/nodeSelector/accelerator")?
        .as_str()
}

/// The least stable launch stage in use, which is never ALPHA.
fn effective_launch_stage(declared: &str, job: &Map<String, Value>) -> &'static str {
    let template = job.get("template").unwrap_or(&Value::Null);
    let timeout = template["template"]["timeout"]
        .as_str()
        .and_then(duration_seconds);
    let is_long = timeout.is_some_and(|seconds| seconds > f64::from(MAX_TIMEOUT));
    let uses_preview = template["delayExecution"] == true || accelerator(job).is_some() && is_long;
    match declared {
        "ALPHA" | "BETA" if uses_preview => "BETA",
        _ => "GA",
    }
}

fn apply_to_container(container: &mut Map<String, Value>, is_only: bool, accelerator: Option<&str>) {
    let resources = container.entry("resources").or_insert_with(|| json!({}));
    if let Some(resources) = resources.as_object_mut()
        && let Some(limits) = resources
            .entry("limits")
            .or_insert_with(|| json!({}))
            .as_object_mut()
    {
        if accelerator.is_some() && is_only {
            set_default(limits, GPU_LIMIT, json!("1"));
        }
        let (cpu, memory) = match accelerator.filter(|_| limits.contains_key(GPU_LIMIT)) {
            Some(name) => gpu_amounts(Gpu::find(name)),
            None if is_only => ("1000m".to_owned(), "512Mi".to_owned()),
            None => ("1000m".to_owned(), "256Mi".to_owned()),
        };
        set_default(limits, "cpu", json!(cpu));
        set_default(limits, "memory", json!(memory));
    }
    if let Some(probe) = container.get_mut("startupProbe").and_then(Value::as_object_mut) {
        set_default(probe, "failureThreshold", json!(3));
        set_default(probe, "periodSeconds", json!(10));
        set_default(probe, "timeoutSeconds", json!(1));
        for action in ["httpGet", "tcpSocket", "grpc"] {
            if let Some(action) = probe.get_mut(action).and_then(Value::as_object_mut) {
                set_default(action, "port", json!(8080));
            }
        }
    }
}

/// CPU and memory of a GPU container without limits. Not recorded; the minimum of the GPU is a guess. A GPU that is not
/// known, which the permissive rules accept, gets 4 CPUs and 16Gi.
fn gpu_amounts(gpu: Option<&Gpu>) -> (String, String) {
    let (cpu, memory) = gpu.map_or((4, 16), |gpu| (gpu.cpus[0], gpu.min_memory));
    (cpu.to_string(), format!("{memory}Gi"))
}

fn set_default(object: &mut Map<String, Value>, name: &str, value: Value) {
    if object.get(name).is_none_or(Value::is_null) {
        object.insert(name.to_owned(), value);
    }
}
