//! The data source `facets_gpu_catalog`: GPU facts, for conditions and loops in configurations. It sends no request.

use std::ops::RangeInclusive;
use std::sync::LazyLock;
use std::time::Duration;

use super::{CATALOG, Google, Gpu, JOB_LIMITS, Source, find};
use crate::duration::to_api;
use crate::provider::ProviderData;
use crate::quantity::Memory;
use crate::validators::choices;
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::schema::{Attribute, Schema, Type};
use terraform_plugin::value::{Field, Path, Value};
use terraform_plugin::{Context, DataSource, async_trait};

/// The type name in a configuration.
pub const TYPE_NAME: &str = "facets_gpu_catalog";

/// The schema.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    Schema {
    version: 0,
    description: "GPU types of Cloud Run jobs with their CPU, memory and regions, and the limits of a job, as the \
        provider validates configurations. The catalog is built into the provider: reading it requires neither \
        credentials nor network access."
        .to_owned(),
    attributes: vec![
        Attribute::new(
            "type",
            Type::String,
            "GPU type to return. Default: all types.",
        ),
        computed("gpus", Type::ListNested(gpus()), "GPU types. The first is the default."),
        computed("job", Type::SingleNested(job()), "Limits and defaults of a job."),
    ],
}
});

/// The data source.
#[derive(Clone, Copy, Debug)]
pub struct GpuCatalog;

#[async_trait]
impl DataSource<ProviderData> for GpuCatalog {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> &Schema {
        &SCHEMA
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        validate(config)
    }

    async fn read(&self, _: &Context<ProviderData>, config: &Value) -> Result<Value, Vec<Diagnostic>> {
        match validate(config) {
            errors if errors.is_empty() => Ok(read(config)),
            errors => Err(errors),
        }
    }
}

/// Errors of a configuration.
fn validate(config: &Value) -> Vec<Diagnostic> {
    let unknown = config.get("type").as_str().filter(|name| find(name).is_none());
    let names: Vec<&str> = CATALOG.iter().map(|gpu| gpu.name).collect();
    let error = unknown.map(|name| {
        let error = InvalidValue {
            path: Path::attribute("type"),
            must: format!("be {}", choices(&names)),
            got: quoted(name),
            fix: "Omit it to return all GPUs.".into(),
        };
        error.error("Unsupported GPU type")
    });
    error.into_iter().collect()
}

/// The catalog, or the GPU that is selected. While the selection is unknown, so are the GPUs.
fn read(config: &Value) -> Value {
    let selected = Field::<String>::read(config.get("type"));
    let gpus = selected
        .as_ref()
        .map(|name| find(name).into_iter().collect::<Vec<_>>());
    let gpus = gpus.or(Field::Known(CATALOG.iter().collect()));
    let gpus = gpus.map(|gpus| gpus.into_iter().map(gpu_value).collect::<Vec<_>>());
    Value::from([
        ("type", Value::from(selected)),
        ("gpus", Value::from(gpus)),
        ("job", job_value()),
    ])
}

fn gpus() -> Vec<Attribute> {
    vec![
        text("type", "Name, as in `gpu.type`."),
        text("title", "Product name."),
        number("memory_gb", "GPU memory in GB."),
        computed(
            "cpus",
            Type::strings(),
            "Values of `resources.cpu` that the GPU type allows. The first is the default.",
        ),
        computed(
            "memory",
            Type::strings(),
            "Values of `resources.memory` that the GPU type allows. The first is the default.",
        ),
        computed("regions", Type::strings(), "Regions that offer the GPU type."),
        computed(
            "regions_by_invitation",
            Type::strings(),
            "Those of the `regions` that Google offers by invitation only.",
        ),
        computed("source", Type::SingleNested(source()), "Source of the regions."),
        computed(
            "google",
            Type::SingleNested(google()),
            "Limits reported for Cloud Run, which may be narrower than those of the provider.",
        ),
    ]
}

fn google() -> Vec<Attribute> {
    vec![
        number("min_cpu", "Minimum number of vCPUs."),
        number("max_cpu", "Maximum number of vCPUs."),
        number("cpu_step", "Increment of the number of vCPUs."),
        text("max_memory_per_cpu", "Maximum memory for each vCPU."),
        text(
            "max_task_timeout",
            "Maximum task timeout in the launch stage `GA`.",
        ),
        text(
            "max_task_timeout_preview",
            "Maximum task timeout in the launch stages `ALPHA` and `BETA`, which is a public preview.",
        ),
        computed(
            "resources_source",
            Type::SingleNested(source()),
            "Source of the limits of CPU and memory.",
        ),
        computed(
            "timeout_source",
            Type::SingleNested(source()),
            "Source of `max_task_timeout_preview`.",
        ),
        computed(
            "ga_timeout_source",
            Type::SingleNested(source()),
            "Source of `max_task_timeout`.",
        ),
    ]
}

fn source() -> Vec<Attribute> {
    vec![
        text("title", "Title."),
        text("url", "URL."),
        text("date", "Year and month of the last check."),
    ]
}

fn job() -> Vec<Attribute> {
    let range = || {
        Type::SingleNested(vec![
            number("min", "Minimum."),
            number("max", "Maximum."),
            number("default", "Default."),
        ])
    };
    let timeout = Type::SingleNested(vec![text("max", "Maximum."), text("default", "Default.")]);
    vec![
        computed("task_count", range(), "Number of tasks of an execution."),
        computed(
            "parallelism",
            range(),
            "Maximum number of tasks that run at the same time.",
        ),
        computed(
            "max_retries",
            range(),
            "Maximum number of retries of a failed task.",
        ),
        computed(
            "task_timeout",
            timeout,
            "Maximum duration of one attempt of a task.",
        ),
        text("launch_stage", "Default launch stage of a job."),
    ]
}

fn gpu_value(gpu: &'static Gpu) -> Value {
    Value::from([
        ("type", Value::from(gpu.name)),
        ("title", Value::from(gpu.title)),
        ("memory_gb", Value::from(i64::from(gpu.memory_gb))),
        ("cpus", Value::from(gpu.cpu_choices())),
        ("memory", Value::from(gpu.memory_choices())),
        ("regions", Value::from(gpu.regions.to_vec())),
        (
            "regions_by_invitation",
            Value::from(gpu.regions_by_invitation.to_vec()),
        ),
        ("source", source_value(&gpu.source)),
        ("google", google_value(&gpu.google)),
    ])
}

fn google_value(google: &Google) -> Value {
    Value::from([
        ("min_cpu", integer(google.cpus.min)),
        ("max_cpu", integer(google.cpus.max)),
        ("cpu_step", integer(google.cpus.step)),
        (
            "max_memory_per_cpu",
            Value::from(Memory::gib(google.memory_gib_per_cpu).to_string()),
        ),
        ("max_task_timeout", duration_value(google.task_timeout)),
        (
            "max_task_timeout_preview",
            duration_value(google.preview_task_timeout),
        ),
        ("resources_source", source_value(&google.resources_source)),
        ("timeout_source", source_value(&google.timeout_source)),
        ("ga_timeout_source", source_value(&google.ga_timeout_source)),
    ])
}

fn source_value(source: &Source) -> Value {
    Value::from([
        ("title", Value::from(source.title)),
        ("url", Value::from(source.url)),
        ("date", Value::from(source.date)),
    ])
}

fn job_value() -> Value {
    let limits = &JOB_LIMITS;
    let range = |range: &RangeInclusive<i64>, default: i64| {
        Value::from([
            ("min", Value::from(*range.start())),
            ("max", Value::from(*range.end())),
            ("default", Value::from(default)),
        ])
    };
    Value::from([
        ("task_count", range(&limits.task_count, limits.default_task_count)),
        (
            "parallelism",
            range(&limits.parallelism, limits.default_parallelism),
        ),
        (
            "max_retries",
            range(&limits.max_retries, limits.default_max_retries),
        ),
        (
            "task_timeout",
            Value::from([
                ("max", duration_value(limits.task_timeout)),
                ("default", duration_value(limits.default_task_timeout)),
            ]),
        ),
        ("launch_stage", Value::from(limits.launch_stage)),
    ])
}

fn computed(name: &'static str, ty: Type, description: &str) -> Attribute {
    Attribute::new(name, ty, description).computed()
}

fn text(name: &'static str, description: &str) -> Attribute {
    computed(name, Type::String, description)
}

fn number(name: &'static str, description: &str) -> Attribute {
    computed(name, Type::Number, description)
}

fn integer(count: u64) -> Value {
    Value::from(i64::try_from(count).unwrap_or(i64::MAX))
}

fn duration_value(duration: Duration) -> Value {
    Value::from(to_api(duration))
}

#[cfg(test)]
mod tests;
