//! Responses that echo the request must not reveal secrets.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::fixtures::{ACCOUNT, CLIENT_SECRET, Fixture, IMPERSONATED_TOKEN, SECRETS, SOURCE_TOKEN};
use crate::harness::{HttpRequest, MockServer};

/// Each token service in turn is replaced by a gateway that echoes the request.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn echoed_token_requests_are_redacted() {
    let mut fixture = Fixture::with_token(IMPERSONATED_TOKEN);
    let echoing_path: Arc<Mutex<&str>> = Arc::default();
    let shared_path = Arc::clone(&echoing_path);
    let count = std::sync::atomic::AtomicUsize::new(0);
    fixture.respond_with(move |request, response| {
        let path = request.line.split_once(' ').map_or("", |(_, path)| path);
        let is_echoing = shared_path
            .lock()
            .is_ok_and(|echoed| !echoed.is_empty() && path.starts_with(*echoed));
        if is_echoing {
            (418, echo(request, count.fetch_add(1, Ordering::Relaxed)))
        } else {
            response
        }
    });
    let address = fixture.token_server.address().to_owned();
    let url = format!("{address}/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken");
    let mut external_account = fixture.external_account(json!({
        "url": format!("{address}/identity"), "headers": { "authorization": format!("Bearer {HEADER_TOKEN}") },
        "format": { "type": "json", "subject_token_field_name": "id_token" }
    }));
    external_account["client_id"] = json!("client");
    external_account["client_secret"] = json!(CLIENT_SECRET);
    external_account["service_account_impersonation_url"] = json!(url);
    let mut workforce = fixture.authorized_user();
    workforce["type"] = json!("external_account_authorized_user");
    workforce["token_url"] = json!(format!("{address}/oauthtoken"));
    for (document, path) in [
        (fixture.authorized_user(), "/token"),
        (workforce, "/oauthtoken"),
        (external_account.clone(), "/identity"),
        (external_account.clone(), "/sts"),
        (external_account.clone(), "/v1/"),
    ] {
        *echoing_path.lock().expect("a lock that is not poisoned") = path;
        for _ in 0..FORMATS {
            fixture
                .apply(&[("GOOGLE_CREDENTIALS", &document.to_string())])
                .fails_with("418");
            for secret in SECRETS.iter().chain([&HEADER_TOKEN]) {
                // A prefix, because the quotation may be truncated.
                let secret = &secret[..8];
                fixture.assert_redacted(secret);
                fixture.assert_redacted(&STANDARD.encode(secret)[..secret.len()]);
                fixture.assert_redacted(&secret.replace('/', "%2F"));
            }
            fixture.assert_redacted(&STANDARD.encode(format!("client:{CLIENT_SECRET}"))[..16]);
        }
    }
}

/// The request in one of several formats: JSON, JSON in JSON, HTML, base64, URL encoding.
fn echo(request: &HttpRequest, format: usize) -> Value {
    let headers = request.headers.join("\n");
    let echoed = json!({ "line": request.line, "headers": request.headers, "body": request.body });
    match format % FORMATS {
        0 => echoed,
        1 => json!({ "error": { "code": 418, "status": "TEAPOT", "message": echoed.to_string() } }),
        2 => json!(
            format!("<pre>{headers} {}</pre>", request.body)
                .replace('/', "&#x2F;")
                .replace('"', "&quot;")
        ),
        3 => json!({ "error": format!("{headers} {}", STANDARD.encode(&request.body)) }),
        _ => json!({ "error_description": request.body.replace('%', "%25").replace('/', "%2F") }),
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn echoed_api_requests_are_redacted() {
    let fixture = Fixture::with_token(SOURCE_TOKEN);
    let gateway = MockServer::new(|requests| (403, json!({ "headers": requests.headers })));
    fixture
        .apply(&[
            ("GOOGLE_CREDENTIALS", &fixture.authorized_user().to_string()),
            (
                "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
                &format!("{}/v2/", gateway.address()),
            ),
        ])
        .fails_with("authorization: Bearer ***");
    for secret in SECRETS {
        fixture.assert_redacted(secret);
    }
}

/// The authorization of the subject token request.
const HEADER_TOKEN: &str = "gh-request+token/must-not-be-printed==";
/// The number of formats of [`echo`].
const FORMATS: usize = 5;
