//! What the process prints before it serves.

use std::os::unix::fs::PermissionsExt as _;

use rustls::pki_types::CertificateDer;
use tonic::transport::Channel;

use crate::process::Launch;

#[test]
fn manual_start_prints_instructions() {
    let (status, stdout, stderr) = Launch::manually().output();
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert!(
        stderr.starts_with("This program is a Terraform provider"),
        "{stderr}"
    );
    assert!(stderr.contains("source = \"example/local\""), "{stderr}");
    assert!(stderr.contains("--debug"), "{stderr}");
}

#[test]
fn wrong_cookie_is_a_manual_start() {
    let (status, stdout, stderr) = Launch::by_terraform()
        .with("TF_PLUGIN_MAGIC_COOKIE", "other")
        .output();
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert!(
        stderr.starts_with("This program is a Terraform provider"),
        "{stderr}"
    );
}

#[test]
fn unsupported_protocol_names_both_versions() {
    for (offered, shown) in [("4,5", "4,5"), ("", "none")] {
        let (status, stdout, stderr) = Launch::by_terraform()
            .with("PLUGIN_PROTOCOL_VERSIONS", offered)
            .output();
        assert_eq!((status, stdout.as_str()), (Some(1), ""));
        assert!(
            stderr.contains("PLUGIN_PROTOCOL_VERSIONS must include 6"),
            "{stderr}"
        );
        assert!(stderr.contains(&format!("got {shown}")), "{stderr}");
    }
}

#[test]
fn invalid_client_certificate_is_an_error() {
    let (status, stdout, stderr) = Launch::by_terraform()
        .with("PLUGIN_CLIENT_CERT", "broken")
        .output();
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("PLUGIN_CLIENT_CERT"), "{stderr}");
}

#[test]
fn version_help_and_unknown_arguments() {
    let (status, stdout, stderr) = Launch::manually().argument("--version").output();
    assert_eq!((status, stderr.as_str()), (Some(0), ""));
    assert_eq!(
        stdout,
        format!("terraform-provider-local {}\n", env!("CARGO_PKG_VERSION"))
    );

    let (status, stdout, _) = Launch::manually().argument("--help").output();
    assert_eq!(status, Some(0));
    assert!(stdout.contains("--debug"), "{stdout}");

    let (status, stdout, stderr) = Launch::by_terraform().argument("--serve").output();
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert!(stderr.starts_with("Unknown option --serve"), "{stderr}");
}

#[tokio::test]
async fn handshake_line_has_six_fields() {
    let mut provider = Launch::by_terraform().start();
    let fields = provider.fields();
    assert_eq!(fields.len(), 6);
    assert_eq!(
        (fields[0], fields[1], fields[2], fields[4]),
        ("1", "6", "unix", "grpc")
    );
    assert!(fields[3].len() < 108, "{}", fields[3]);
    // Go rejects padding, and so does the decoder in `certificate`.
    assert!(!provider.certificate().is_empty());
    assert!(!fields[5].contains('='));

    let folder = provider.socket().parent().unwrap().to_owned();
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);

    let _: Channel = provider.connect().await;
    provider.signal(rustix::process::Signal::TERM);
    provider.exit_status().await;
    assert_eq!(provider.rest_of_stdout(), "");
}

#[test]
fn each_process_has_its_own_certificate() {
    let certificates: [CertificateDer<'_>; 2] =
        [(); 2].map(|()| Launch::by_terraform().start().certificate());
    assert_ne!(certificates[0], certificates[1]);
}

#[test]
fn socket_is_in_the_requested_directory() {
    let requested = tempfile::tempdir().unwrap();
    let provider = Launch::by_terraform()
        .with("PLUGIN_UNIX_SOCKET_DIR", requested.path().to_str().unwrap())
        .start();
    assert!(
        provider.socket().starts_with(requested.path()),
        "{}",
        provider.line
    );
}

#[test]
fn unusable_socket_directory_is_an_error() {
    let launch = Launch::by_terraform().with("PLUGIN_UNIX_SOCKET_DIR", "/nonexistent/folder");
    let (status, stdout, stderr) = launch.output();
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert!(
        stderr.contains("/nonexistent/folder: ") && stderr.contains("Set PLUGIN_UNIX_SOCKET_DIR"),
        "{stderr}"
    );
}

#[test]
fn unusable_tmpdir_falls_back_to_tmp() {
    let base = tempfile::tempdir().unwrap();
    let deep = base.path().join("d".repeat(120));
    std::fs::create_dir(&deep).unwrap();
    for unusable in [deep.to_str().unwrap(), "/nonexistent"] {
        let provider = Launch::by_terraform().with("TMPDIR", unusable).start();
        assert!(provider.socket().starts_with("/tmp"), "{}", provider.line);
    }
}

#[tokio::test]
async fn no_client_certificate_means_plain_http2() {
    let provider = Launch::by_terraform().without("PLUGIN_CLIENT_CERT").start();
    assert_eq!(provider.fields()[5], "");
    let _: Channel = provider.connect().await;
}
