//! The body of a request.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use super::*;
use crate::job::flatten::tests::{DATA, job_response, planned};

#[test]
fn contract_example_is_expanded() {
    let planned = planned(
        r#"{"job": {"task_count": 10, "parallelism": 2}, "env": {"B": "2", "A": "1"},
            "secrets": [{"env_var": "API_KEY", "secret_name": "my-api-key"}],
            "container": {"image": "gcr.io/p/i", "args": ["--fast"]},
            "vpc_access": {"connector": "c", "egress": "all-traffic"}, "labels": {"team": "render"}}"#,
    );
    let body = serde_json::to_string_pretty(&expand(&Job::read(&planned))).unwrap();
    insta::assert_snapshot!(body, @r#"
    {
      "labels": {
        "team": "render"
      },
      "client": "terraform",
      "clientVersion": "0.1.0",
      "launchStage": "ALPHA",
      "template": {
        "parallelism": 2,
        "taskCount": 10,
        "template": {
          "containers": [
            {
              "image": "gcr.io/p/i",
              "args": [
                "--fast"
              ],
              "env": [
                {
                  "name": "A",
                  "value": "1"
                },
                {
                  "name": "B",
                  "value": "2"
                },
                {
                  "name": "API_KEY",
                  "valueSource": {
                    "secretKeyRef": {
                      "secret": "my-api-key",
                      "version": "latest"
                    }
                  }
                }
              ],
              "resources": {
                "limits": {
                  "cpu": "20",
                  "memory": "80Gi",
                  "nvidia.com/gpu": "1"
                }
              }
            }
          ],
          "maxRetries": 3,
          "timeout": "3600s",
          "executionEnvironment": "EXECUTION_ENVIRONMENT_GEN2",
          "vpcAccess": {
            "connector": "projects/p/locations/us-central1/connectors/c",
            "egress": "ALL_TRAFFIC"
          },
          "nodeSelector": {
            "accelerator": "nvidia-rtx-pro-6000"
          },
          "gpuZonalRedundancyDisabled": true
        }
      }
    }
    "#);
}

#[test]
fn update_keeps_unmanaged_keys_and_removes_dropped_ones() {
    let before =
        planned(r#"{"labels": {"ours": "1", "dropped": "1", "imported": "1"}, "annotations": {"a": "1"}}"#);
    let after = planned(r#"{"labels": {"ours": "2"}}"#);
    let mut current = job_response(&expand(&Job::read(&before)));
    current.labels.insert("unmanaged".to_owned(), "x".to_owned());
    let imported = ImportedKeys {
        labels: ["imported".to_owned(), "ours".to_owned()].into(),
        ..ImportedKeys::default()
    };
    let body = update_body(&after, &before, &imported, &current);
    assert_eq!(
        body["labels"],
        serde_json::json!({"imported": "1", "ours": "2", "unmanaged": "x"})
    );
    assert_eq!(body["annotations"], serde_json::json!({"other.example/key": "x"}));
    assert_eq!(body["etag"], "\"e\"");
}

#[test]
fn volumes_and_networks_are_sent() {
    let body = serde_json::to_value(expand(&Job::read(&planned(DATA)))).unwrap();
    assert_eq!(
        body["binaryAuthorization"],
        serde_json::json!({"useDefault": true})
    );
    let task = &body["template"]["template"];
    let json = serde_json::to_string_pretty(&serde_json::json!({
        "container": task["containers"][0], "volumes": task["volumes"], "vpcAccess": task["vpcAccess"],
        "encryptionKey": task["encryptionKey"],
    }));
    insta::assert_snapshot!(json.unwrap());
}
