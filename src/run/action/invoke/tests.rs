//! Texts of an invocation.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use cloud_run::model::Execution;
use cloud_run::test_server::Reply::Respond;
use cloud_run::test_server::{NOT_FOUND, Reply, Server};

const RUNNING_JSON: &str = r#"{"name": "e", "runningCount": 1, "logUri": "https://l"}"#;
const RUNNING: Reply = Respond(200, "", RUNNING_JSON);
const CANCELLED: Reply = Respond(
    200,
    "",
    r#"{"name": "e", "cancelledCount": 1, "logUri": "https://l", "conditions": [{"type": "Completed", "state": "CONDITION_FAILED", "executionReason": "CANCELLED"}]}"#,
);
const ENDED_JSON: &str = r#"{"name": "e", "succeededCount": 1, "conditions": [{"type": "Completed", "state": "CONDITION_SUCCEEDED"}]}"#;
const SUCCEEDED: Reply = Respond(200, "", ENDED_JSON);
const FAILED: Reply = Respond(
    200,
    "",
    r#"{"name": "e", "failedCount": 1, "conditions": [{"type": "Completed", "state": "CONDITION_FAILED", "executionReason": "NON_ZERO_EXIT_CODE"}]}"#,
);
const ACCEPTED: Reply = Respond(200, "", r#"{"name": "o"}"#);
const DENIED: Reply = Respond(
    403,
    "",
    r#"{"error": {"status": "PERMISSION_DENIED", "message": "Permission 'run.executions.cancel' denied."}}"#,
);

/// Each text once.
#[tokio::test]
async fn texts_are_as_documented() {
    let mut texts = String::new();
    for (title, script) in [
        ("Cancelled", vec![RUNNING, ACCEPTED, CANCELLED]),
        ("Succeeded before", vec![SUCCEEDED]),
        ("Failed before", vec![FAILED]),
        ("Gone", vec![Respond(404, "", NOT_FOUND)]),
        ("Denied", vec![RUNNING, DENIED, RUNNING]),
    ] {
        let server = Server::new(script).await;
        let name = ExecutionName::parse("projects/p/locations/l/jobs/train/executions/train-x7k2p").unwrap();
        let stopped = Followed {
            execution: serde_json::from_str(RUNNING_JSON).unwrap(),
            outcome: Outcome::Stopped,
        };
        let text = cancel_after_stop(&server.client, &name, &stopped).await;
        let text = text.map_or_else(|| "nothing".to_owned(), |error| error.to_string());
        texts.push_str(&format!("# {title}\n\n{text}\n\n"));
    }
    let ended: Execution = serde_json::from_str(ENDED_JSON).unwrap();
    texts.push_str(&format!(
        "# Other texts\n\n{}\n{}\n",
        report::ended(&ended),
        super::super::INVOKE_AGAIN
    ));
    insta::assert_snapshot!(texts);
}
