//! Rules about the GPU, CPU and memory.

use crate::gpu::{self, Gpu};
use crate::job::model::Job;
use crate::quantity::{Cpu, Memory};
use crate::validators::choices;
use terraform_plugin::diagnostic::{Diagnostic, quoted};
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
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("gpu").key("enabled"),
            "Job without a GPU",
            "Every task of this resource gets a GPU, so gpu.enabled can only be true. It is false. For a batch job \
             without a GPU use the Facets flavor \"gcp-job\" or the resource google_cloud_run_v2_job.",
        ));
    }
    let names: Vec<&str> = gpu::CATALOG.iter().map(|gpu| gpu.name).collect();
    match given.kind.known() {
        None => gpu::default(),
        Some(name) => gpu::find(name).unwrap_or_else(|| {
            diagnostics.push(Diagnostic::attribute_error(
                Path::attribute("gpu").key("type"),
                "Unsupported GPU type",
                format!(
                    "gpu.type must be {}, the only GPU for these jobs. It is {}. Set it so, or leave it out.",
                    choices(&names),
                    quoted(name)
                ),
            ));
            gpu::default()
        }),
    }
}

fn cpu(text: &str, gpu: &Gpu, diagnostics: &mut Vec<Diagnostic>) -> Option<Cpu> {
    let path = || Path::attribute("resources").key("cpu");
    let allowed = gpu.cpu_choices();
    let cpu = match Cpu::parse(text) {
        Ok(cpu) => cpu,
        Err(reason) => {
            diagnostics.push(Diagnostic::attribute_error(
                path(),
                "Malformed CPU quantity",
                format!(
                    "resources.cpu is a whole number of vCPUs, such as \"{0}\", or of thousandths, such as \
                     \"{0}000m\". {1} is neither: {reason}. Use {2}.",
                    allowed[0],
                    quoted(text),
                    choices(&allowed)
                ),
            ));
            return None;
        }
    };
    if !gpu.allows_cpu(cpu) {
        diagnostics.push(Diagnostic::attribute_error(
            path(),
            "Unsupported number of vCPUs",
            format!(
                "With {}, resources.cpu must be {}. It is {}. Set cpu = \"{}\", or leave it out to get that.",
                gpu.name,
                choices(&allowed),
                quoted(text),
                allowed[0]
            ),
        ));
        return None;
    }
    if !gpu.google_accepts_cpu(cpu) {
        let google = &gpu.google;
        diagnostics.push(Diagnostic::attribute_warning(
            path(),
            "Google may refuse this number of vCPUs",
            format!(
                "With {}, Cloud Run is reported to take {} to {} vCPUs in steps of {}, and resources.cpu is {}. If the \
                 apply is refused, set cpu = \"{}\". Source: {}.",
                gpu.name,
                google.cpus.min,
                google.cpus.max,
                google.cpus.step,
                quoted(text),
                max_cpu(gpu),
                google.resources_source,
            ),
        ));
    }
    Some(cpu)
}

fn memory(text: &str, gpu: &Gpu, diagnostics: &mut Vec<Diagnostic>) -> Option<Memory> {
    let path = || Path::attribute("resources").key("memory");
    let allowed = gpu.memory_choices();
    let memory = match Memory::parse(text) {
        Ok(memory) => memory,
        Err(reason) => {
            diagnostics.push(Diagnostic::attribute_error(
                path(),
                "Malformed memory quantity",
                format!(
                    "resources.memory is a whole number with a unit such as Gi or Mi. {} is not: {reason}. Use {}.",
                    quoted(text),
                    choices(&allowed)
                ),
            ));
            return None;
        }
    };
    if !gpu.allows_memory(memory) {
        diagnostics.push(Diagnostic::attribute_error(
            path(),
            "Unsupported amount of memory",
            format!(
                "With {}, resources.memory must be {}. It is {}. Set memory = \"{}\", or leave it out to get that.",
                gpu.name,
                choices(&allowed),
                quoted(text),
                allowed[0]
            ),
        ));
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
        Some(sufficient) => format!(
            "set cpu = \"{sufficient}\", or memory = \"{}\"",
            max_memory(gpu, cpu)
        ),
        None => format!("set memory = \"{}\"", max_memory(gpu, cpu)),
    };
    diagnostics.push(Diagnostic::attribute_warning(
        Path::attribute("resources").key("memory"),
        "Google may refuse this amount of memory",
        format!(
            "With {}, Cloud Run is reported to give at most {}Gi of memory for each vCPU and {} to {} vCPUs, so {limit} \
             with {cpu} of them. resources.memory is {memory}. If the apply is refused, {fix}. Source: {}.",
            gpu.name,
            google.memory_gib_per_cpu,
            google.cpus.min,
            google.cpus.max,
            google.resources_source,
        ),
    ));
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
