//! Replays the recordings of the live service: the emulator must return the same statuses, headers and bodies.

use serde_json::{Value, json};

use crate::harness::Emulator;

#[tokio::test]
async fn minimal() {
    replay(include_str!("../recordings/minimal.http")).await;
}

#[tokio::test]
async fn depends_on() {
    replay(include_str!("../recordings/dependson.http")).await;
}

#[tokio::test]
async fn probe_with_port() {
    replay(include_str!("../recordings/with-port.http")).await;
}

#[tokio::test]
async fn gcs_volume() {
    replay(include_str!("../recordings/gcsvolume.http")).await;
}

/// A request and its response.
struct Exchange {
    method: String,
    path: String,
    body: Option<Value>,
    status: u16,
    headers: Vec<(String, String)>,
    response: Value,
}

async fn replay(recording: &str) {
    let exchanges = parse(recording);
    assert_eq!(exchanges.len(), 9, "a recording has nine exchanges");
    let emulator = Emulator::start().await;
    let mut operation = Value::Null;
    for exchange in &exchanges {
        let path = if exchange.path.contains(OPERATION_ID) {
            emulator.wait(&operation).await;
            let id = operation["name"].as_str().unwrap().rsplit('/').next().unwrap();
            exchange.path.replace(OPERATION_ID, id)
        } else {
            exchange.path.clone()
        };
        let mut request = emulator.request(&exchange.method, &path);
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
        let response: Value = response.json().await.unwrap();
        if exchange.method != "GET" {
            operation = response.clone();
        }
        let (recorded, response) = (
            normalize(&exchange.response, &exchange.response),
            normalize(&response, &exchange.response),
        );
        assert!(
            recorded == response,
            "{what}\nrecorded {recorded:#}\nanswered {response:#}"
        );
    }
}

/// Parses a recording and replaces its placeholders.
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
        .replace("${operationID}", OPERATION_ID);
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
    // The body is JSON; the response follows it.
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
    let (head, response) = rest
        .split_once("\n\n")
        .expect("an empty line after the response's head");
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
        response: serde_json::from_str(response).expect("the recorded response is JSON"),
    }
}

/// Replaces what the recorder has invented and what differs between runs.
fn normalize(document: &Value, recorded: &Value) -> Value {
    let mut document = document.clone();
    for part in ["metadata", "response"] {
        if document[part].is_object() {
            normalize_job(&mut document[part], &recorded[part]);
        }
    }
    if let Some(metadata) = document["metadata"].as_object_mut() {
        metadata.remove("uid");
    }
    if document["name"]
        .as_str()
        .is_some_and(|name| name.contains("/operations/"))
    {
        document["name"] = json!("OPERATION");
    } else if document["error"].is_null() {
        normalize_job(&mut document, recorded);
    }
    document
}

fn normalize_job(job: &mut Value, recorded: &Value) {
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
            job[member] = json!("REPLACED");
        }
    }
    if recorded["generation"] == "12345678901234" {
        job["generation"] = recorded["generation"].clone();
    }
    if job["terminalCondition"]["lastTransitionTime"].is_string() {
        job["terminalCondition"]["lastTransitionTime"] = json!("REPLACED");
    }
    let account = &mut job["template"]["template"]["serviceAccount"];
    let (number, domain) = account.as_str().unwrap().split_once('-').unwrap();
    assert!(
        number == "${projectNumber}" || number.parse::<u64>().is_ok(),
        "{number}"
    );
    *account = json!(format!("N-{domain}"));
}

const OPERATION_ID: &str = "OPERATION_ID-ID";
