//! The machine that figures come from.

use std::path::Path;
use std::process::Command;

/// The machine, as far as it explains the figures.
pub(crate) fn tell(terraform: &Path) {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    println!(
        "{}, {} {}, {cores} cores{}\n",
        version(terraform),
        std::env::consts::OS,
        std::env::consts::ARCH,
        load()
    );
}

/// When, where and beside how much other work figures were taken that began at a load.
pub(crate) fn caption(begun: &str) -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let terraform =
        crate::harness::binaries::terraform().map_or_else(|_| String::new(), |path| version(&path));
    format!(
        "{}; {terraform}; {} {}, {cores} cores{begun} at the start and {} at the end",
        time::OffsetDateTime::now_utc().date(),
        std::env::consts::OS,
        std::env::consts::ARCH,
        load().trim_start_matches(", load average ")
    )
}

/// Other work on the machine spoils figures; the reader should see it.
pub(crate) fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace()
        .next()
        .map_or_else(String::new, |load| format!(", load average {load}"))
}

fn version(terraform: &Path) -> String {
    let output = Command::new(terraform)
        .arg("version")
        .env("CHECKPOINT_DISABLE", "1")
        .output();
    let text = output
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    text.lines()
        .next()
        .unwrap_or("Terraform of an unknown version")
        .to_owned()
}
