//! Log lines on stderr, in the form of Terraform's own logger.

use serde_json::Value;
use terraform_plugin::proto::plugin::{Empty, grpc_controller_client::GrpcControllerClient};

use crate::{
    client::connect,
    process::{Launch, Process},
};

/// Everything on stderr of a process that rejects one client, accepts another, and ends.
async fn stderr(launch: Launch) -> String {
    let mut provider = launch.start();
    // Plain HTTP/2 fails in the TLS handshake, with a warning.
    if let Ok(channel) = connect(&provider.socket(), None).await {
        assert!(crate::services::health_of(channel, "plugin").await.is_err());
    }
    GrpcControllerClient::new(provider.connect().await)
        .shutdown(Empty {})
        .await
        .unwrap();
    provider.exit_status().await;
    provider.stderr()
}

#[tokio::test]
async fn no_output_unless_requested() {
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
async fn each_line_is_hclog_json() {
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
    let warning = lines.iter().find(|line| line["@level"] == "warn").expect(&text);
    assert_eq!(warning["@module"], "sdk.proto");
    assert_eq!(warning["tf_provider_addr"], "registry.terraform.io/example/local");
    assert!(
        lines.iter().any(|line| line["@module"] == "provider.h2"),
        "libraries log at TRACE"
    );
}

#[tokio::test]
async fn libraries_log_at_trace_only() {
    let text = stderr(Launch::by_terraform().with("TF_LOG_PROVIDER", "DEBUG")).await;
    assert!(text.contains("TLS handshake failed"), "{text}");
    assert!(!text.contains("\"@module\":\"provider.h2\""), "{text}");
}

#[tokio::test]
async fn protocol_level_has_its_own_variables() {
    let off = Launch::by_terraform()
        .with("TF_LOG", "DEBUG")
        .with("TF_LOG_SDK_PROTO", "OFF");
    assert!(!stderr(off).await.contains("sdk.proto"));
    let only = stderr(Launch::by_terraform().with("TF_LOG_SDK", "WARN")).await;
    assert!(only.contains("sdk.proto"), "{only}");
}

#[tokio::test]
async fn unknown_level_is_a_warning() {
    let text = stderr(Launch::by_terraform().with("TF_LOG_PROVIDER_LOCAL", "loud")).await;
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["variable"], &first["value"]),
        (&"TF_LOG_PROVIDER_LOCAL".into(), &"loud".into())
    );
}

#[tokio::test]
async fn closed_stderr_does_not_end_the_process() {
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
