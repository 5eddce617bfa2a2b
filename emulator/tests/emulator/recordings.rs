//! The recordings of the live service, asked of the emulator: same statuses, same headers, same documents.

use serde_json::{Value, json};

use crate::harness::Cloud;

#[tokio::test]
async fn a_minimal_job() {
    replay(include_str!("../recordings/minimal.http")).await;
}

#[tokio::test]
async fn containers_that_depend_on_each_other() {
    replay(include_str!("../recordings/dependson.http")).await;
}

#[tokio::test]
async fn a_probe_with_a_port() {
    replay(include_str!("../recordings/with-port.http")).await;
}

#[tokio::test]
async fn a_volume_on_a_bucket() {
    replay(include_str!("../recordings/gcsvolume.http")).await;
}

/// One request with its answer.
struct Exchange {
    method: String,
    path: String,
    body: Option<Value>,
    status: u16,
    headers: Vec<(String, String)>,
    answer: Value,
}

async fn replay(recording: &str) {
    let exchanges = parse(recording);
    assert_eq!(exchanges.len(), 9, "a recording has nine exchanges");
    let cloud = Cloud::start().await;
    let mut operation = Value::Null;
    for exchange in &exchanges {
        let path = if exchange.path.contains(OPERATION) {
            cloud.settle(&operation).await;
            let id = operation["name"].as_str().unwrap().rsplit('/').next().unwrap();
            exchange.path.replace(OPERATION, id)
        } else {
            exchange.path.clone()
        };
        let mut request = cloud.request(&exchange.method, &path);
        if let Some(body) = &exchange.body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let what = format!("{} {path}", exchange.method);
        assert_eq!(response.status().as_u16(), exchange.status, "{what}");
        for (name, value) in &exchange.headers {
            let values = response.headers().get_all(name).iter();
            let values: Vec<&str> = values.map(|value| value.to_str().unwrap()).collect();
            assert!(
                values.contains(&value.as_str()),
                "{what}: {name} should be {value} and is {values:?}"
            );
        }
        let answer: Value = response.json().await.unwrap();
        if exchange.method != "GET" {
            operation = answer.clone();
        }
        let (recorded, answer) = (
            normal(&exchange.answer, &exchange.answer),
            normal(&answer, &exchange.answer),
        );
        assert!(
            recorded == answer,
            "{what}\nrecorded {recorded:#}\nanswered {answer:#}"
        );
    }
}

/// Reads a recording, with names of ours in place of its placeholders.
fn parse(recording: &str) -> Vec<Exchange> {
    let id = |rest: &str| rest.split_once("${uniqueId}\"").map(|(id, _)| id.to_owned());
    let job = recording
        .split("/jobs/")
        .find_map(|rest| id(rest.lines().next()?))
        .expect("a job's name");
    let text = recording
        .replace("${projectId}", "p")
        .replace("${jobID}", &format!("{job}x1"))
        .replace("${uniqueId}", "x1")
        .replace("${operationID}", OPERATION);
    let text = text.split_once("\n\n").expect("a comment first").1;
    text.split("\n---\n")
        .map(|exchange| parse_exchange(exchange.trim()))
        .collect()
}

fn parse_exchange(text: &str) -> Exchange {
    let (head, rest) = text
        .split_once("\n\n")
        .expect("an empty line after the request's head");
    let (method, url) = head.lines().next().unwrap().split_once(' ').unwrap();
    let path = url
        .strip_prefix("https://run.googleapis.com")
        .expect("a call to Google")
        .to_owned();
    // A body is JSON; what comes after is the answer.
    let mut documents = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    let body = if rest.starts_with('{') {
        documents.next().map(Result::unwrap)
    } else {
        None
    };
    let rest = if body.is_some() {
        rest[documents.byte_offset()..].trim_start()
    } else {
        rest
    };
    let (head, answer) = rest
        .split_once("\n\n")
        .expect("an empty line after the answer's head");
    let mut lines = head.lines();
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .expect("a status");
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    Exchange {
        method: method.to_owned(),
        path,
        body,
        status,
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        answer: serde_json::from_str(answer).expect("the recorded answer is JSON"),
    }
}

/// A document without what the recorder has made up, and without what differs from run to run.
fn normal(document: &Value, recorded: &Value) -> Value {
    let mut document = document.clone();
    for part in ["metadata", "response"] {
        if document[part].is_object() {
            normal_job(&mut document[part], &recorded[part]);
        }
    }
    if let Some(metadata) = document["metadata"].as_object_mut() {
        metadata.remove("uid");
    }
    if document["name"]
        .as_str()
        .is_some_and(|name| name.contains("/operations/"))
    {
        document["name"] = json!("an operation");
    } else if document["error"].is_null() {
        normal_job(&mut document, recorded);
    }
    document
}

fn normal_job(job: &mut Value, recorded: &Value) {
    for member in [
        "createTime",
        "updateTime",
        "deleteTime",
        "expireTime",
        "etag",
        "uid",
        "creator",
        "lastModifier",
    ] {
        if job[member].is_string() {
            job[member] = json!("of the moment");
        }
    }
    if recorded["generation"] == "12345678901234" {
        job["generation"] = recorded["generation"].clone();
    }
    if job["terminalCondition"]["lastTransitionTime"].is_string() {
        job["terminalCondition"]["lastTransitionTime"] = json!("of the moment");
    }
    let account = &mut job["template"]["template"]["serviceAccount"];
    let (number, domain) = account.as_str().unwrap().split_once('-').unwrap();
    assert!(
        number == "${projectNumber}" || number.parse::<u64>().is_ok(),
        "{number}"
    );
    *account = json!(format!("N-{domain}"));
}

const OPERATION: &str = "THE-OPERATION";
