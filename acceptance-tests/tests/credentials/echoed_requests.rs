//! Whatever answers a request for a token may quote the request: no secret is shown.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::fixtures::{ACCOUNT, BORROWED, CLIENT, MINTED, SECRETS, Story};
use crate::harness::{Asked, StandIn};

/// In place of each service in turn stands a gateway that quotes what it was asked, as such gateways do.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_quotes_a_request_shows_no_secret() {
    let mut story = Story::taking(BORROWED);
    let quoting: Arc<Mutex<&str>> = Arc::default();
    let quotes = Arc::clone(&quoting);
    let how = std::sync::atomic::AtomicUsize::new(0);
    story.answers(move |asked, granted| {
        let path = asked.line.split_once(' ').map_or("", |(_, path)| path);
        let is_quoting = quotes
            .lock()
            .is_ok_and(|place| !place.is_empty() && path.starts_with(*place));
        if is_quoting {
            (418, quoted(asked, how.fetch_add(1, Ordering::Relaxed)))
        } else {
            granted
        }
    });
    let address = story.tokens.address().to_owned();
    let url = format!("{address}/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken");
    let mut federated = story.federated(json!({
        "url": format!("{address}/identity"), "headers": { "authorization": format!("Bearer {HEADER}") },
        "format": { "type": "json", "subject_token_field_name": "id_token" }
    }));
    federated["client_id"] = json!("client");
    federated["client_secret"] = json!(CLIENT);
    federated["service_account_impersonation_url"] = json!(url);
    let mut workforce = story.sign_in();
    workforce["type"] = json!("external_account_authorized_user");
    workforce["token_url"] = json!(format!("{address}/oauthtoken"));
    for (document, place) in [
        (story.sign_in(), "/token"),
        (workforce, "/oauthtoken"),
        (federated.clone(), "/identity"),
        (federated.clone(), "/sts"),
        (federated.clone(), "/v1/"),
    ] {
        *quoting.lock().expect("no panic before") = place;
        for _ in 0..FORMS {
            story
                .apply(&[("GOOGLE_CREDENTIALS", &document.to_string())])
                .fails_with("418");
            for secret in SECRETS.iter().chain([&HEADER]) {
                // Nor the beginning of one, where the quotation is cut.
                let secret = &secret[..8];
                story.nobody_reads(secret);
                story.nobody_reads(&STANDARD.encode(secret)[..secret.len()]);
                story.nobody_reads(&secret.replace('/', "%2F"));
            }
            story.nobody_reads(&STANDARD.encode(format!("client:{CLIENT}"))[..16]);
        }
    }
}

/// What the gateway says, each time in another form: JSON, JSON in JSON, HTML, a body in base64.
fn quoted(asked: &Asked, form: usize) -> Value {
    let headers = asked.headers.join("\n");
    let said = json!({ "line": asked.line, "headers": asked.headers, "body": asked.body });
    match form % FORMS {
        0 => said,
        1 => json!({ "error": { "code": 418, "status": "TEAPOT", "message": said.to_string() } }),
        2 => json!(
            format!("<pre>{headers} {}</pre>", asked.body)
                .replace('/', "&#x2F;")
                .replace('"', "&quot;")
        ),
        3 => json!({ "error": format!("{headers} {}", STANDARD.encode(&asked.body)) }),
        _ => json!({ "error_description": asked.body.replace('%', "%25").replace('/', "%2F") }),
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn cloud_run_quoting_a_request_shows_no_token() {
    let story = Story::taking(MINTED);
    let gateway = StandIn::new(|asked| (403, json!({ "headers": asked.headers })));
    story
        .apply(&[
            ("GOOGLE_CREDENTIALS", &story.sign_in().to_string()),
            (
                "GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT",
                &format!("{}/v2/", gateway.address()),
            ),
        ])
        .fails_with("authorization: Bearer ***");
    for secret in SECRETS {
        story.nobody_reads(secret);
    }
}

/// What a subject token is asked for with.
const HEADER: &str = "gh-request+token/nobody-may-print==";
/// The forms in which a gateway quotes.
const FORMS: usize = 5;
