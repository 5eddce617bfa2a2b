//! What is refused, and in which words; most cases are lines of `validation.txt`.

use cloudrun_emulator::{Config, Rules};
use serde_json::{Map, Value, json};

use crate::harness::{Cloud, config, gpu_job, job, message};

/// Sets a member in a document, and whatever is missing on the way there.
fn set(document: &mut Value, place: &str, value: Value) {
    let place = place
        .replace("limits", "first/resources/limits")
        .replace("first", "task/containers/0")
        .replace("task/", "template/template/");
    let mut member = document;
    for part in place.split('/') {
        member = match part.parse::<usize>() {
            Ok(at) => {
                let list = member.as_array_mut().expect("a list");
                list.resize(list.len().max(at + 1), Value::Null);
                &mut list[at]
            }
            Err(_) => &mut member[part.replace('~', "/")],
        };
    }
    *member = value;
}

/// Sends a job with these members; the message of the refusal, or an empty text.
async fn told(cloud: &Cloud, mut job: Value, members: &Value) -> String {
    for (place, value) in members.as_object().expect("members with their places") {
        set(&mut job, place, value.clone());
    }
    let (status, answer) = cloud.post("/jobs?jobId=checked&validateOnly=true", job).await;
    assert!(
        status == 200 || (status == 400 && answer["error"]["code"] == 400),
        "{status} {answer}"
    );
    message(&answer).to_owned()
}

#[tokio::test]
async fn a_definition_is_checked() {
    let cloud = Cloud::start().await;
    let table = include_str!("validation.txt");
    for line in table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (case, words) = line.split_once(" => ").expect(line);
        let (base, members) = case.split_once(' ').expect(line);
        let base = if base == "gpu" { gpu_job() } else { job() };
        let members = serde_json::from_str(members).expect(line);
        let told = told(&cloud, base, &members).await;
        if words == "accepted" {
            assert_eq!(told, "", "{line}");
        } else {
            assert!(told.contains(words), "{line}\nand not {told:?}");
        }
    }
    assert_eq!(cloud.jobs().await, 0, "nothing is stored");
}

#[tokio::test]
async fn amounts_are_limited() {
    let cloud = Cloud::start().await;
    for (place, value, words) in [
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
        let members = Value::Object(Map::from_iter([(place.to_owned(), value)]));
        let told = told(&cloud, job(), &members).await;
        assert!(told.contains(words), "{place}: {words:?} and not {told:?}");
    }
}

#[tokio::test]
async fn a_gpu_is_offered_in_some_regions_only() {
    let cloud = Cloud::start().await;
    let path = "/v2/projects/p/locations/europe-north1/jobs?jobId=a";
    let response = cloud.request("POST", path).json(&gpu_job()).send().await.unwrap();
    assert_eq!(response.status(), 400);
    let text = response.text().await.unwrap();
    assert!(text.contains("not available in region 'europe-north1'"), "{text}");
}

#[tokio::test]
async fn permissive_rules_let_amounts_pass_but_no_nonsense() {
    let cloud = Cloud::with(Config {
        rules: Rules::Permissive,
        ..config()
    })
    .await;
    let large = json!({ "limits/cpu": "32", "limits/memory": "128Gi", "task/timeout": "604800s" });
    assert_eq!(told(&cloud, gpu_job(), &large).await, "");
    let told = told(&cloud, gpu_job(), &json!({ "limits/cpu": "many" })).await;
    assert!(told.contains("Could not parse Quantity"), "{told}");
}

#[tokio::test]
async fn details_name_the_field_where_that_is_wanted() {
    let mut wrong = gpu_job();
    wrong["template"]["taskCount"] = json!(10_001);
    let (_, bare) = Cloud::start().await.post("/jobs?jobId=a", wrong.clone()).await;
    assert!(bare["error"].get("details").is_none());
    let config = Config {
        bad_request_details: true,
        ..config()
    };
    let (status, told) = Cloud::with(config).await.post("/jobs?jobId=a", wrong).await;
    assert_eq!((status, message(&told)), (400, message(&bare)));
    let details = &told["error"]["details"][0];
    assert_eq!(details["@type"], "type.googleapis.com/google.rpc.BadRequest");
    assert_eq!(details["fieldViolations"][0]["field"], "template.task_count");
}
