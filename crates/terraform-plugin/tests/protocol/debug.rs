//! `--debug`: serves a Terraform that is started by hand.

use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::{client::connect, process::Launch, services::health_of};

#[tokio::test]
async fn it_prints_what_terraform_needs_and_ends_on_ctrl_c() {
    let mut provider = Launch::by_hand().argument("--debug").start();
    let text = provider.lines_until("Ctrl-C ends the provider");
    let (_, value) = text.split_once("TF_REATTACH_PROVIDERS='").expect(&text);
    let value: Value = serde_json::from_str(value.split_once('\'').unwrap().0).unwrap();
    let reattach = &value["registry.terraform.io/facets-cloud/facets-gpu"];
    assert_eq!(reattach["Pid"], provider.child.id());
    assert_eq!(
        (&reattach["ProtocolVersion"], &reattach["Test"]),
        (&6.into(), &true.into())
    );

    // No cookie, no certificate, as Terraform comes.
    let socket = Path::new(reattach["Addr"]["String"].as_str().unwrap());
    let channel = connect(socket, None).await.unwrap();
    assert_eq!(
        health_of(channel, "plugin").await.unwrap(),
        ServingStatus::Serving
    );

    provider.signal(Signal::INT);
    let status = provider.ended().await;
    assert!(status.success(), "{status}");
    assert!(!socket.parent().unwrap().exists());
}
