//! Whoever is asked for a token may quote the request, answer with too much, or hang: no secret turns up anywhere, and no
//! secret goes elsewhere.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::stage::{ACCOUNT, BORROWED, CLIENT, MINTED, SECRETS, Story, THEIRS};
use crate::harness::{Asked, Proxy, StandIn};

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

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn no_proxy_hears_a_secret_in_clear_text() {
    let story = Story::taking(MINTED);
    let proxy = Proxy::refusing("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
    let address = format!("http://{}", proxy.address());
    let proxies = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"].map(|name| (name, address.as_str()));
    let beside = |more: &[(&'static str, &str)]| story.applies(&[&proxies, more].concat());
    let format = json!({ "type": "json", "subject_token_field_name": "id_token" });
    let federated =
        story.federated(json!({ "url": format!("{}/identity", story.tokens.address()), "format": format }));
    let mut localhost = story.sign_in();
    localhost["token_uri"] = json!(format!(
        "{}/token",
        story.tokens.address().replace("127.0.0.1", "localhost")
    ));
    for document in [story.sign_in(), localhost, federated] {
        beside(&[("GOOGLE_CREDENTIALS", &document.to_string())]);
    }
    beside(&[("GCE_METADATA_HOST", story.tokens.host())]);
    assert_eq!(proxy.asked(), Vec::<String>::new());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn whatever_is_said_of_a_lifetime_a_job_is_made() {
    let mut story = Story::taking(MINTED);
    let lifetime: Arc<Mutex<Value>> = Arc::default();
    let said = Arc::clone(&lifetime);
    story.answers(move |asked, (status, mut granted)| {
        if asked.line.starts_with("POST /token") || asked.line.starts_with("GET /computeMetadata/") {
            granted["expires_in"] = said.lock().expect("no panic before").clone();
        }
        (status, granted)
    });
    for value in [
        json!(9_223_372_036_854_775_808_u64),
        json!(-1),
        json!(0.5),
        json!("soon"),
        Value::Null,
    ] {
        *lifetime.lock().expect("no panic before") = value;
        story.applies(&[("GOOGLE_CREDENTIALS", &story.sign_in().to_string())]);
        story.applies(&[("GCE_METADATA_HOST", story.tokens.host())]);
    }
    // One for each provider that needs some, and no more: three commands, two of which refresh first.
    let asked = story.tokens.asked().len();
    assert!(asked <= 5 * 2 * 5, "{asked} tokens were asked for");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_answer_that_fills_the_memory_is_not_read_whole() {
    let mut story = Story::taking(MINTED);
    let is_large = Arc::new(AtomicBool::new(true));
    let large = Arc::clone(&is_large);
    story.answers(move |_, (status, mut granted)| {
        if large.load(Ordering::Relaxed) {
            granted["padding"] = json!("x".repeat(200 << 20));
        }
        (status, granted)
    });
    let variables = [("GOOGLE_CREDENTIALS", story.sign_in().to_string())];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    story.apply(&variables).fails_with("it is longer than 1 MiB");
    story.nobody_reads(MINTED);
    is_large.store(false, Ordering::Relaxed);
    story.applies(&variables);
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_program_that_hangs_is_ended_with_its_children_and_named() {
    let story = Story::taking(MINTED);
    let (document, ids) = hanging(&story, 5000);
    story
        .apply(&[
            ("GOOGLE_CREDENTIALS", &document.to_string()),
            ("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1"),
        ])
        .fails_with("hanging-program")
        .says("must end within 5 seconds");
    let started = fs::read_to_string(&ids).expect("it has run");
    assert_eq!(started.matches("run").count(), 1, "it was run once: {started}");
    all_end(&ids);
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn ctrl_c_ends_a_program_with_its_children() {
    let mut story = Story::taking(MINTED);
    let (document, ids) = hanging(&story, 50_000);
    story.terraform.set("GOOGLE_CREDENTIALS", &document.to_string());
    story
        .terraform
        .set("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    let apply = story
        .terraform
        .start(&["apply", "-auto-approve", "-input=false"])
        .wait_until("the program has started others", || {
            fs::read_to_string(&ids).is_ok_and(|ids| ids.lines().count() == 4)
        });
    apply.interrupt();
    let run = apply.finish();
    assert!(run.code != Some(0), "{run}");
    all_end(&ids);
}

/// Credentials by a program that never ends, and a file with the ids of what it starts.
#[cfg(target_os = "linux")]
fn hanging(story: &Story, timeout_millis: u32) -> (Value, std::path::PathBuf) {
    let ids = story.terraform.folder().join("ids");
    let file = ids.display();
    let script = format!(
        "echo run $$ >> {file}\n(sleep 1000 & echo child $! >> {file}; wait) &\necho child $! >> {file}\n\
         sleep 1000 &\necho child $! >> {file}\nwait"
    );
    let program = program(story, "hanging-program", &script);
    let executable = json!({ "command": program, "timeout_millis": timeout_millis });
    (story.federated(json!({ "executable": executable })), ids)
}

/// Waits until none of these processes is there: they were killed, which takes the system a moment.
#[cfg(target_os = "linux")]
fn all_end(ids: &std::path::Path) {
    let started = fs::read_to_string(ids).expect("it has run");
    for id in started.lines().filter_map(|line| line.split(' ').nth(1)) {
        let runs = || {
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            !stat.is_empty() && !stat.contains(") Z ")
        };
        let start = std::time::Instant::now();
        while runs() {
            assert!(start.elapsed().as_secs() < 60, "{id} is still there: {started}");
            std::thread::yield_now();
        }
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_program_that_fails_is_quoted_without_its_tokens() {
    let story = Story::taking(MINTED);
    for (name, script, words) in [
        (
            "failing-program",
            format!("echo 'debug: token {THEIRS}' >&2\necho 'no session: run acme login' >&2\nexit 1"),
            "no session: run acme login",
        ),
        (
            "reporting-program",
            format!(
                "echo '{}'",
                json!({ "success": false, "code": "401", "message": format!("not with {THEIRS}") })
            ),
            "401 not with",
        ),
        (
            "half-failing-program",
            format!(
                "echo '{}'\necho 'lost {THEIRS}' >&2\nexit 3",
                json!({ "success": true, "id_token": THEIRS })
            ),
            "exit status: 3",
        ),
    ] {
        let program = program(&story, name, &script);
        let document = story.federated(json!({ "executable": { "command": program } }));
        story
            .apply(&[
                ("GOOGLE_CREDENTIALS", &document.to_string()),
                ("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1"),
            ])
            .fails_with(words)
            .says(name);
        story.nobody_reads(THEIRS);
    }
}

/// Writes a program; its path.
fn program(story: &Story, name: &str, script: &str) -> String {
    let path = story.terraform.folder().join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("the folder takes files");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    path.display().to_string()
}

/// What a subject token is asked for with.
const HEADER: &str = "gh-request+token/nobody-may-print==";
/// The forms in which a gateway quotes.
const FORMS: usize = 5;
