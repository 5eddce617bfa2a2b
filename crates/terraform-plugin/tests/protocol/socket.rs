//! The socket on disk: out of the reach of other users from the first moment, and gone at the end.

use std::{
    fs,
    os::unix::{
        fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
        process::CommandExt as _,
    },
    path::Path,
    process::Command,
};

use rustix::process::{Signal, geteuid};

use crate::process::{BINARY, Launch, Process};

/// A user who is nobody in particular.
const NOBODY: u32 = 65534;

#[test]
fn another_user_cannot_reach_the_socket() {
    // In folders that anybody may enter, so that nothing but the provider's own keeps others out.
    let base = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o777))
        .tempdir_in("/tmp")
        .unwrap();
    let provider = Launch::by_terraform()
        .with("PLUGIN_UNIX_SOCKET_DIR", base.path().to_str().unwrap())
        .start();
    let socket = provider.socket();
    is_private(&socket);
    if geteuid().is_root() {
        assert!(sees(NOBODY, base.path()), "the folder around it is open");
        assert!(!sees(NOBODY, &socket));
        assert!(!sees(NOBODY, socket.parent().unwrap().join(".").as_path()));
    }
}

#[test]
fn a_umask_of_none_or_all_changes_nothing() {
    for mask in ["000", "077", "027"] {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("umask {mask} && exec \"$0\""), BINARY]);
        shell.env_clear().envs(
            Launch::by_terraform()
                .command()
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        is_private(&Process::from(shell).socket());
    }
}

#[tokio::test]
async fn nothing_is_left_behind_however_it_is_told_to_end() {
    for signals in [
        &[Signal::TERM][..],
        &[Signal::INT, Signal::TERM],
        &[Signal::TERM; 3],
    ] {
        let base = tempfile::tempdir().unwrap();
        let mut provider = Launch::by_terraform()
            .with("PLUGIN_UNIX_SOCKET_DIR", base.path().to_str().unwrap())
            .start();
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 1);
        for signal in signals {
            // The second may find it gone, but not yet waited for.
            provider.signal(*signal);
        }
        let status = provider.ended().await;
        assert!(status.success(), "{status}");
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 0, "{signals:?}");
    }
}

/// A socket in a folder that belongs to this user, and that nobody else may enter, list or write to.
fn is_private(socket: &Path) {
    let folder = fs::symlink_metadata(socket.parent().unwrap()).unwrap();
    assert!(folder.is_dir(), "and no link to one");
    assert_eq!(
        folder.permissions().mode() & 0o7777,
        0o700,
        "{}",
        socket.display()
    );
    assert_eq!(folder.uid(), geteuid().as_raw());
    let socket = fs::symlink_metadata(socket).unwrap();
    assert!(socket.file_type().is_socket());
    assert_eq!(socket.uid(), geteuid().as_raw());
}

/// Whether another user gets as far as this path. Whoever does not cannot connect to it either: both look for it in
/// the same way.
fn sees(user: u32, path: &Path) -> bool {
    let shell = Command::new("/bin/sh")
        .args(["-c", "test -e \"$0\""])
        .arg(path)
        .uid(user)
        .gid(user)
        .status();
    shell.unwrap().success()
}
