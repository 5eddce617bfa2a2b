//! The time from process start to the handshake line, and the memory after it, with the environment that Terraform sets.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::candidate::Candidate;
use crate::harness::process;
use crate::table::Table;

pub(crate) fn measure(table: &mut Table, candidates: &[Candidate], rounds: usize) -> Result<(), String> {
    let programs: Vec<(usize, &Path)> = candidates
        .iter()
        .enumerate()
        .filter_map(|(column, candidate)| Some((column, candidate.program.as_deref()?)))
        .collect();
    // The first starts load the programs into the page cache and are not counted.
    for round in 0..rounds + WARM_UP {
        for (column, program) in &programs {
            let (time, peak_memory) = start(program)?;
            if round < WARM_UP {
                continue;
            }
            table.add(
                "start to handshake line, ms",
                *column,
                time.as_secs_f64() * 1000.0,
            );
            if let Some(peak_memory) = peak_memory {
                table.add(
                    "memory after the handshake line, MiB",
                    *column,
                    peak_memory as f64 / 1024.0,
                );
            }
        }
    }
    for (column, program) in programs {
        let file = std::fs::metadata(program).map_err(|error| format!("{}: {error}", program.display()))?;
        table.add("size of the binary, MB", column, file.len() as f64 / 1e6);
    }
    Ok(())
}

/// The time of one start, and the peak memory in KiB, sampled [`SETTLE_TIME`] after the handshake line.
fn start(program: &Path) -> Result<(Duration, Option<u64>), String> {
    let mut command = Command::new(program);
    command
        .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .env("PLUGIN_CLIENT_CERT", CLIENT_CERTIFICATE)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let start = Instant::now();
    let mut process = command
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let mut line = String::new();
    let read = BufReader::new(process.stdout.take().expect("stdout is a pipe")).read_line(&mut line);
    let time = start.elapsed();
    std::thread::sleep(SETTLE_TIME);
    let peak_memory = process::peak_memory(process.id());
    let _ = process.kill();
    let _ = process.wait();
    match read {
        Ok(_) if line.starts_with("1|6|") => Ok((time, peak_memory)),
        other => Err(format!("{}: {other:?}, printed {line:?}", program.display())),
    }
}

const WARM_UP: usize = 3;
/// Long enough for threads that start after the handshake line.
const SETTLE_TIME: Duration = Duration::from_millis(30);
/// The magic cookie that Terraform sets (`plugin6.Handshake` in its source).
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
/// A self-signed P-521 certificate as Terraform creates for every plugin process. Its key was not kept.
const CLIENT_CERTIFICATE: &str = include_str!("client.pem");
