//! `--debug`: the provider serves a Terraform that it was not started by.

use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::{client::connect, process::Launch, services::health_of};

#[tokio::test]
async fn debug_prints_reattach_variable_and_ends_on_ctrl_c() {
    let mut provider = Launch::manually().argument("--debug").start();
    let text = provider.lines_until("Press Ctrl-C to stop the provider");
    let (_, value) = text.split_once("TF_REATTACH_PROVIDERS='").expect(&text);
    let value: Value = serde_json::from_str(value.split_once('\'').unwrap().0).unwrap();
    let reattach = &value["registry.terraform.io/example/local"];
    assert_eq!(reattach["Pid"], provider.child.id());
    assert_eq!(
        (&reattach["ProtocolVersion"], &reattach["Test"]),
        (&6.into(), &true.into())
    );

    // As Terraform connects: without a cookie and without a certificate.
    let socket = Path::new(reattach["Addr"]["String"].as_str().unwrap());
    let channel = connect(socket, None).await.unwrap();
    assert_eq!(
        health_of(channel, "plugin").await.unwrap(),
        ServingStatus::Serving
    );

    provider.signal(Signal::INT);
    let status = provider.exit_status().await;
    assert!(status.success(), "{status}");
    assert!(!socket.parent().unwrap().exists());
}
