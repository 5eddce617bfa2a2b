//! The socket on disk: no other user can reach it, and it is removed at the end.

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

use crate::{
    example,
    process::{Launch, Process},
};

/// A user that owns no files.
const OTHER_USER: u32 = 65534;

#[test]
fn other_users_cannot_reach_the_socket() {
    // Below directories that every user may enter, so that only the provider's own protects the socket.
    let base = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o777))
        .tempdir_in("/tmp")
        .unwrap();
    let provider = Launch::by_terraform()
        .with("PLUGIN_UNIX_SOCKET_DIR", base.path().to_str().unwrap())
        .start();
    let socket = provider.socket();
    assert_private(&socket);
    if geteuid().is_root() {
        assert!(
            can_look_up(OTHER_USER, base.path()),
            "the directory around it is accessible"
        );
        assert!(!can_look_up(OTHER_USER, &socket));
        assert!(!can_look_up(
            OTHER_USER,
            socket.parent().unwrap().join(".").as_path()
        ));
    }
}

#[test]
fn umask_does_not_change_permissions() {
    for mask in ["000", "077", "027"] {
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", &format!("umask {mask} && exec \"$0\"")])
            .arg(example::provider());
        shell.env_clear().envs(
            Launch::by_terraform()
                .command()
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        assert_private(&Process::from(shell).socket());
    }
}

#[tokio::test]
async fn signals_leave_no_files() {
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
            // At the second one the process may have ended, not yet reaped.
            provider.signal(*signal);
        }
        let status = provider.exit_status().await;
        assert!(status.success(), "{status}");
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 0, "{signals:?}");
    }
}

/// The socket is in a directory of this user, which no other user may enter, list or write to.
fn assert_private(socket: &Path) {
    let folder = fs::symlink_metadata(socket.parent().unwrap()).unwrap();
    assert!(folder.is_dir(), "not a link to a directory");
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

/// Whether another user can look up this path, as a connection to a socket has to.
fn can_look_up(user: u32, path: &Path) -> bool {
    let shell = Command::new("/bin/sh")
        .args(["-c", "test -e \"$0\""])
        .arg(path)
        .uid(user)
        .gid(user)
        .status();
    shell.unwrap().success()
}
