//! Notes of creations, kept beside Terraform's own data, so that an apply goes on with what a killed one began.
//!
//! Terraform stores nothing of a job before the provider has answered. A process that is killed in between leaves
//! a job that no state knows. So the creation id is noted before the request is sent, and the next creation of the
//! same job uses it again: by it the job is told from somebody else's of the same name. The note goes when Terraform,
//! which has had the answer, ends this process in good order; or else when a state is seen that has the job.
//!
//! A note counts only in the working directory, workspace and backend that it was written for. Where none can be
//! written, all goes as without: a name that is taken is refused, with the command that imports the job.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tracing::{debug, info, warn};

use crate::cloudrun::JobName;

/// Where creations are noted, if anywhere.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    place: Option<Place>,
    /// The process of Terraform that this provider serves.
    terraform: String,
    /// The jobs that were given to Terraform, and are still noted.
    answered: Arc<Mutex<Vec<JobName>>>,
}

#[derive(Clone, Debug)]
struct Place {
    /// Terraform's own folder, `.terraform` or what `TF_DATA_DIR` says.
    data_dir: PathBuf,
    /// What `TF_WORKSPACE` says.
    workspace: Option<String>,
    /// Workspace and backend, once somebody has asked: both stay for as long as Terraform's command runs, and each
    /// command configures the provider anew.
    standing: OnceLock<[Vec<u8>; 2]>,
    /// Whether there were any notes when somebody first wanted to end one. Mostly there are none, and a plan of a thousand
    /// jobs need not look for a thousand.
    has_some: OnceLock<bool>,
    /// Whether this process has begun a creation since.
    is_written_to: Arc<AtomicBool>,
}

/// What is noted of a creation.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// The full name of the job.
    job: String,
    /// The id that the job carries as an annotation.
    creation: String,
    /// The process of Terraform that wanted the job.
    terraform: String,
}

/// The id of a creation.
#[derive(Clone, Debug)]
pub(super) struct Creation {
    /// The id itself.
    pub(super) id: String,
    /// Whether an earlier process began with it, and may have come as far as making the job.
    pub(super) begun_before: bool,
}

impl Journal {
    /// A journal in Terraform's data folder, with the workspace that the environment names.
    pub fn beside(data_dir: PathBuf, workspace: Option<String>) -> Journal {
        Journal {
            place: Some(Place {
                data_dir,
                workspace,
                standing: OnceLock::new(),
                has_some: OnceLock::new(),
                is_written_to: Arc::default(),
            }),
            terraform: parent(),
            answered: Arc::default(),
        }
    }

    /// The id to create a job with: that of an earlier try whose job no state has had since, else a new one, which
    /// is noted first. A second resource of the same apply that wants the same job is no other try: it gets an id
    /// that nobody has, and so is told that the name is taken.
    pub(super) fn begin(&self, job: &JobName) -> Creation {
        let new = Creation {
            id: uuid::Uuid::new_v4().to_string(),
            begun_before: false,
        };
        let (Some(place), Some(file)) = (&self.place, self.file(job)) else {
            return new;
        };
        place.is_written_to.store(true, Ordering::Relaxed);
        match read(&file).filter(|note| note.job == job.to_string()) {
            Some(note) if note.terraform == self.terraform => return new,
            Some(note) => {
                info!(job = %job, "an earlier apply began to create this job; going on with its creation id");
                return Creation {
                    id: note.creation,
                    begun_before: true,
                };
            }
            None => {}
        }
        let note = Note {
            job: job.to_string(),
            creation: new.id.clone(),
            terraform: self.terraform.clone(),
        };
        if let Err(error) = write(&file, &note) {
            warn!(job = %job, %error, "the creation cannot be noted; a killed apply would not find its job again");
        }
        new
    }

    /// Takes down that Terraform is told of the job now. Whoever kills it before it has stored that leaves the note.
    pub(super) fn answered(&self, job: &JobName) {
        self.lock().push(job.clone());
    }

    /// Terraform ends this process in good order, so it has heard what it was told: these creations need not be
    /// found again. Another resource that wants a job of the same name must not find them either.
    pub fn close(&self) {
        let answered = std::mem::take(&mut *self.lock());
        answered.iter().for_each(|job| self.end(job));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<JobName>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a creation: a state has the job, or the job was never made.
    pub(super) fn end(&self, job: &JobName) {
        if self.place.as_ref().is_some_and(Place::has_notes)
            && let Some(file) = self.file(job)
            && fs::remove_file(file).is_ok()
        {
            debug!(job = %job, "the creation of the job is no longer noted");
        }
    }

    /// The note's file, where Terraform has made its folder. That folder is not ours to make.
    fn file(&self, job: &JobName) -> Option<PathBuf> {
        let place = self.place.as_ref().filter(|place| place.data_dir.is_dir())?;
        let [workspace, backend] = place.standing();
        let name = hash([job.to_string().as_bytes(), workspace, backend]);
        Some(place.notes().join(format!("{name}.json")))
    }
}

/// Terraform tells a provider nothing of where the state is. Its folder does: the workspace is in one file, the
/// backend in another. What they say does not matter, only whether it is the same.
impl Place {
    fn notes(&self) -> PathBuf {
        self.data_dir.join("facets-gpu").join("creations")
    }

    fn has_notes(&self) -> bool {
        let has_some = || fs::read_dir(self.notes()).is_ok_and(|mut notes| notes.next().is_some());
        self.is_written_to.load(Ordering::Relaxed) || *self.has_some.get_or_init(has_some)
    }

    fn standing(&self) -> &[Vec<u8>; 2] {
        self.standing.get_or_init(|| [self.workspace(), self.backend()])
    }

    fn workspace(&self) -> Vec<u8> {
        match &self.workspace {
            Some(name) => name.clone().into_bytes(),
            None => fs::read(self.data_dir.join("environment")).unwrap_or_else(|_| b"default".to_vec()),
        }
    }

    fn backend(&self) -> Vec<u8> {
        fs::read(self.data_dir.join("terraform.tfstate")).unwrap_or_default()
    }
}

/// One Terraform may have several providers at work, one for each `provider` block; they have the same parent.
fn parent() -> String {
    #[cfg(unix)]
    return process(std::os::unix::process::parent_id(), Path::new("/proc"));
    #[cfg(not(unix))]
    return std::process::id().to_string();
}

/// A process by its id and, where the system tells it, by when it began: in a container Terraform may have the same id
/// every time, and an earlier one that was killed there must not be taken for this one.
#[cfg(unix)]
fn process(id: u32, proc: &Path) -> String {
    let text = |file: &str| fs::read_to_string(proc.join(file)).ok();
    let boot = text("sys/kernel/random/boot_id").unwrap_or_default();
    // The name of the program comes second, in brackets, and may hold anything. The start is the 22nd: proc(5).
    let stat = text(&format!("{id}/stat")).unwrap_or_default();
    let start = stat
        .rsplit(')')
        .next()
        .and_then(|rest| rest.split_whitespace().nth(19))
        .unwrap_or_default();
    [&id.to_string(), boot.trim(), start]
        .join(" ")
        .trim_end()
        .to_owned()
}

fn read(file: &Path) -> Option<Note> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// Writes a note in its place. Whoever is killed on the way leaves a torn one, which is read as none, and rightly so: the
/// request that it announces has not been sent. It stays nowhere but where the job's next note goes, or its end takes it.
fn write(file: &Path, note: &Note) -> io::Result<()> {
    let folder = file.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let mut new = fs::File::create(file)?;
    new.write_all(&serde_json::to_vec(note)?)?;
    // Before the request goes out: a machine that loses its power after that has the note.
    new.sync_all()
}

/// The first half of a SHA-256 over several texts, each with its length, in hexadecimal digits.
fn hash<const N: usize>(parts: [&[u8]; N]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let half = digest.finalize().into_iter().take(16);
    let number = half.fold(0_u128, |number, byte| number << 8 | u128::from(byte));
    format!("{number:032x}")
}

#[cfg(test)]
mod tests;
