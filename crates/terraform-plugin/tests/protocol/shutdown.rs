//! How the process ends, and that it leaves no files behind.

use std::time::Duration;

use rustix::process::Signal;
use terraform_plugin::proto::plugin::{
    Empty, grpc_controller_client::GrpcControllerClient, grpc_stdio_client::GrpcStdioClient,
};
use tonic_health::pb::health_check_response::ServingStatus;

use crate::{
    example,
    process::{Launch, Process, TIMEOUT},
    services::health_of,
};

#[tokio::test]
async fn shutdown_ends_the_process_and_removes_the_socket() {
    let mut provider = Launch::by_terraform().start();
    let channel = provider.connect().await;
    let _stdio = GrpcStdioClient::new(channel.clone())
        .stream_stdio(())
        .await
        .unwrap();
    GrpcControllerClient::new(channel)
        .shutdown(Empty {})
        .await
        .unwrap();
    let status = provider.exit_status().await;
    assert!(status.success(), "{status}");
    assert!(!provider.socket().parent().unwrap().exists());
    assert_eq!(provider.rest_of_stdout(), "");
    assert_eq!(provider.stderr(), "");
}

#[tokio::test]
async fn sigint_is_ignored() {
    let provider = Launch::by_terraform().start();
    // Before and after a client has connected.
    provider.signal(Signal::INT);
    let channel = provider.connect().await;
    provider.signal(Signal::INT);
    assert_eq!(
        health_of(channel.clone(), "plugin").await.unwrap(),
        ServingStatus::Serving
    );
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(
        health_of(channel, "plugin").await.unwrap(),
        ServingStatus::Serving
    );
}

#[tokio::test]
async fn sigterm_ends_the_process_and_removes_the_socket() {
    let mut provider = Launch::by_terraform().start();
    let channel = provider.connect().await;
    let _stdio = GrpcStdioClient::new(channel).stream_stdio(()).await.unwrap();
    provider.signal(Signal::TERM);
    let status = provider.exit_status().await;
    assert!(status.success(), "{status}");
    assert!(!provider.socket().parent().unwrap().exists());
}

#[tokio::test]
async fn end_of_stdin_is_ignored() {
    // `Launch` sets an empty stdin, so it has ended before the first call.
    let provider = Launch::by_terraform().start();
    assert_eq!(
        health_of(provider.connect().await, "plugin").await.unwrap(),
        ServingStatus::Serving
    );
}

#[tokio::test]
async fn process_ends_with_its_parent() {
    // A shell starts the provider, prints its process ID, and is killed as Terraform might be.
    let mut shell = from_shell(r#""$0" & echo $! >&2; wait"#);
    let folder = shell.socket().parent().unwrap().to_owned();
    assert!(folder.exists());
    shell.child.kill().unwrap();
    shell.child.wait().unwrap();
    tokio::time::timeout(TIMEOUT, async {
        while folder.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("the provider still runs");
    // The provider has closed stderr, so it has ended, and it has logged nothing.
    let pid = shell.stderr();
    assert!(pid.trim().parse::<u32>().is_ok(), "{pid}");
}

/// Runs a shell script whose `$0` is the provider, with the environment that Terraform sets.
fn from_shell(script: &str) -> Process {
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", script]).arg(example::provider());
    let environment = Launch::by_terraform().command();
    shell.env_clear().envs(
        environment
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    shell.stderr(std::process::Stdio::piped());
    Process::from(shell)
}
