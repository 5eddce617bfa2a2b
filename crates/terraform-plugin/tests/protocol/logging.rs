//! What reaches Terraform's log: nothing, or lines that Terraform's own logger understands.

use serde_json::Value;
use terraform_plugin::proto::plugin::{Empty, grpc_controller_client::GrpcControllerClient};

use crate::{
    client::connect,
    process::{Launch, Process},
};

/// Everything on stderr in the life of one process: a client that is refused, one that is let in, the end.
async fn stderr(launch: Launch) -> String {
    let mut provider = launch.start();
    // Plain HTTP/2 against TLS fails in the handshake, which is worth a warning.
    if let Ok(stranger) = connect(&provider.socket(), None).await {
        assert!(crate::services::health_of(stranger, "plugin").await.is_err());
    }
    GrpcControllerClient::new(provider.connect().await)
        .shutdown(Empty {})
        .await
        .unwrap();
    provider.ended().await;
    provider.stderr()
}

#[tokio::test]
async fn silent_unless_asked() {
    for launch in [
        Launch::by_terraform(),
        Launch::by_terraform().with("TF_LOG", "off"),
        Launch::by_terraform()
            .with("TF_LOG", "TRACE")
            .with("TF_LOG_PROVIDER", "OFF"),
        Launch::by_terraform().with("TF_LOG_CORE", "TRACE"),
    ] {
        assert_eq!(stderr(launch).await, "");
    }
}

#[tokio::test]
async fn every_line_has_the_form_that_go_plugin_parses() {
    let text = stderr(Launch::by_terraform().with("TF_LOG", "TRACE")).await;
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    for line in &lines {
        for key in ["@level", "@message", "@module", "@timestamp"] {
            assert!(line[key].is_string(), "{key} in {line}");
        }
    }
    let refusal = lines.iter().find(|line| line["@level"] == "warn").expect(&text);
    assert_eq!(refusal["@module"], "sdk.proto");
    assert_eq!(
        refusal["tf_provider_addr"],
        "registry.terraform.io/facets-cloud/facets-gpu"
    );
    assert!(
        lines.iter().any(|line| line["@module"] == "provider.h2"),
        "libraries speak at TRACE"
    );
}

#[tokio::test]
async fn libraries_keep_silent_below_trace() {
    let text = stderr(Launch::by_terraform().with("TF_LOG_PROVIDER", "DEBUG")).await;
    assert!(text.contains("refused a client"), "{text}");
    assert!(!text.contains("\"@module\":\"provider.h2\""), "{text}");
}

#[tokio::test]
async fn the_protocol_has_variables_of_its_own() {
    let silenced = Launch::by_terraform()
        .with("TF_LOG", "DEBUG")
        .with("TF_LOG_SDK_PROTO", "OFF");
    assert!(!stderr(silenced).await.contains("sdk.proto"));
    let alone = stderr(Launch::by_terraform().with("TF_LOG_SDK", "WARN")).await;
    assert!(alone.contains("sdk.proto"), "{alone}");
}

#[tokio::test]
async fn a_level_that_does_not_exist_is_told() {
    let text = stderr(Launch::by_terraform().with("TF_LOG_PROVIDER_FACETS_GPU", "loud")).await;
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["variable"], &first["value"]),
        (&"TF_LOG_PROVIDER_FACETS_GPU".into(), &"loud".into())
    );
}

#[tokio::test]
async fn a_log_that_nobody_reads_ends_nothing() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Launch::by_terraform().with("TF_LOG", "TRACE").command();
    command.stderr(writer);
    let provider = Process::from(command);
    let channel = provider.connect().await;
    for _ in 0..10 {
        crate::services::health_of(channel.clone(), "plugin")
            .await
            .unwrap();
    }
}
