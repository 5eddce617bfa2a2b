//! `--state FILE`: what is changed is in the file before anybody is answered.

use std::io;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::MutexGuard;

use crate::store::{Saved, Store};

/// The store while somebody uses it. Once a change is finished, that is when this goes, the file is written.
pub(crate) struct Opened<'a> {
    store: MutexGuard<'a, Store>,
    file: Option<&'a Path>,
    changed: bool,
}

impl<'a> Opened<'a> {
    /// `changed` says whether something has to be written already.
    pub(crate) fn new(store: MutexGuard<'a, Store>, file: Option<&'a Path>, changed: bool) -> Self {
        Self { store, file, changed }
    }
}

impl Deref for Opened<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl DerefMut for Opened<'_> {
    fn deref_mut(&mut self) -> &mut Store {
        self.changed = true;
        &mut self.store
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        if let Some(path) = self.file.filter(|_| self.changed)
            && let Err(error) = write(path, &self.store)
        {
            // A full disk is no reason to stop answering.
            eprintln!(
                "cloudrun-emulator: cannot write the state file {}: {error}",
                path.display()
            );
        }
    }
}

/// Reads a state file into a store; one that is not there yet holds nothing, and is made.
///
/// # Errors
/// When it cannot be read or written, or is no state file of this version.
pub(crate) fn open(path: &Path, store: &mut Store) -> Result<(), String> {
    read(path, store)?;
    // Better told now than after the first job.
    write(path, store).map_err(|error| format!("cannot write the state file {}: {error}", path.display()))
}

fn read(path: &Path, store: &mut Store) -> Result<(), String> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(format!("cannot read the state file {}: {error}", path.display())),
    };
    let foreign = |reason: &str| {
        format!(
            "{} is not a state file of this version ({reason}): name another file, or remove it to begin anew",
            path.display()
        )
    };
    let saved: Saved = serde_json::from_slice(&text).map_err(|error| foreign(&error.to_string()))?;
    if !saved.is_readable() {
        return Err(foreign("it has another form"));
    }
    saved.restore(store);
    Ok(())
}

/// Writes a new file beside the old one and puts it in its place, so that there is always a whole one.
fn write(path: &Path, store: &Store) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    std::fs::write(&beside, serde_json::to_vec(&Saved::from(store))?)?;
    std::fs::rename(&beside, path)
}
