//! What the process says before anything is served, by hand and to Terraform.

use std::os::unix::fs::PermissionsExt as _;

use rustls::pki_types::CertificateDer;
use tonic::transport::Channel;

use crate::process::Launch;

#[test]
fn by_hand_it_says_what_it_is_and_what_to_do() {
    let (status, stdout, stderr) = Launch::by_hand().refusal();
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert!(
        stderr.starts_with("This program is a Terraform provider"),
        "{stderr}"
    );
    assert!(
        stderr.contains("source = \"facets-cloud/facets-gpu\""),
        "{stderr}"
    );
    assert!(stderr.contains("--debug"), "{stderr}");
}

#[test]
fn another_cookie_is_as_good_as_none() {
    let (status, stdout, stderr) = Launch::by_terraform()
        .with("TF_PLUGIN_MAGIC_COOKIE", "other")
        .refusal();
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert!(
        stderr.starts_with("This program is a Terraform provider"),
        "{stderr}"
    );
}

#[test]
fn a_host_without_protocol_6_reads_which_versions_met() {
    for (offered, shown) in [("4,5", "4,5"), ("", "none")] {
        let (status, stdout, stderr) = Launch::by_terraform()
            .with("PLUGIN_PROTOCOL_VERSIONS", offered)
            .refusal();
        assert_eq!((status, stdout.as_str()), (Some(1), ""));
        assert!(stderr.contains("speaks plugin protocol 6"), "{stderr}");
        assert!(stderr.contains(&format!("offers {shown}")), "{stderr}");
    }
}

#[test]
fn a_broken_client_certificate_is_never_taken_for_none() {
    let (status, stdout, stderr) = Launch::by_terraform()
        .with("PLUGIN_CLIENT_CERT", "broken")
        .refusal();
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("PLUGIN_CLIENT_CERT"), "{stderr}");
}

#[test]
fn version_help_and_other_arguments() {
    let (status, stdout, stderr) = Launch::by_hand().argument("--version").refusal();
    assert_eq!((status, stderr.as_str()), (Some(0), ""));
    assert_eq!(
        stdout,
        format!("terraform-provider-facets-gpu {}\n", env!("CARGO_PKG_VERSION"))
    );

    let (status, stdout, _) = Launch::by_hand().argument("--help").refusal();
    assert_eq!(status, Some(0));
    assert!(stdout.contains("--debug"), "{stdout}");

    let (status, stdout, stderr) = Launch::by_terraform().argument("--serve").refusal();
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert!(stderr.starts_with("Unknown argument --serve"), "{stderr}");
}

#[tokio::test]
async fn the_line_has_the_six_fields_that_go_plugin_reads() {
    let mut provider = Launch::by_terraform().start();
    let fields = provider.fields();
    assert_eq!(fields.len(), 6);
    assert_eq!(
        (fields[0], fields[1], fields[2], fields[4]),
        ("1", "6", "unix", "grpc")
    );
    assert!(fields[3].len() < 108, "{}", fields[3]);
    // Go would refuse padding, so the decoder of `certificate` does as well.
    assert!(!provider.certificate().is_empty());
    assert!(!fields[5].contains('='));

    let folder = provider.socket().parent().unwrap().to_owned();
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);

    let _: Channel = provider.connect().await;
    provider.signal(rustix::process::Signal::TERM);
    provider.ended().await;
    assert_eq!(provider.rest_of_stdout(), "");
}

#[test]
fn every_process_has_its_own_certificate() {
    let certificates: [CertificateDer<'_>; 2] =
        [(); 2].map(|()| Launch::by_terraform().start().certificate());
    assert_ne!(certificates[0], certificates[1]);
}

#[test]
fn the_socket_goes_where_the_host_wants_it() {
    let wanted = tempfile::tempdir().unwrap();
    let provider = Launch::by_terraform()
        .with("PLUGIN_UNIX_SOCKET_DIR", wanted.path().to_str().unwrap())
        .start();
    assert!(provider.socket().starts_with(wanted.path()), "{}", provider.line);
}

#[test]
fn a_folder_that_the_host_wants_and_cannot_be_used_is_told() {
    let launch = Launch::by_terraform().with("PLUGIN_UNIX_SOCKET_DIR", "/nonexistent/folder");
    let (status, stdout, stderr) = launch.refusal();
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert!(
        stderr.contains("/nonexistent/folder: ") && stderr.contains("PLUGIN_UNIX_SOCKET_DIR must"),
        "{stderr}"
    );
}

#[test]
fn a_temporary_folder_that_is_too_deep_or_missing_is_got_around() {
    let base = tempfile::tempdir().unwrap();
    let deep = base.path().join("d".repeat(120));
    std::fs::create_dir(&deep).unwrap();
    for unusable in [deep.to_str().unwrap(), "/nonexistent"] {
        let provider = Launch::by_terraform().with("TMPDIR", unusable).start();
        assert!(provider.socket().starts_with("/tmp"), "{}", provider.line);
    }
}

#[tokio::test]
async fn without_a_client_certificate_it_speaks_plain_http2() {
    let provider = Launch::by_terraform().without("PLUGIN_CLIENT_CERT").start();
    assert_eq!(provider.fields()[5], "");
    let _: Channel = provider.connect().await;
}
