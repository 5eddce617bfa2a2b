//! How the real process ends, and what it leaves behind: nothing.

use std::time::Duration;

use rustix::process::Signal;
use terraform_plugin::proto::plugin::{
    Empty, grpc_controller_client::GrpcControllerClient, grpc_stdio_client::GrpcStdioClient,
};
use tonic_health::pb::health_check_response::ServingStatus;

use crate::{
    process::{Launch, PATIENCE, Process},
    services::health_of,
};

#[tokio::test]
async fn shutdown_ends_the_process_and_leaves_nothing() {
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
    let status = provider.ended().await;
    assert!(status.success(), "{status}");
    assert!(!provider.socket().parent().unwrap().exists());
    assert_eq!(provider.rest_of_stdout(), "");
    assert_eq!(provider.stderr(), "");
}

#[tokio::test]
async fn ctrl_c_is_left_to_terraform() {
    let provider = Launch::by_terraform().start();
    // Before and after a client has come.
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
async fn sigterm_ends_the_process_and_leaves_nothing() {
    let mut provider = Launch::by_terraform().start();
    let channel = provider.connect().await;
    let _stdio = GrpcStdioClient::new(channel).stream_stdio(()).await.unwrap();
    provider.signal(Signal::TERM);
    let status = provider.ended().await;
    assert!(status.success(), "{status}");
    assert!(!provider.socket().parent().unwrap().exists());
}

#[tokio::test]
async fn the_end_of_stdin_means_nothing() {
    // `Launch` gives an empty stdin, so it has ended before the first call.
    let provider = Launch::by_terraform().start();
    assert_eq!(
        health_of(provider.connect().await, "plugin").await.unwrap(),
        ServingStatus::Serving
    );
}

#[tokio::test]
async fn it_does_not_outlive_the_process_that_started_it() {
    // A shell starts the provider and dies like a Terraform that is killed; its pid stands before the line.
    let mut shell = by_a_shell(r#""$0" & echo $! >&2; wait"#);
    let folder = shell.socket().parent().unwrap().to_owned();
    assert!(folder.exists());
    shell.child.kill().unwrap();
    shell.child.wait().unwrap();
    tokio::time::timeout(PATIENCE, async {
        while folder.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("the provider is still there");
    // Its stderr is closed, so it has really gone; and it went in silence.
    let pid = shell.stderr();
    assert!(pid.trim().parse::<u32>().is_ok(), "{pid}");
}

/// What a shell makes of a script whose `$0` is the provider, with the environment that Terraform gives.
fn by_a_shell(script: &str) -> Process {
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", script, crate::process::BINARY]);
    let environment = Launch::by_terraform().command();
    shell.env_clear().envs(
        environment
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    shell.stderr(std::process::Stdio::piped());
    Process::from(shell)
}
