//! From the start of the process to its handshake line, with the environment that Terraform gives; and what it holds then.

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
    // The first starts bring the programs into memory and are not counted.
    for round in 0..rounds + WARM_UP {
        for (column, program) in &programs {
            let (time, peak) = start(program)?;
            if round < WARM_UP {
                continue;
            }
            table.add(
                "start to handshake line, ms",
                *column,
                time.as_secs_f64() * 1000.0,
            );
            if let Some(peak) = peak {
                table.add(
                    "memory after the handshake line, MiB",
                    *column,
                    peak as f64 / 1024.0,
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

/// One start: the time, and the memory in KiB. The process is looked at when all has happened that comes right after the line, and ended then.
fn start(program: &Path) -> Result<(Duration, Option<u64>), String> {
    let mut command = Command::new(program);
    command
        .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .env("PLUGIN_CLIENT_CERT", CLIENT_CERTIFICATE)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let begin = Instant::now();
    let mut process = command
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let mut line = String::new();
    let read = BufReader::new(process.stdout.take().expect("stdout is a pipe")).read_line(&mut line);
    let time = begin.elapsed();
    std::thread::sleep(REST);
    let peak = process::peak_memory(process.id());
    let _ = process.kill();
    let _ = process.wait();
    match read {
        Ok(_) if line.starts_with("1|6|") => Ok((time, peak)),
        other => Err(format!("{}: {other:?}, said {line:?}", program.display())),
    }
}

const WARM_UP: usize = 3;
/// Long enough for threads that are started after the line.
const REST: Duration = Duration::from_millis(30);
/// What Terraform sets so that a plugin can tell who starts it (`plugin6.Handshake` in its source).
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
/// A throw-away certificate of the kind that Terraform makes for every process: P-521, its own CA. Its key was
/// never kept.
const CLIENT_CERTIFICATE: &str = include_str!("client.pem");
