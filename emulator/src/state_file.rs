//! `--state FILE`: every change is written to the file before the response is sent.

use std::io;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::MutexGuard;

use crate::store::{Snapshot, Store};

/// The locked store. If it was changed, dropping the guard writes the state file.
pub(crate) struct StoreGuard<'a> {
    store: MutexGuard<'a, Store>,
    file: Option<&'a Path>,
    changed: bool,
}

impl<'a> StoreGuard<'a> {
    /// `changed`: whether the store already has changes to write.
    pub(crate) fn new(store: MutexGuard<'a, Store>, file: Option<&'a Path>, changed: bool) -> Self {
        Self { store, file, changed }
    }
}

impl Deref for StoreGuard<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl DerefMut for StoreGuard<'_> {
    fn deref_mut(&mut self) -> &mut Store {
        self.changed = true;
        &mut self.store
    }
}

impl Drop for StoreGuard<'_> {
    fn drop(&mut self) {
        if let Some(path) = self.file.filter(|_| self.changed)
            && let Err(error) = write(path, &self.store)
        {
            // With a full disk the emulator keeps serving.
            eprintln!(
                "cloudrun-emulator: cannot write the state file {}: {error}",
                path.display()
            );
        }
    }
}

/// Loads a state file into a store, or creates the file.
///
/// # Errors
/// If the file cannot be read or written, or is not a state file of this version.
pub(crate) fn load(path: &Path, store: &mut Store) -> Result<(), String> {
    read(path, store)?;
    // Reports a file that cannot be written at start, not at the first change.
    write(path, store).map_err(|error| format!("cannot write the state file {}: {error}", path.display()))
}

fn read(path: &Path, store: &mut Store) -> Result<(), String> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(format!("cannot read the state file {}: {error}", path.display())),
    };
    let unsupported = |reason: &str| {
        format!(
            "{} must be a state file of this version, got {reason}. Choose another file, or remove it to start empty.",
            path.display()
        )
    };
    let snapshot: Snapshot =
        serde_json::from_slice(&text).map_err(|error| unsupported(&format!("an error: {error}")))?;
    if !snapshot.is_supported() {
        return Err(unsupported("another format version"));
    }
    snapshot.restore(store);
    Ok(())
}

/// Writes a temporary file and renames it, so that the state file is always complete.
fn write(path: &Path, store: &Store) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    std::fs::write(&temporary, serde_json::to_vec(&Snapshot::from(store))?)?;
    std::fs::rename(&temporary, path)
}
