//! Before any method: tokens, locations, paths, query parameters, the request log, malformed requests.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::harness::{Emulator, config, job, message, relative_name};

#[tokio::test]
async fn token_is_required() {
    let emulator = Emulator::start().await;
    let url = emulator.url("/v2/projects/p/locations/us-central1/jobs/a");
    for authorization in [None, Some("Bearer "), Some("Basic abc")] {
        let mut request = crate::harness::client().get(&url);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401, "{authorization:?}");
        assert!(response.headers().contains_key("www-authenticate"));
        let response: Value = response.json().await.unwrap();
        assert_eq!(response["error"]["status"], "UNAUTHENTICATED");
        assert!(
            message(&response).contains("missing required authentication credential"),
            "{response}"
        );
        assert_eq!(response["error"]["details"][0]["reason"], "CREDENTIALS_MISSING");
    }
}

#[tokio::test]
async fn only_configured_token_accepted() {
    let only = |token: &str| cloudrun_emulator::Config {
        token: Some(token.to_owned()),
        ..config()
    };
    assert_eq!(Emulator::with(only("some-token")).await.get("/jobs").await.0, 200);
    let (status, response) = Emulator::with(only("another")).await.get("/jobs").await;
    assert_eq!(status, 401);
    assert!(
        message(&response).contains("invalid authentication credential"),
        "{response}"
    );
}

#[tokio::test]
async fn any_project_and_region_accepted() {
    let emulator = Emulator::start().await;
    for (parent, status) in [
        ("projects/any-project-9/locations/europe-west4", 200),
        ("projects/123456789/locations/northamerica-northeast1", 200),
        ("projects/p/locations/moon", 403),
        ("projects/p/locations/-", 403),
        ("projects/p/locations/us-central1-a", 403),
    ] {
        let response = emulator
            .request("GET", &format!("/v2/{parent}/jobs"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status, "{parent}");
    }
}

#[tokio::test]
async fn project_number_is_deterministic() {
    let account = |job: &Value| job["template"]["template"]["serviceAccount"].clone();
    let first = account(&Emulator::start().await.create_job("a").await);
    assert_eq!(first, account(&Emulator::start().await.create_job("b").await));
    let (number, domain) = first.as_str().unwrap().split_once('-').unwrap();
    assert_eq!(
        (number.len(), domain),
        (12, "compute@developer.gserviceaccount.com")
    );
}

#[tokio::test]
async fn unknown_path_returns_html_404() {
    let emulator = Emulator::start().await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/v1/projects/p/locations/us-central1/jobs"),
        ("GET", "/v2/projects/p/locations/us-central1/services"),
        ("PUT", "/v2/projects/p/locations/us-central1/jobs/a"),
        ("POST", "/v2/projects/p/locations/us-central1/jobs/a:explode"),
        ("GET", "/v2/projects//locations/us-central1/jobs/a"),
        (
            "GET",
            "/v2/projects/p/locations/us-central1/jobs/a/executions/e/tasks/t/x",
        ),
        ("GET", "/v2/%ff/%00"),
    ] {
        let response = emulator.request(method, path).send().await.unwrap();
        assert_eq!(response.status(), 404, "{method} {path}");
        assert!(
            response.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/html")
        );
    }
}

#[tokio::test]
async fn unknown_query_parameters_rejected() {
    let emulator = Emulator::start().await;
    for (query, status) in [
        ("alt=json&prettyPrint=false&key=k&$.xgafv=2", 200),
        ("$alt=json&$prettyPrint=0&$key=k&$fields=jobs", 200),
        ("$unknown=1", 400),
        ("updateMask=labels", 400),
        ("showDeleted=perhaps", 400),
        ("pageSize=1&pageSize=2", 200),
    ] {
        assert_eq!(emulator.get(&format!("/jobs?{query}")).await.0, status, "{query}");
    }
}

#[tokio::test]
async fn system_parameters_may_begin_with_dollar() {
    let emulator = Emulator::start().await;
    emulator.create_job("a").await;
    for prefix in ["", "$", "%24"] {
        let query = format!("{prefix}alt=json%3Benum-encoding=int&{prefix}prettyPrint=0");
        let path = format!("/v2/projects/p/locations/us-central1/jobs/a?{query}");
        let response = emulator.request("GET", &path).send().await.unwrap();
        let text = response.text().await.unwrap();
        assert!(text.contains("\"launchStage\":4"), "{query}: {text}");
    }
}

#[tokio::test]
async fn requests_logged_with_redacted_tokens() {
    let emulator = Emulator::start().await;
    emulator.post("/jobs?jobId=a&validateOnly=true", job()).await;
    let path = "/v2/projects/p/locations/us-central1/jobs/b?access_token=secret";
    emulator
        .request("GET", path)
        .header("x-goog-user-project", "payer")
        .send()
        .await
        .unwrap();
    let (_, log) = emulator.control("GET", "requests", None).await;
    assert_eq!(log.as_array().unwrap().len(), 2);
    assert_eq!(log[0]["method"], "POST");
    assert_eq!(log[0]["path"], "/v2/projects/p/locations/us-central1/jobs");
    assert_eq!(log[0]["query"], json!({ "jobId": "a", "validateOnly": "true" }));
    assert_eq!((&log[0]["status"], &log[0]["body"]), (&json!(200), &job()));
    assert_eq!(
        (&log[1]["status"], &log[1]["headers"]["x-goog-user-project"]),
        (&json!(404), &json!("payer"))
    );
    assert_eq!((&log[0]["id"], &log[1]["id"]), (&json!(1), &json!(2)));
    let text = log.to_string();
    assert!(!text.contains("some-token") && !text.contains("secret"), "{text}");
    emulator.control("DELETE", "requests", None).await;
    assert_eq!(emulator.control("GET", "requests", None).await.1, json!([]));
}

#[tokio::test]
async fn reset_deletes_everything() {
    let emulator = Emulator::start().await;
    emulator.create_job("a").await;
    emulator.arm("html-502").await;
    assert_eq!(emulator.control("POST", "reset", None).await.0, 200);
    assert_eq!(emulator.get("/jobs?showDeleted=true").await, (200, json!({})));
    assert_eq!(emulator.get("/operations").await, (200, json!({})));
    assert_eq!(emulator.control("GET", "nothing", None).await.0, 404);
}

#[tokio::test]
async fn malformed_requests_get_responses() {
    let emulator = Emulator::start().await;
    emulator.create_job("a").await;
    let deep = "[".repeat(10_000);
    let bodies: [&[u8]; 9] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\"x\"",
        b"{\"template\":null}",
        b"\xff\xfe",
        deep.as_bytes(),
        b"{\"a\":1e999}",
    ];
    let paths = [
        "jobs",
        "jobs?jobId=",
        "jobs?jobId=%F0%9F%92%A5",
        "jobs?%&=&&",
        "jobs/a",
        "jobs/%2e%2e",
        "jobs/a:run",
        "jobs/a:setIamPolicy",
        "jobs/a/executions/x:cancel",
        "operations/x:wait",
        "operations/%25:wait",
        "jobs/:",
        "jobs/a:",
        "jobs/a::run",
        "jobs?pageSize=99999999999999999999",
        "jobs?pageToken=%00",
        "operations?filter=%FF",
    ];
    for method in ["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "WEIRD"] {
        for path in paths {
            for body in bodies {
                let path = format!("/v2/projects/p/locations/us-central1/{path}");
                let response = emulator
                    .request(method, &path)
                    .body(body.to_vec())
                    .send()
                    .await
                    .unwrap();
                let status = response.status().as_u16();
                assert!(status != 500, "{method} {path} {body:?}: {status}");
            }
        }
    }
    assert_eq!(emulator.get("/operations").await.0, 200);
}

#[tokio::test]
async fn non_http_closes_its_connection_only() {
    let emulator = Emulator::start().await;
    let address = emulator.url("").trim_start_matches("http://").to_owned();
    for bytes in [
        &b"\x16\x03\x01\x02\x00"[..],
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
    ] {
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut rest = Vec::new();
        // Status 400 or no response.
        let _ = stream.read_to_end(&mut rest).await;
    }
    assert_eq!(emulator.get("/jobs").await.0, 200);
}

#[tokio::test]
async fn body_may_repeat_name_of_path() {
    let emulator = Emulator::start().await;
    let parent = "projects/p/locations/us-central1";
    let operation = emulator.post("/jobs?jobId=render", job()).await.1;
    let operation_name = operation["name"].as_str().unwrap().to_owned();
    let wait = format!("{}:wait", relative_name(&operation["name"]));
    let (status, _) = emulator.post(&wait, json!({ "name": operation_name })).await;
    assert_eq!(status, 200);
    let job_name = format!("{parent}/jobs/render");
    for (verb, member, rest) in [
        ("run", "name", json!({ "overrides": { "taskCount": 2 } })),
        ("setIamPolicy", "resource", json!({ "policy": {} })),
        (
            "testIamPermissions",
            "resource",
            json!({ "permissions": ["run.jobs.run"] }),
        ),
    ] {
        let path = format!("/jobs/render:{verb}");
        let mut body = rest;
        body[member] = json!(job_name);
        let (status, response) = emulator.post(&path, body.clone()).await;
        assert_eq!(status, 200, "{verb}: {response}");
        body[member] = json!(format!("{parent}/jobs/other"));
        let (status, response) = emulator.post(&path, body).await;
        assert_eq!(
            (status, &response["error"]["status"]),
            (400, &json!("INVALID_ARGUMENT")),
            "{verb}: {response}"
        );
    }
    let (_, list) = emulator.get("/jobs/render/executions").await;
    let execution = &list["executions"][0]["name"];
    let cancel = format!("{}:cancel", relative_name(execution));
    let (status, response) = emulator.post(&cancel, json!({ "name": job_name })).await;
    assert_eq!(status, 400, "{response}");
    let (status, response) = emulator
        .post(&cancel, json!({ "name": execution, "validateOnly": true }))
        .await;
    assert!(
        status == 200 || response["error"]["status"] == "FAILED_PRECONDITION",
        "the name is accepted: {response}"
    );
    // In a create and an update the body is the job, in which `name` is a member of its own.
    let (status, _) = emulator.post("/jobs?jobId=a", json!({ "parent": parent })).await;
    assert_eq!(status, 400);
}
