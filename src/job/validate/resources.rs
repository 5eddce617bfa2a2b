//! Rules about the GPU, CPU and memory.

use crate::gpu::{self, Gpu};
use crate::job::model::Job;
use crate::quantity::{Cpu, Memory};
use crate::validators::{choices, omit_for_default};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::{Field, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let gpu = gpu(job, diagnostics);
    let resources = job.resources.known().cloned().unwrap_or_default();
    let cpu = resources.cpu.known().and_then(|text| cpu(text, gpu, diagnostics));
    let memory = resources
        .memory
        .known()
        .and_then(|text| memory(text, gpu, diagnostics));
    let default_cpu = resources.cpu.is_null().then(|| Cpu::whole(gpu.cpus[0]));
    if let (Some(cpu), Some(memory)) = (cpu.or(default_cpu), memory) {
        check_memory_per_cpu(cpu, memory, gpu, diagnostics);
    }
}

fn gpu(job: &Job, diagnostics: &mut Vec<Diagnostic>) -> &'static Gpu {
    let given = job.gpu.known().cloned().unwrap_or_default();
    if given.enabled == Field::Known(false) {
        let error = InvalidValue {
            path: Path::attribute("gpu").key("enabled"),
            must: "be true".into(),
            got: "false".into(),
            fix: "For a batch job without a GPU, use the Facets flavor \"gcp-job\" or the resource \
                  google_cloud_run_v2_job."
                .into(),
        };
        diagnostics.push(error.error("Job without a GPU"));
    }
    let names: Vec<&str> = gpu::CATALOG.iter().map(|gpu| gpu.name).collect();
    match given.kind.known() {
        None => gpu::default(),
        Some(name) => gpu::find(name).unwrap_or_else(|| {
            let error = InvalidValue {
                path: Path::attribute("gpu").key("type"),
                must: format!("be {}", choices(&names)),
                got: quoted(name),
                fix: omit_for_default(names[0]),
            };
            diagnostics.push(error.error("Unsupported GPU type"));
            gpu::default()
        }),
    }
}

fn cpu(text: &str, gpu: &Gpu, diagnostics: &mut Vec<Diagnostic>) -> Option<Cpu> {
    let path = Path::attribute("resources").key("cpu");
    let allowed = gpu.cpu_choices();
    let use_default = omit_for_default(&allowed[0]);
    let cpu = match Cpu::parse(text) {
        Ok(cpu) => cpu,
        Err(reason) => {
            let error = InvalidValue {
                path,
                must: format!(
                    "be a whole number of vCPUs, such as \"{0}\", or of thousandths of a vCPU, such as \"{0}000m\"",
                    allowed[0]
                ),
                got: format!("{}: {reason}", quoted(text)),
                fix: use_default,
            };
            diagnostics.push(error.error("Malformed CPU quantity"));
            return None;
        }
    };
    if !gpu.allows_cpu(cpu) {
        let error = InvalidValue {
            path,
            must: format!("be {} with {}", choices(&allowed), gpu.name),
            got: quoted(text),
            fix: use_default,
        };
        diagnostics.push(error.error("Unsupported number of vCPUs"));
        return None;
    }
    if !gpu.google_accepts_cpu(cpu) {
        let google = &gpu.google;
        let warning = InvalidValue {
            path,
            must: format!(
                "be {} to {} vCPUs in steps of {} on Cloud Run with {}",
                google.cpus.min, google.cpus.max, google.cpus.step, gpu.name
            ),
            got: quoted(text),
            fix: format!(
                "Cloud Run may reject the job. If it does, set cpu = \"{}\". Source: {}.",
                max_cpu(gpu),
                google.resources_source
            ),
        };
        diagnostics.push(warning.warning("Number of vCPUs may be rejected"));
    }
    Some(cpu)
}

fn memory(text: &str, gpu: &Gpu, diagnostics: &mut Vec<Diagnostic>) -> Option<Memory> {
    let path = Path::attribute("resources").key("memory");
    let allowed = gpu.memory_choices();
    let use_default = omit_for_default(&allowed[0]);
    let memory = match Memory::parse(text) {
        Ok(memory) => memory,
        Err(reason) => {
            let error = InvalidValue {
                path,
                must: format!(
                    "be a whole number with a unit such as Gi or Mi, for example {}",
                    quoted(&allowed[0])
                ),
                got: format!("{}: {reason}", quoted(text)),
                fix: use_default,
            };
            diagnostics.push(error.error("Malformed memory quantity"));
            return None;
        }
    };
    if !gpu.allows_memory(memory) {
        let error = InvalidValue {
            path,
            must: format!("be {} with {}", choices(&allowed), gpu.name),
            got: quoted(text),
            fix: use_default,
        };
        diagnostics.push(error.error("Unsupported amount of memory"));
        return None;
    }
    Some(memory)
}

/// Warns about memory and CPU that the contract allows, and that Cloud Run is reported not to accept together.
fn check_memory_per_cpu(cpu: Cpu, memory: Memory, gpu: &Gpu, diagnostics: &mut Vec<Diagnostic>) {
    let limit = gpu.google_memory_limit(cpu);
    if memory <= limit {
        return;
    }
    let google = &gpu.google;
    let sufficient = gpu
        .cpus
        .iter()
        .map(|count| Cpu::whole(*count))
        .find(|cpu| gpu.google_accepts_cpu(*cpu) && gpu.google_memory_limit(*cpu) >= memory);
    let fix = match sufficient {
        Some(sufficient) => format!("set cpu = \"{sufficient}\""),
        None => format!("set memory = \"{}\"", max_memory(gpu, cpu)),
    };
    let warning = InvalidValue {
        path: Path::attribute("resources").key("memory"),
        must: format!(
            "be at most {limit} with {cpu} vCPUs on Cloud Run ({}Gi per vCPU, up to {} vCPUs)",
            google.memory_gib_per_cpu, google.cpus.max
        ),
        got: format!("\"{memory}\""),
        fix: format!(
            "Cloud Run may reject the job. If it does, {fix}. Source: {}.",
            google.resources_source
        ),
    };
    diagnostics.push(warning.warning("Amount of memory may be rejected"));
}

/// The most vCPUs that both the contract and Cloud Run accept.
fn max_cpu(gpu: &Gpu) -> Cpu {
    let all = gpu.cpus.iter().map(|count| Cpu::whole(*count));
    all.filter(|cpu| gpu.google_accepts_cpu(*cpu))
        .max()
        .unwrap_or(Cpu::whole(gpu.cpus[0]))
}

/// The most memory that both the contract and Cloud Run accept with this amount of CPU.
fn max_memory(gpu: &Gpu, cpu: Cpu) -> Memory {
    let all = gpu.memory_gib.iter().map(|gib| Memory::gib(*gib));
    all.filter(|memory| *memory <= gpu.google_memory_limit(cpu))
        .max()
        .unwrap_or(Memory::gib(gpu.memory_gib[0]))
}
