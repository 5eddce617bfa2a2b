//! Generates the guide on GPU constraints from the catalog.

use std::ops::RangeInclusive;

use facets_gpu::duration::{to_api, to_human};
use facets_gpu::gpu::{CATALOG, CLOUD_STORAGE, DELAYED_EXECUTION, DISK_VOLUME, Gpu, JOB_LIMITS, Source};
use facets_gpu::job::schema::LAUNCH_STAGES;
use facets_gpu::quantity::{Cpu, Memory};

use crate::front_matter::{self, SUBCATEGORY};

/// The file of the guide.
pub(crate) const PATH: &str = "docs/guides/gpu-constraints.md";

/// The text of the guide.
pub(crate) fn render() -> String {
    let mut parts = vec![
        front_matter::render("GPU constraints", SUBCATEGORY, DESCRIPTION),
        "# GPU constraints".to_owned(),
        INTRODUCTION.to_owned(),
        "## All jobs".to_owned(),
        limits_of_every_job(),
        GPU_HOURS.to_owned(),
        delayed_executions(),
        disk_volumes(),
        cloud_storage(),
    ];
    for gpu in CATALOG {
        parts.push(format!("## {}", gpu.name));
        parts.push(format!(
            "`{}` is the {}, with {} GB of GPU memory. Each task uses one. It is generally available for jobs since {} [4], \
             without an early-access approval; Google offers {} by invitation only [3]. The first number of vCPUs and the \
             first amount of memory are the defaults.",
            gpu.name,
            gpu.title,
            gpu.memory_gb,
            gpu.generally_available,
            list(gpu.regions_by_invitation.iter())
        ));
        parts.push(limits_of_gpu(gpu));
        parts.push(INTERRUPTIONS.to_owned());
        parts.push(COMBINATIONS.to_owned());
        parts.push(combinations(gpu));
        parts.push(quota_and_cost(gpu));
        parts.push(sources(gpu));
    }
    format!("{}\n", parts.join("\n\n"))
}

fn limits_of_every_job() -> String {
    let limits = &JOB_LIMITS;
    let integer = |name: &str, range: &RangeInclusive<i64>, default: i64| {
        [
            format!("`job.{name}`"),
            format!("{} to {}", range.start(), range.end()),
            format!("`{default}`"),
        ]
    };
    let timeout = [
        "`job.task_timeout`".to_owned(),
        format!("up to {}", to_human(limits.task_timeout)),
        format!("`{}`", to_api(limits.default_task_timeout)),
    ];
    table(
        &["attribute", "allowed", "default"],
        &[
            integer("task_count", &limits.task_count, limits.default_task_count),
            integer("parallelism", &limits.parallelism, limits.default_parallelism),
            integer("max_retries", &limits.max_retries, limits.default_max_retries),
            timeout,
            [
                "`launch_stage`".to_owned(),
                list(LAUNCH_STAGES.iter()),
                format!("`{}`", limits.launch_stage),
            ],
        ],
    )
}

fn limits_of_gpu(gpu: &Gpu) -> String {
    let google = &gpu.google;
    let regions = list(gpu.regions.iter());
    let rows = [
        [
            "`resources.cpu`".to_owned(),
            list(gpu.cpus.iter()),
            format!(
                "{} to {}, in steps of {}",
                google.cpus.min, google.cpus.max, google.cpus.step
            ),
            "[1]".to_owned(),
        ],
        [
            "`resources.memory`".to_owned(),
            list(gpu.memory_gib.iter().map(|gib| Memory::gib(*gib))),
            format!("up to {} for each vCPU", Memory::gib(google.memory_gib_per_cpu)),
            "[1]".to_owned(),
        ],
        [
            "`job.task_timeout`".to_owned(),
            format!("up to {}", to_human(JOB_LIMITS.task_timeout)),
            format!(
                "up to {} in the launch stages `ALPHA` and `BETA`, a public preview; up to {} in `GA`",
                to_human(google.preview_task_timeout),
                to_human(google.task_timeout)
            ),
            "[2], `GA` [1]".to_owned(),
        ],
        [
            "`location`".to_owned(),
            regions.clone(),
            regions,
            "[3]".to_owned(),
        ],
    ];
    table(
        &[
            "attribute",
            "this provider accepts",
            "Cloud Run is reported to accept",
            "source",
        ],
        &rows,
    )
}

/// A table of memory amounts by numbers of vCPUs.
fn combinations(gpu: &Gpu) -> String {
    let memory: Vec<String> = gpu
        .memory_gib
        .iter()
        .map(|gib| format!("`{}`", Memory::gib(*gib)))
        .collect();
    let mut header = vec!["vCPUs"];
    header.extend(memory.iter().map(String::as_str));
    let row = |count: &u64| {
        let cpu = Cpu::whole(*count);
        let cell = |gib: &u64| {
            let accepted = gpu.google_accepts_cpu(cpu) && Memory::gib(*gib) <= gpu.google_memory_limit(cpu);
            if accepted { "yes" } else { "warning" }.to_owned()
        };
        let cells = gpu.memory_gib.iter().map(cell);
        std::iter::once(format!("`{cpu}`"))
            .chain(cells)
            .collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = gpu.cpus.iter().map(row).collect();
    table(&header, &rows)
}

fn quota_and_cost(gpu: &Gpu) -> String {
    let (cpus, memory) = (gpu.cpus[0], gpu.memory_gib[0]);
    let cents = gpu.cents_per_hour(cpus, memory);
    format!(
        "Quota: `{}` must be {units} for each task that runs in parallel. One GPU counts as {units} on the quota page and in \
         requests for an increase, and as 1 in error messages [5].\n\nCost: a task with {cpus} vCPUs and {} costs about {}.{:02} \
         USD an hour in `{}` [6].",
        gpu.quota.name,
        Memory::gib(memory),
        cents / 100,
        cents % 100,
        gpu.prices.region,
        units = gpu.quota.units_per_gpu
    )
}

fn delayed_executions() -> String {
    let delayed = &DELAYED_EXECUTION;
    format!(
        "**Delayed executions** (`job.delay_execution`) start up to {} later at a lower price of vCPUs and memory, and all \
         their tasks must end within {}. They are a public preview: `launch_stage` must be `ALPHA` or `BETA`. Google does \
         not state whether jobs with a GPU can be delayed, or whether the price of the GPU is lower. Source: {}.",
        to_human(delayed.max_delay),
        to_human(delayed.max_duration),
        cited(&delayed.source)
    )
}

fn disk_volumes() -> String {
    let disk = &DISK_VOLUME;
    format!(
        "**Volumes on disk** (`volumes.empty_dir` with `medium = \"disk\"`) are generally available since {} and have at least \
         {}; without `size_limit` they have {} GB. Sources: {}; {}.",
        disk.generally_available,
        Memory::gib(disk.min_gib),
        disk.default_gb,
        cited(&disk.source),
        cited(&disk.availability_source)
    )
}

fn cloud_storage() -> String {
    let storage = &CLOUD_STORAGE;
    format!(
        "**Cloud Storage**: users report about {} Mbps without Direct VPC (`vpc_access.network` or `vpc_access.subnetwork`), and \
         more with it (reports read in {}). A task that loads a large model from a bucket should use Direct VPC. See also {}.",
        storage.mbps_without_direct_vpc,
        storage.date,
        cited(&storage.source)
    )
}

fn cited(source: &Source) -> String {
    format!("[{}]({}), read in {}", source.title, source.url, source.date)
}

fn sources(gpu: &Gpu) -> String {
    let line = |number: usize, source: &Source| format!("{number}. {}", cited(source));
    [
        "Sources:\n".to_owned(),
        line(1, &gpu.google.resources_source),
        line(2, &gpu.google.timeout_source),
        line(3, &gpu.source),
        line(4, &gpu.availability_source),
        line(5, &gpu.quota.source),
        line(6, &gpu.prices.source),
    ]
    .join("\n")
}

fn list<T: std::fmt::Display>(items: impl Iterator<Item = T>) -> String {
    let quoted: Vec<String> = items.map(|item| format!("`{item}`")).collect();
    quoted.join(", ")
}

fn table<R: AsRef<[String]>>(header: &[&str], rows: &[R]) -> String {
    let mut lines = vec![
        format!("| {} |", header.join(" | ")),
        format!("|{}", "---|".repeat(header.len())),
    ];
    lines.extend(rows.iter().map(|row| format!("| {} |", row.as_ref().join(" | "))));
    lines.join("\n")
}

const DESCRIPTION: &str = "The limits of a GPU job: what this provider accepts, and what Cloud Run is reported to accept, with sources.";
const INTRODUCTION: &str = "\
This page is generated from the catalog with which the provider validates configurations.

A value that this provider does not accept is an error at plan. A value that it accepts and Cloud Run is reported to reject is a \
warning, since the limits of Cloud Run may have changed since the source was read. With `plan_checks = \"live\"` in the provider \
configuration, the provider sends each planned change to Cloud Run for validation.";
const GPU_HOURS: &str = "\
The maximum GPU time of one execution is `task_count` × (`max_retries` + 1) × `task_timeout`. The plan shows it as \
`max_gpu_hours`.";
const INTERRUPTIONS: &str = "\
The limit in `GA` was tested with another GPU type. Maintenance ends tasks with a GPU and does not migrate them [2]: a task that \
runs for hours should save its progress and needs `max_retries`.";
const COMBINATIONS: &str = "\
Combinations of vCPUs and memory: Cloud Run is reported to accept those with `yes` and may reject those with `warning`.";
