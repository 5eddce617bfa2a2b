//! Folders with sockets of processes that were killed, and so could not remove them.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    os::unix::{
        fs::{FileTypeExt as _, MetadataExt as _},
        net::UnixStream,
    },
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

use rustix::{
    fs::{AtFlags, Mode, OFlags},
    process::geteuid,
};

use super::listener::{Address, FOLDER_PREFIX, SOCKET};

/// A socket is bound and listened on within milliseconds of its folder; this leaves room for a busy machine.
const OLD_ENOUGH: Duration = Duration::from_secs(60);

/// Removes those beside the folder of this process, in a thread of its own: nothing waits for it, and a file system that
/// hangs holds up nobody.
pub(super) fn remove_beside(address: &Address) {
    let Address::Unix(socket) = address else { return };
    let Some(base) = socket.parent().and_then(Path::parent).map(Path::to_owned) else {
        return;
    };
    // Without a thread they stay for the next start.
    let _ = thread::Builder::new()
        .name("leftovers".to_owned())
        .spawn(move || remove_in(&base, SystemTime::now()));
}

fn remove_in(base: &Path, now: SystemTime) {
    let Ok(entries) = fs::read_dir(base) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_ours = entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(FOLDER_PREFIX.as_bytes());
        if !is_ours {
            continue;
        }
        // A folder that stays is in use or somebody else's, or another process was faster.
        if let Ok(true) = remove(&path, now) {
            tracing::debug!(folder = %path.display(), "removed the socket of a process that was killed");
        }
    }
}

/// Removes a folder if it is a leftover; whether it was one.
fn remove(path: &Path, now: SystemTime) -> io::Result<bool> {
    // Opened once and never by a link, so that what is looked at is what is removed.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let about = folder.metadata()?;
    let age = now.duration_since(about.modified()?).unwrap_or_default();
    if about.uid() != geteuid().as_raw() || age <= OLD_ENOUGH || !holds_only_a_socket(path)? {
        return Ok(false);
    }
    match UnixStream::connect(path.join(SOCKET)) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
        _ => return Ok(false),
    }
    rustix::fs::unlinkat(&folder, SOCKET, AtFlags::empty())?;
    // Refused where the name is a link by now, or something has come into the folder.
    fs::remove_dir(path)?;
    Ok(true)
}

fn holds_only_a_socket(path: &Path) -> io::Result<bool> {
    let mut entries = fs::read_dir(path)?;
    let (Some(first), None) = (entries.next().transpose()?, entries.next()) else {
        return Ok(false);
    };
    // Of the entry itself, not of what a link leads to.
    Ok(first.file_name() == OsStr::new(SOCKET) && first.file_type()?.is_socket())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::os::unix::{fs::symlink, net::UnixListener};

    use super::*;

    /// A folder with a socket on which nobody listens any longer.
    fn dead(base: &Path, name: &str) {
        let folder = base.join(name);
        fs::create_dir(&folder).unwrap();
        drop(UnixListener::bind(folder.join(SOCKET)).unwrap());
    }

    fn names(base: &Path) -> Vec<String> {
        let entries = fs::read_dir(base).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn in_a_while() -> SystemTime {
        SystemTime::now() + OLD_ENOUGH + Duration::from_secs(5)
    }

    #[test]
    fn what_a_killed_process_has_left_is_removed_when_it_is_old() {
        let base = tempfile::tempdir().unwrap();
        dead(base.path(), "plugin-a1b2c3");
        dead(base.path(), "plugin-d4e5f6");
        for now in [SystemTime::now(), SystemTime::UNIX_EPOCH] {
            remove_in(base.path(), now);
            assert_eq!(names(base.path()), ["plugin-a1b2c3", "plugin-d4e5f6"]);
        }
        remove_in(base.path(), in_a_while());
        assert_eq!(names(base.path()), [""; 0]);
        remove_in(&base.path().join("plugin-a1b2c3"), in_a_while());
    }

    #[test]
    fn whatever_else_is_there_stays() {
        let (base, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let at = |name: &str| base.path().join(name);
        // In use.
        fs::create_dir(at("plugin-live")).unwrap();
        let _live = UnixListener::bind(at("plugin-live").join(SOCKET)).unwrap();
        // Another program's, by its name or by what is in it.
        dead(base.path(), "other-a1b2c3");
        dead(base.path(), "plugin-more");
        fs::write(at("plugin-more").join("file"), "").unwrap();
        fs::create_dir(at("plugin-dir123")).unwrap();
        drop(UnixListener::bind(at("plugin-dir123").join("plugin456")).unwrap());
        fs::create_dir(at("plugin-empty")).unwrap();
        fs::create_dir(at("plugin-text")).unwrap();
        fs::write(at("plugin-text").join(SOCKET), "").unwrap();
        fs::write(at("plugin-file"), "").unwrap();
        // Links, of the folder and in it.
        dead(elsewhere.path(), "plugin-target");
        symlink(elsewhere.path().join("plugin-target"), at("plugin-link")).unwrap();
        fs::create_dir(at("plugin-inner")).unwrap();
        symlink(
            elsewhere.path().join("plugin-target").join(SOCKET),
            at("plugin-inner").join(SOCKET),
        )
        .unwrap();
        let before = names(base.path());
        remove_in(base.path(), in_a_while());
        assert_eq!(names(base.path()), before);
        assert!(elsewhere.path().join("plugin-target").join(SOCKET).exists());
        assert!(at("plugin-more").join(SOCKET).exists());
    }
}
