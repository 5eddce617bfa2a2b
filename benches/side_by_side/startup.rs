//! From the start of the process to its handshake line, with the environment that Terraform gives.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::contender::{PEER, PROVIDER};
use crate::harness::binaries;
use crate::report::Row;
use crate::sample::Sample;

/// A program that prints a line and ends: what starting a process costs on this machine.
pub(crate) const EMPTY: &str = "a Rust program that only prints";

/// Starts each program in turn, again and again; the figures are milliseconds.
pub(crate) fn measure(starts: usize, peer: Option<&Path>) -> Result<Vec<Row>, String> {
    let mut programs = vec![(EMPTY, empty()?)];
    programs.extend(servers(peer)?);
    let mut samples = vec![Sample::default(); programs.len()];
    // The first starts bring the programs into memory and are not counted.
    for round in 0..starts + WARM_UP {
        for turn in 0..programs.len() {
            let index = (round + turn) % programs.len();
            let time = start(&programs[index].1, |_| ())?;
            if round >= WARM_UP {
                samples[index].add(time.as_secs_f64() * 1000.0);
            }
        }
    }
    let names = programs.into_iter().map(|(name, _)| name);
    Ok(names
        .zip(samples)
        .map(|(name, sample)| Row { name, sample })
        .collect())
}

/// The programs that serve Terraform, by their names in the tables.
pub(crate) fn servers(peer: Option<&Path>) -> Result<Vec<(&'static str, PathBuf)>, String> {
    let mut servers = vec![(PROVIDER, binaries::provider()?)];
    servers.extend(peer.map(|peer| (PEER, peer.to_owned())));
    Ok(servers)
}

/// One start, up to the handshake line; what is done with the process then is not timed. It is ended at once after.
pub(crate) fn start(program: &Path, at_the_line: impl FnOnce(u32)) -> Result<Duration, String> {
    let mut command = Command::new(program);
    command
        .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
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
    at_the_line(process.id());
    let _ = process.kill();
    let _ = process.wait();
    match read {
        Ok(_) if line.starts_with("1|6|") => Ok(time),
        Ok(_) => Err(format!(
            "{} said {line:?} and no handshake line",
            program.display()
        )),
        Err(error) => Err(format!("{}: {error}", program.display())),
    }
}

/// Compiles the empty program beside this one.
fn empty() -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/side_by_side/empty.rs");
    let program = std::env::current_exe()
        .map_err(|error| error.to_string())?
        .with_file_name(format!("empty-program{}", std::env::consts::EXE_SUFFIX));
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = Command::new(rustc)
        .args(["--edition", "2024", "-O", "-C", "strip=symbols", "-o"])
        .args([&program, &source])
        .status();
    match status {
        Ok(status) if status.success() => Ok(program),
        Ok(status) => Err(format!("rustc ended with {status} on {}", source.display())),
        Err(error) => Err(format!("rustc: {error}")),
    }
}

/// Starts of each program before those that count.
const WARM_UP: usize = 3;
/// What Terraform sets so that a plugin can tell who starts it (`plugin6.Handshake` in its source).
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
/// A throw-away certificate of the kind that Terraform makes for every process: P-521, its own CA. Its key was
/// never kept.
const CLIENT_CERTIFICATE: &str = include_str!("client.pem");
