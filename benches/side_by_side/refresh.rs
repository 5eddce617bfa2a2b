//! A plan of a thousand jobs that are there: every one is read, over a line that takes its time.
//!
//! The jobs are made once for each contender and kept in a file. For each latency and `-parallelism` an emulator begins with
//! that file, and a plan that finds nothing to do is timed, and its requests counted.

use std::path::Path;
use std::time::Duration;

use crate::contender::Contender;
use crate::harness::traffic::Traffic;
use crate::harness::{Emulator, StateStore, Terraform};
use crate::sample::Sample;
use crate::timed::{EMULATOR_FLAGS, time};

/// What the plans of one contender took, with one latency and parallelism.
pub(crate) struct Row {
    pub(crate) name: String,
    /// Seconds.
    pub(crate) sample: Sample,
    /// Reads by name, and lists, of the last plan.
    pub(crate) asked: (usize, usize),
}

/// The rows for one latency and parallelism.
pub(crate) struct Table {
    pub(crate) latency: Duration,
    pub(crate) parallelism: usize,
    pub(crate) rows: Vec<Row>,
}

/// Who reads: a contender, perhaps one whom Google does not let list jobs.
struct Reader<'a> {
    contender: &'a Contender,
    may_list: bool,
    terraform: Terraform,
    /// The file with the jobs.
    jobs: tempfile::TempPath,
    _store: StateStore,
}

/// Plans so many jobs, so often.
pub(crate) fn measure(jobs: usize, rounds: usize, contenders: &[Contender]) -> Result<Vec<Table>, String> {
    let mut readers = Vec::new();
    for contender in contenders {
        readers.push(Reader::new(contender, jobs, true)?);
        if contender.lists() {
            readers.push(Reader::new(contender, jobs, false)?);
        }
    }
    let mut tables = Vec::new();
    for latency in LATENCIES {
        for parallelism in PARALLELISMS {
            let rows = readers.iter().map(|reader| Row {
                name: reader.name(),
                sample: Sample::default(),
                asked: (0, 0),
            });
            let mut rows: Vec<Row> = rows.collect();
            for round in 0..rounds {
                for turn in 0..readers.len() {
                    let index = (round + turn) % readers.len();
                    let (seconds, asked) = readers[index].plan(latency, parallelism)?;
                    rows[index].sample.add(seconds);
                    rows[index].asked = asked;
                }
            }
            tables.push(Table {
                latency,
                parallelism,
                rows,
            });
        }
    }
    Ok(tables)
}

impl<'a> Reader<'a> {
    fn new(contender: &'a Contender, jobs: usize, may_list: bool) -> Result<Reader<'a>, String> {
        let file = tempfile::NamedTempFile::new()
            .map_err(|error| error.to_string())?
            .into_temp_path();
        // An emulator takes a file that is not there for one without jobs.
        std::fs::remove_file(&file).map_err(|error| error.to_string())?;
        // Terraform would write a local state again after every job.
        let store = StateStore::start();
        let terraform = contender.working_directory_with(jobs, &store.backend())?;
        let emulator = Emulator::spawn(&[&EMULATOR_FLAGS, ["--state", path(&file)?].as_slice()].concat())?;
        let terraform = contender.set_endpoint(terraform, &emulator);
        time(
            &terraform,
            &["apply", "-auto-approve", "-input=false", "-parallelism=100"],
        )?;
        Ok(Reader {
            contender,
            may_list,
            terraform,
            jobs: file,
            _store: store,
        })
    }

    fn name(&self) -> String {
        let refused = if self.may_list { "" } else { ", lists refused" };
        format!("{}{refused}", self.contender.name)
    }

    fn plan(&mut self, latency: Duration, parallelism: usize) -> Result<(f64, (usize, usize)), String> {
        let log = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
        let latency = format!("{}ms", latency.as_millis());
        let mut flags = vec![
            "--latency",
            &latency,
            "--state",
            path(&self.jobs)?,
            "--log",
            path(log.path())?,
        ];
        if !self.may_list {
            flags.extend(["--fault", "permission-denied-on-list=1000000"]);
        }
        let emulator = Emulator::spawn(&flags)?;
        self.contender.turn(&mut self.terraform, &emulator);
        let parallelism = format!("-parallelism={parallelism}");
        let seconds = time(
            &self.terraform,
            &["plan", "-input=false", "-detailed-exitcode", &parallelism],
        )?;
        let log = std::fs::read_to_string(log.path()).map_err(|error| error.to_string())?;
        let traffic = Traffic::of(&log);
        let of = |kind| traffic.requests.get(kind).copied().unwrap_or_default();
        Ok((seconds, (of("read"), of("list"))))
    }
}

fn path(path: &Path) -> Result<&str, String> {
    path.to_str()
        .ok_or_else(|| "the temporary folder has a strange name".to_owned())
}

const LATENCIES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(200)];
/// Terraform's own, and one for many jobs.
const PARALLELISMS: [usize; 2] = [10, 100];
