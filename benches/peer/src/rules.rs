//! What validation refuses and what planning fills in. The rules are of the provider's kind and number, told
//! in fewer words.

use std::collections::{BTreeMap, BTreeSet};

use tf_provider::value::Value;
use tf_provider::{AttributePath, Diagnostics};

use crate::model::{Execution, Gpu, Job, Resources, Text};
use crate::provider::Settings;

/// Reports every mistake that a configuration alone shows.
pub fn check(config: &Job, diagnostics: &mut Diagnostics) {
    let mut refuse = |attribute: &'static str, summary: String| {
        diagnostics.error_short(summary, AttributePath::new(attribute));
    };
    if let Value::Value(name) = &config.name
        && !is_job_id(name)
    {
        refuse("name", format!("{name:?} is no job id"));
    }
    if let Some(location) = config.location.as_ref_option()
        && !REGIONS.contains(&location.as_str())
    {
        refuse("location", format!("{location} does not offer the GPU"));
    }
    resources(config, &mut refuse);
    execution(config, &mut refuse);
    variables(config, &mut refuse);
    for (key, value) in config.labels.as_ref_option().into_iter().flatten() {
        if !is_label(key) || !value.as_ref_option().is_none_or(|value| is_label(value)) {
            refuse("labels", format!("{key} or its value is no label"));
        }
    }
}

fn resources(config: &Job, refuse: &mut impl FnMut(&'static str, String)) {
    if let Some(gpu) = config.gpu.as_ref_option() {
        if gpu.enabled == Value::Value(false) {
            refuse("gpu", "a job without GPU is not this resource's".to_owned());
        }
        if gpu.r#type.as_ref_option().is_some_and(|kind| kind != GPU) {
            refuse("gpu", format!("the only GPU is {GPU}"));
        }
    }
    let given = config.resources.as_ref_option().cloned().unwrap_or_default();
    if let Some(cpu) = given.cpu.as_ref_option()
        && !thousandths(cpu).is_some_and(|cpu| [20_000, 24_000, 32_000].contains(&cpu))
    {
        refuse("resources", format!("{cpu} vCPUs are not offered"));
    }
    if let Some(memory) = given.memory.as_ref_option()
        && !mebibytes(memory).is_some_and(|memory| [81_920, 98_304, 131_072].contains(&memory))
    {
        refuse("resources", format!("{memory} of memory is not offered"));
    }
}

fn execution(config: &Job, refuse: &mut impl FnMut(&'static str, String)) {
    let given = config.job.as_ref_option().cloned().unwrap_or_default();
    for (value, least, most, name) in [
        (given.task_count, 1, 100, "task_count"),
        (given.parallelism, 1, 100, "parallelism"),
        (given.max_retries, 0, 10, "max_retries"),
    ] {
        if let Value::Value(value) = value
            && !(least..=most).contains(&value)
        {
            refuse("job", format!("{name} is {least} to {most}"));
        }
    }
    if let Some(timeout) = given.task_timeout.as_ref_option()
        && !seconds(timeout).is_some_and(|seconds| (1..=604_800).contains(&seconds))
    {
        refuse("job", format!("{timeout} is no duration up to 168h"));
    }
}

fn variables(config: &Job, refuse: &mut impl FnMut(&'static str, String)) {
    let mut seen = BTreeSet::new();
    let secrets = config
        .secrets
        .as_ref_option()
        .into_iter()
        .flatten()
        .filter_map(Value::as_ref_option);
    let names = secrets.filter_map(|secret| secret.env_var.as_ref_option());
    for name in names.chain(
        config
            .env
            .as_ref_option()
            .into_iter()
            .flatten()
            .map(|(name, _)| name),
    ) {
        if ["CLOUD_RUN_", "X_GOOGLE_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            refuse("env", format!("{name} is reserved"));
        }
        if !seen.insert(name) {
            refuse("env", format!("{name} is there twice"));
        }
    }
}

/// The proposal with defaults, and with everything that follows from what is known.
pub fn plan(mut job: Job, settings: &Settings) -> Job {
    fill(&mut job.project, &settings.project);
    fill(&mut job.location, &settings.region);
    fill(&mut job.launch_stage, "ALPHA");
    defaults(&mut job);
    if let (Value::Value(project), Value::Value(location), Value::Value(name)) =
        (&job.project, &job.location, &job.name)
    {
        let id = format!("projects/{project}/locations/{location}/jobs/{name}");
        job.execution_url = Value::Value(format!("https://run.googleapis.com/v2/{id}:run"));
        job.id = Value::Value(id);
    }
    job.max_gpu_hours = gpu_hours(&job);
    let labels = job.labels.as_ref_option().cloned().unwrap_or_default();
    job.effective_labels = Value::Value(labels.into_iter().chain(platform_labels(&job)).collect());
    job
}

/// Objects that the configuration leaves out; one that it gives stays as it is.
fn defaults(job: &mut Job) {
    let text = |text: &str| Value::Value(text.to_owned());
    fill_value(&mut job.gpu, || Gpu {
        enabled: Value::Value(true),
        r#type: text(GPU),
    });
    fill_value(&mut job.resources, || Resources {
        cpu: text("20"),
        memory: text("80Gi"),
    });
    fill_value(&mut job.job, || Execution {
        task_count: Value::Value(1),
        parallelism: Value::Value(1),
        max_retries: Value::Value(3),
        task_timeout: text("3600s"),
    });
    fill_value(&mut job.deletion_protection, || false);
}

/// What only the API knows is unknown until the apply.
pub fn with_unknown(mut job: Job) -> Job {
    if job.service_account.is_null() {
        job.service_account = Value::Unknown;
    }
    for text in [
        &mut job.uid,
        &mut job.etag,
        &mut job.create_time,
        &mut job.update_time,
        &mut job.creator,
    ] {
        *text = Value::Unknown;
    }
    job.latest_execution = Value::Unknown;
    job.generation = Value::Unknown;
    job.execution_count = Value::Unknown;
    job
}

fn platform_labels(job: &Job) -> BTreeMap<String, Text> {
    let Some(facets) = job.facets.as_ref_option() else {
        return BTreeMap::new();
    };
    let tags = facets.cloud_tags.as_ref_option().cloned().unwrap_or_default();
    let own = [
        ("managed-by", Value::Value("facets".to_owned())),
        ("instance", facets.instance_name.clone()),
    ];
    own.into_iter()
        .chain([("environment", facets.environment.clone())])
        .map(|(key, value): (&str, Text)| (key.to_owned(), value))
        .chain(tags)
        .map(|(key, value)| (key.to_lowercase(), value.map(|value| value.to_lowercase())))
        .collect()
}

/// Whole hours, rounded up: tf-provider knows no other numbers than i64.
fn gpu_hours(job: &Job) -> Value<i64> {
    let Some(execution) = job.job.as_ref_option() else {
        return Value::Unknown;
    };
    let timeout = execution
        .task_timeout
        .as_ref_option()
        .and_then(|text| seconds(text));
    match (execution.task_count, execution.max_retries, timeout) {
        (Value::Value(tasks), Value::Value(retries), Some(timeout)) => {
            let seconds = tasks * (retries + 1) * timeout;
            Value::Value((seconds + 3599) / 3600)
        }
        _ => Value::Unknown,
    }
}

fn fill(text: &mut Text, default: &str) {
    fill_value(text, || default.to_owned());
}

fn fill_value<T>(value: &mut Value<T>, default: impl FnOnce() -> T) {
    if !value.is_value() {
        *value = Value::Value(default());
    }
}

fn is_job_id(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn is_label(text: &str) -> bool {
    text.len() <= 63
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
}

fn thousandths(cpu: &str) -> Option<u64> {
    match cpu.strip_suffix('m') {
        Some(number) => number.parse().ok(),
        None => cpu.parse::<u64>().ok()?.checked_mul(1000),
    }
}

fn mebibytes(memory: &str) -> Option<u64> {
    match memory.strip_suffix("Gi") {
        Some(number) => number.parse::<u64>().ok()?.checked_mul(1024),
        None => memory.strip_suffix("Mi")?.parse().ok(),
    }
}

fn seconds(duration: &str) -> Option<i64> {
    let units = [("s", 1), ("m", 60), ("h", 3600)];
    units
        .iter()
        .find_map(|(unit, length)| Some(duration.strip_suffix(unit)?.parse::<i64>().ok()? * length))
}

const GPU: &str = "nvidia-rtx-pro-6000";
const REGIONS: [&str; 4] = ["us-central1", "europe-west4", "asia-south2", "asia-southeast1"];
