//! Validation of definitions; most cases are lines of `validation.txt`.

use cloudrun_emulator::{Config, Rules};
use serde_json::{Map, Value, json};

use crate::harness::{Emulator, config, gpu_job, job, message};

/// Sets a member of a definition, and its missing parents.
fn set(definition: &mut Value, path: &str, value: Value) {
    let path = path
        .replace("limits", "first/resources/limits")
        .replace("first", "task/containers/0")
        .replace("task/", "template/template/");
    let mut member = definition;
    for segment in path.split('/') {
        member = match segment.parse::<usize>() {
            Ok(index) => {
                let list = member.as_array_mut().expect("a list");
                list.resize(list.len().max(index + 1), Value::Null);
                &mut list[index]
            }
            Err(_) => &mut member[segment.replace('~', "/")],
        };
    }
    *member = value;
}

/// Validates a job with these members; the error message, or an empty text.
async fn validate(emulator: &Emulator, mut job: Value, members: &Value) -> String {
    for (path, value) in members.as_object().expect("members by path") {
        set(&mut job, path, value.clone());
    }
    let (status, response) = emulator.post("/jobs?jobId=checked&validateOnly=true", job).await;
    assert!(
        status == 200 || (status == 400 && response["error"]["code"] == 400),
        "{status} {response}"
    );
    message(&response).to_owned()
}

#[tokio::test]
async fn definitions_are_validated() {
    let emulator = Emulator::start().await;
    let table = include_str!("validation.txt");
    for line in table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (case, expected) = line.split_once(" => ").expect(line);
        let (base, members) = case.split_once(' ').expect(line);
        let base = if base == "gpu" { gpu_job() } else { job() };
        let members = serde_json::from_str(members).expect(line);
        let actual = validate(&emulator, base, &members).await;
        if expected == "accepted" {
            assert_eq!(actual, "", "{line}");
        } else {
            assert!(actual.contains(expected), "{line}\nand not {actual:?}");
        }
    }
    assert_eq!(emulator.job_count().await, 0, "nothing is stored");
}

#[tokio::test]
async fn limits_are_enforced() {
    let emulator = Emulator::start().await;
    for (path, value, expected) in [
        ("startExecutionToken", json!("t".repeat(60)), "fewer than 63"),
        (
            "task/containers",
            json!(vec![json!({ "image": "i" }); 11]),
            "at most 10 containers",
        ),
        (
            "first/image",
            json!(format!("i:{}", "t".repeat(129))),
            "must be a container image path",
        ),
        (
            "first/args",
            json!(vec!["x"; 1001]),
            "limit on args across all containers",
        ),
        (
            "first/env",
            json!(vec![json!({ "name": "A" }); 1001]),
            "limit on EnvVars across all containers",
        ),
        (
            "first/env",
            json!([{ "name": "A", "value": "x".repeat(32_769) }]),
            "length cannot exceed 32768",
        ),
    ] {
        let members = Value::Object(Map::from_iter([(path.to_owned(), value)]));
        let actual = validate(&emulator, job(), &members).await;
        assert!(
            actual.contains(expected),
            "{path}: {expected:?} and not {actual:?}"
        );
    }
}

#[tokio::test]
async fn gpu_unavailable_in_region() {
    let emulator = Emulator::start().await;
    let path = "/v2/projects/p/locations/europe-north1/jobs?jobId=a";
    let response = emulator
        .request("POST", path)
        .json(&gpu_job())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
    let text = response.text().await.unwrap();
    assert!(text.contains("not available in region 'europe-north1'"), "{text}");
}

#[tokio::test]
async fn permissive_rules_allow_any_amount() {
    let emulator = Emulator::with(Config {
        rules: Rules::Permissive,
        ..config()
    })
    .await;
    let large = json!({ "limits/cpu": "32", "limits/memory": "128Gi", "task/timeout": "604800s" });
    assert_eq!(validate(&emulator, gpu_job(), &large).await, "");
    let actual = validate(&emulator, gpu_job(), &json!({ "limits/cpu": "many" })).await;
    assert!(actual.contains("Could not parse Quantity"), "{actual}");
}

#[tokio::test]
async fn bad_request_details_name_the_field() {
    let mut invalid = gpu_job();
    invalid["template"]["taskCount"] = json!(10_001);
    let (_, bare) = Emulator::start()
        .await
        .post("/jobs?jobId=a", invalid.clone())
        .await;
    assert!(bare["error"].get("details").is_none());
    let config = Config {
        bad_request_details: true,
        ..config()
    };
    let (status, detailed) = Emulator::with(config).await.post("/jobs?jobId=a", invalid).await;
    assert_eq!((status, message(&detailed)), (400, message(&bare)));
    let details = &detailed["error"]["details"][0];
    assert_eq!(details["@type"], "type.googleapis.com/google.rpc.BadRequest");
    assert_eq!(details["fieldViolations"][0]["field"], "template.task_count");
}
