//! Each type of credentials creates and destroys a job, against a mock of the token endpoints. The emulator accepts a single
//! token, and no secret may appear in logs, state or output.

mod echoed_requests;
mod fixtures;

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::harness::{Emulator, MockServer};
use fixtures::{
    ACCOUNT, Fixture, IMPERSONATED_TOKEN, REFRESH_TOKEN, SOURCE_TOKEN, SUBJECT_TOKEN, UNUSED_ADDRESS,
};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn authorized_user_and_workforce_credentials() {
    let fixture = Fixture::with_token(SOURCE_TOKEN);
    fixture.assert_applies(&[("GOOGLE_CREDENTIALS", &fixture.authorized_user().to_string())]);
    let document = fixture.write("authorized-user.json", &fixture.authorized_user());
    let gcloud = fixture.terraform.folder().join("home/.config/gcloud");
    fs::create_dir_all(&gcloud).expect("the home is writable");
    fs::copy(&document, gcloud.join("application_default_credentials.json")).expect("the file can be copied");
    fixture.assert_applies(&[]);
    fs::write(gcloud.join("application_default_credentials.json"), "Bearer t").expect("the home is writable");
    fixture
        .apply(&[])
        .fails_with("Run gcloud auth application-default login again.");
    let requests = fixture.requests("POST /token");
    let refresh = REFRESH_TOKEN.replace('/', "%2F");
    assert!(requests.iter().all(|request| request.body.contains(&refresh)));

    let mut document = fixture.authorized_user();
    document["type"] = json!("external_account_authorized_user");
    document["token_url"] = json!(format!("{}/oauthtoken", fixture.token_server.address()));
    fixture.assert_applies(&[("GOOGLE_CREDENTIALS", &document.to_string())]);
    assert!(!fixture.requests("POST /oauthtoken").is_empty());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn service_account_key_signs_its_own_token() {
    let fixture = Fixture::new(Emulator::start());
    let (key, pem) = key();
    let file = fixture.write("key.json", &key);
    fixture.assert_applies(&[("GOOGLE_APPLICATION_CREDENTIALS", &file)]);
    fixture.configure_credentials();
    // Line breaks that are escaped twice.
    let escaped = key.to_string().replace("\\n", "\\\\n");
    fixture.assert_applies(&[("TF_VAR_key", &escaped)]);
    assert!(fixture.token_server.requests().is_empty());
    for line in pem.lines().filter(|line| line.len() > 40) {
        fixture.assert_redacted(line);
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn external_account_from_file_url_and_executable() {
    let fixture = Fixture::with_token(SOURCE_TOKEN);
    let address = fixture.token_server.address().to_owned();
    let token = fixture.write("subject-token.json", &json!({ "id_token": SUBJECT_TOKEN }));
    let format = json!({ "type": "json", "subject_token_field_name": "id_token" });
    let file = fixture.external_account(json!({ "file": token, "format": format }));
    fixture.assert_applies(&[("GOOGLE_CREDENTIALS", &file.to_string())]);

    let url = fixture.external_account(json!({
        "url": format!("{address}/identity"), "headers": { "Authorization": "Basic dGhlaXJzOm5vYm9keS1tYXktcHJpbnQ=" }, "format": format
    }));
    fixture.assert_applies(&[("GOOGLE_CREDENTIALS", &url.to_string())]);
    assert!(!fixture.requests("GET /identity").is_empty());

    let response = json!({ "version": 1, "success": true, "token_type": "urn:ietf:params:oauth:token-type:id_token",
        "id_token": SUBJECT_TOKEN });
    let script = fixture.write_program("subject-token", &format!("cat <<'END'\n{response}\nEND"));
    let document = fixture
        .external_account(json!({ "executable": { "command": script } }))
        .to_string();
    fixture.assert_applies(&[
        ("GOOGLE_CREDENTIALS", &document),
        ("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1"),
    ]);
    fixture
        .apply(&[("GOOGLE_CREDENTIALS", &document)])
        .fails_with("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES");
    assert!(
        fixture
            .requests("POST /sts")
            .iter()
            .all(|request| request.body.contains(SUBJECT_TOKEN))
    );
    fixture.assert_redacted(SUBJECT_TOKEN);
    fixture.assert_redacted("dGhlaXJzOm5vYm9keS1tYXktcHJpbnQ=");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn impersonation_from_credential_document() {
    let fixture = Fixture::with_token(IMPERSONATED_TOKEN);
    let url = format!(
        "{}/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken",
        fixture.token_server.address()
    );
    let token = fixture.write("subject-token.json", &json!({ "id_token": SUBJECT_TOKEN }));
    let format = json!({ "type": "json", "subject_token_field_name": "id_token" });
    let mut external_account = fixture.external_account(json!({ "file": token, "format": format }));
    external_account["service_account_impersonation_url"] = json!(url);
    fixture.assert_applies(&[("GOOGLE_CREDENTIALS", &external_account.to_string())]);

    let document = json!({
        "type": "impersonated_service_account", "service_account_impersonation_url": url,
        "source_credentials": fixture.authorized_user(), "delegates": ["projects/-/serviceAccounts/between@acme-batch.iam.gserviceaccount.com"]
    });
    fixture.assert_applies(&[("GOOGLE_CREDENTIALS", &document.to_string())]);
    let requests = fixture.requests("POST /v1/");
    assert!(
        requests
            .iter()
            .all(|request| request.has_header(&format!("authorization: Bearer {SOURCE_TOKEN}")))
    );
    assert!(
        requests
            .last()
            .expect("a request")
            .body
            .contains("between@acme-batch")
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn impersonation_from_provider_argument() {
    let fixture = Fixture::with_token(IMPERSONATED_TOKEN);
    let endpoint = format!("{}/v1/", fixture.token_server.address());
    let source = [
        ("GOOGLE_OAUTH_ACCESS_TOKEN", SOURCE_TOKEN),
        ("GOOGLE_IAM_CREDENTIALS_CUSTOM_ENDPOINT", &endpoint),
    ];
    let variable = ("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", ACCOUNT);
    fixture.assert_applies(&[source[0], source[1], variable]);
    fixture.configure(&format!(
        "impersonate_service_account = \"{ACCOUNT}\"\nimpersonate_service_account_delegates = \
         [\"between@acme-batch.iam.gserviceaccount.com\"]"
    ));
    fixture.assert_applies(&source);
    let requests = fixture.token_server.requests();
    assert!(requests[0].line.contains(ACCOUNT), "{requests:?}");
    assert!(
        requests
            .iter()
            .all(|request| request.has_header(&format!("authorization: Bearer {SOURCE_TOKEN}")))
    );
    let body = &requests.last().expect("a request").body;
    assert!(
        body.contains("projects/-/serviceAccounts/between@acme-batch"),
        "{body}"
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn metadata_server_then_gcloud() {
    let fixture = Fixture::with_token(SOURCE_TOKEN);
    fixture.assert_applies(&[("GCE_METADATA_HOST", fixture.token_server.host())]);
    let requests = fixture.requests("GET /computeMetadata/v1/instance/service-accounts/default/token");
    assert!(requests[0].has_header("metadata-flavor: Google"), "{requests:?}");

    fixture.write_program(
        "gcloud",
        &format!("[ \"$1 $2\" = 'auth print-access-token' ] && echo {SOURCE_TOKEN}"),
    );
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", fixture.terraform.folder().display());
    fixture.assert_applies(&[("GCE_METADATA_HOST", UNUSED_ADDRESS), ("PATH", &path)]);

    // There is no fallback from a metadata server that refuses: gcloud may use another account.
    let refusing = MockServer::new(|_| (403, json!("no such account")));
    fixture
        .apply(&[("GCE_METADATA_HOST", refusing.host()), ("PATH", &path)])
        .fails_with("could not get an access token with the metadata server")
        .prints("gcloud auth application-default login");
    assert!(fixture.emulator.jobs().is_empty());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn access_token_from_file() {
    let fixture = Fixture::with_token(SOURCE_TOKEN);
    let file = fixture.terraform.folder().join("token");
    fs::write(&file, format!("{SOURCE_TOKEN}\n")).expect("the folder is writable");
    fixture.assert_applies(&[("GOOGLE_OAUTH_ACCESS_TOKEN", &file.display().to_string())]);
}

/// Each is rejected before any request to Cloud Run, without quoting it.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn invalid_credentials_are_not_printed() {
    const CREDENTIALS: &str = "GOOGLE_CREDENTIALS";
    const FILE: &str = "GOOGLE_APPLICATION_CREDENTIALS";
    const TOKEN: &str = "GOOGLE_OAUTH_ACCESS_TOKEN";
    let fixture = Fixture::with_token(SOURCE_TOKEN);
    let (key, pem) = key();
    let (document, address) = (key.to_string(), fixture.token_server.address().to_owned());
    let encoded = STANDARD.encode(&document);
    let mut revoked = fixture.authorized_user();
    revoked["token_uri"] = json!(format!("{address}/revoked"));
    let misnamed = fixture.external_account(json!({ "url": format!("{address}/identity"),
        "format": { "type": "json", "subject_token_field_name": "token" } }));
    let mut damaged = key.clone();
    damaged["private_key"] = json!(pem.replacen("MII", "", 1));
    let damaged = fixture.write("damaged.json", &damaged);
    let pipe = fixture.terraform.folder().join("pipe.json").display().to_string();
    let status = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(status.expect("mkfifo runs").success());
    for (variable, value, expected) in [
        (CREDENTIALS, encoded.as_str(), "got JSON in base64"),
        (CREDENTIALS, &pem, "got a key or certificate in PEM"),
        (CREDENTIALS, SOURCE_TOKEN, "got an access token"),
        (
            CREDENTIALS,
            &document[..document.len() / 2],
            "got EOF while parsing a string",
        ),
        (CREDENTIALS, "/nonexistent/key.json", "/nonexistent/key.json"),
        (
            CREDENTIALS,
            &revoked.to_string(),
            "Token has been expired or revoked.",
        ),
        (
            CREDENTIALS,
            &misnamed.to_string(),
            "the token in the field `token`",
        ),
        (FILE, &damaged, "private_key must be an RSA key"),
        (FILE, &document, "must be the path of a credential file, got JSON"),
        (FILE, &pipe, "must be a regular file, got a named pipe"),
        (
            TOKEN,
            &format!("{SOURCE_TOKEN}\nrest"),
            "got a line break (U+000A) at character",
        ),
    ] {
        fixture.apply(&[(variable, value)]).fails_with(expected);
    }
    let iam = format!("{address}/denied/");
    for (variables, expected) in [
        (
            vec![
                (TOKEN, SOURCE_TOKEN),
                ("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", ACCOUNT),
                ("GOOGLE_IAM_CREDENTIALS_CUSTOM_ENDPOINT", &*iam),
            ],
            "roles/iam.serviceAccountTokenCreator",
        ),
        (
            vec![("GCE_METADATA_HOST", UNUSED_ADDRESS), ("PATH", "/nonexistent")],
            "could not find default credentials",
        ),
    ] {
        fixture.apply(&variables).fails_with(expected);
    }
    fixture.configure_credentials();
    fixture
        .apply(&[("TF_VAR_key", &encoded)])
        .fails_with("Invalid credentials");
    assert_eq!(fixture.emulator.request_lines(), Vec::<String>::new());
    let lines = pem.lines().filter(|line| line.len() > 40).map(str::to_owned);
    let parts = encoded
        .as_bytes()
        .chunks(50)
        .map(|part| String::from_utf8_lossy(part).into_owned());
    for secret in lines
        .chain(parts)
        .chain([SOURCE_TOKEN.to_owned(), SUBJECT_TOKEN.to_owned()])
    {
        fixture.assert_redacted(&secret);
    }
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn interrupt_kills_credential_executable() {
    let mut fixture = Fixture::with_token(SOURCE_TOKEN);
    let ids = fixture.terraform.folder().join("ids");
    let script = format!(
        "sleep 1000 & echo $! >> {0}\nsleep 1000 & echo $! >> {0}\necho $$ >> {0}\nwait",
        ids.display()
    );
    let executable =
        json!({ "command": fixture.write_program("hanging-program", &script), "timeout_millis": 50_000 });
    let document = fixture.external_account(json!({ "executable": executable }));
    fixture.terraform.set("GOOGLE_CREDENTIALS", &document.to_string());
    fixture
        .terraform
        .set("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    let apply = fixture
        .terraform
        .start(&["apply", "-auto-approve", "-input=false"])
        .wait_until("the program has started its children", || {
            fs::read_to_string(&ids).is_ok_and(|ids| ids.lines().count() == 3)
        });
    apply.interrupt();
    let run = apply.finish();
    assert!(run.code != Some(0), "{run}");
    // Killed processes take a moment to disappear.
    for id in fs::read_to_string(&ids).expect("the program has run").lines() {
        let start = std::time::Instant::now();
        while fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
            assert!(start.elapsed().as_secs() < 60, "process {id} still runs");
            std::thread::yield_now();
        }
    }
}

/// The service account key for tests, and its private key.
fn key() -> (Value, String) {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/crates/cloud-run/src/testdata/service-account.json"
    );
    let text = fs::read_to_string(file).expect("the test key");
    let document: Value = serde_json::from_str(&text).expect("a key is JSON");
    let pem = document["private_key"]
        .as_str()
        .expect("a private key")
        .to_owned();
    (document, pem)
}
