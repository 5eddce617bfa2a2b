//! Each kind of credentials makes and destroys a job, against a stand-in for the token endpoints. The emulator accepts one
//! token only, and no secret may be read anywhere.

mod echoed_requests;
mod fixtures;

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::harness::{Emulator, StandIn};
use fixtures::{ACCOUNT, BORROWED, MINTED, NOBODY, REFRESH, Story, THEIRS};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_sign_in_with_google_or_a_workforce_pool() {
    let story = Story::taking(MINTED);
    story.applies(&[("GOOGLE_CREDENTIALS", &story.sign_in().to_string())]);
    let document = story.write("sign-in.json", &story.sign_in());
    let gcloud = story.terraform.folder().join("home/.config/gcloud");
    fs::create_dir_all(&gcloud).expect("the home is there");
    fs::copy(&document, gcloud.join("application_default_credentials.json")).expect("it can be copied");
    story.applies(&[]);
    let asked = story.asked("POST /token");
    let refresh = REFRESH.replace('/', "%2F");
    assert!(asked.iter().all(|asked| asked.body.contains(&refresh)));

    let mut document = story.sign_in();
    document["type"] = json!("external_account_authorized_user");
    document["token_url"] = json!(format!("{}/oauthtoken", story.tokens.address()));
    story.applies(&[("GOOGLE_CREDENTIALS", &document.to_string())]);
    assert!(!story.asked("POST /oauthtoken").is_empty());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_service_account_key_needs_no_request_for_its_token() {
    let story = Story::with(Emulator::start());
    let (key, pem) = key();
    let file = story.write("key.json", &key);
    story.applies(&[("GOOGLE_APPLICATION_CREDENTIALS", &file)]);
    story.configure_credentials();
    // Line breaks that were escaped once too often.
    let twice = key.to_string().replace("\\n", "\\\\n");
    story.applies(&[("TF_VAR_key", &twice)]);
    assert!(story.tokens.asked().is_empty());
    for line in pem.lines().filter(|line| line.len() > 40) {
        story.nobody_reads(line);
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_federated_token_out_of_a_file_from_an_address_and_of_a_program() {
    let story = Story::taking(MINTED);
    let address = story.tokens.address().to_owned();
    let token = story.write("theirs.json", &json!({ "id_token": THEIRS }));
    let format = json!({ "type": "json", "subject_token_field_name": "id_token" });
    let file = story.federated(json!({ "file": token, "format": format }));
    story.applies(&[("GOOGLE_CREDENTIALS", &file.to_string())]);

    let url = story.federated(json!({
        "url": format!("{address}/identity"), "headers": { "Authorization": "Basic dGhlaXJzOm5vYm9keS1tYXktcHJpbnQ=" }, "format": format
    }));
    story.applies(&[("GOOGLE_CREDENTIALS", &url.to_string())]);
    assert!(!story.asked("GET /identity").is_empty());

    let said = json!({ "version": 1, "success": true, "token_type": "urn:ietf:params:oauth:token-type:id_token",
        "id_token": THEIRS });
    let script = story.program("their-token", &format!("cat <<'END'\n{said}\nEND"));
    let program = story
        .federated(json!({ "executable": { "command": script } }))
        .to_string();
    story.applies(&[
        ("GOOGLE_CREDENTIALS", &program),
        ("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1"),
    ]);
    story
        .apply(&[("GOOGLE_CREDENTIALS", &program)])
        .fails_with("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES");
    assert!(
        story
            .asked("POST /sts")
            .iter()
            .all(|asked| asked.body.contains(THEIRS))
    );
    story.nobody_reads(THEIRS);
    story.nobody_reads("dGhlaXJzOm5vYm9keS1tYXktcHJpbnQ=");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn another_account_on_the_word_of_a_document() {
    let story = Story::taking(BORROWED);
    let url = format!(
        "{}/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken",
        story.tokens.address()
    );
    let token = story.write("theirs.json", &json!({ "id_token": THEIRS }));
    let format = json!({ "type": "json", "subject_token_field_name": "id_token" });
    let mut federated = story.federated(json!({ "file": token, "format": format }));
    federated["service_account_impersonation_url"] = json!(url);
    story.applies(&[("GOOGLE_CREDENTIALS", &federated.to_string())]);

    let document = json!({
        "type": "impersonated_service_account", "service_account_impersonation_url": url,
        "source_credentials": story.sign_in(), "delegates": ["projects/-/serviceAccounts/between@acme-batch.iam.gserviceaccount.com"]
    });
    story.applies(&[("GOOGLE_CREDENTIALS", &document.to_string())]);
    let asked = story.asked("POST /v1/");
    assert!(
        asked
            .iter()
            .all(|asked| asked.has_header(&format!("authorization: Bearer {MINTED}")))
    );
    assert!(
        asked
            .last()
            .expect("it was asked")
            .body
            .contains("between@acme-batch")
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn another_account_on_the_word_of_the_provider() {
    let story = Story::taking(BORROWED);
    let endpoint = format!("{}/v1/", story.tokens.address());
    let own = [
        ("GOOGLE_OAUTH_ACCESS_TOKEN", MINTED),
        ("GOOGLE_IAM_CREDENTIALS_CUSTOM_ENDPOINT", &endpoint),
    ];
    let variable = ("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", ACCOUNT);
    story.applies(&[own[0], own[1], variable]);
    story.configure(&format!(
        "impersonate_service_account = \"{ACCOUNT}\"\nimpersonate_service_account_delegates = \
         [\"between@acme-batch.iam.gserviceaccount.com\"]"
    ));
    story.applies(&own);
    let asked = story.tokens.asked();
    assert!(asked[0].line.contains(ACCOUNT), "{asked:?}");
    assert!(
        asked
            .iter()
            .all(|asked| asked.has_header(&format!("authorization: Bearer {MINTED}")))
    );
    let body = &asked.last().expect("it was asked").body;
    assert!(
        body.contains("projects/-/serviceAccounts/between@acme-batch"),
        "{body}"
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_metadata_server_and_where_there_is_none_gcloud() {
    let story = Story::taking(MINTED);
    story.applies(&[("GCE_METADATA_HOST", story.tokens.host())]);
    let asked = story.asked("GET /computeMetadata/v1/instance/service-accounts/default/token");
    assert!(asked[0].has_header("metadata-flavor: Google"), "{asked:?}");

    story.program(
        "gcloud",
        &format!("[ \"$1 $2\" = 'auth print-access-token' ] && echo {MINTED}"),
    );
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", story.terraform.folder().display());
    story.applies(&[("GCE_METADATA_HOST", NOBODY), ("PATH", &path)]);

    // One that is there and gives nothing is told: gcloud's may be somebody else.
    let refusing = StandIn::new(|_| (403, json!("no account of yours")));
    story
        .apply(&[("GCE_METADATA_HOST", refusing.host()), ("PATH", &path)])
        .fails_with("could not get an access token with the metadata server")
        .says("gcloud auth application-default login");
    assert!(story.cloud.jobs().is_empty());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_access_token_out_of_a_file() {
    let story = Story::taking(MINTED);
    let file = story.terraform.folder().join("token");
    fs::write(&file, format!("{MINTED}\n")).expect("the folder takes files");
    story.applies(&[("GOOGLE_OAUTH_ACCESS_TOKEN", &file.display().to_string())]);
}

/// Each is refused before any request to Cloud Run, and none is quoted.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn credentials_that_cannot_work_are_named_and_never_shown() {
    const CREDENTIALS: &str = "GOOGLE_CREDENTIALS";
    const FILE: &str = "GOOGLE_APPLICATION_CREDENTIALS";
    const TOKEN: &str = "GOOGLE_OAUTH_ACCESS_TOKEN";
    let story = Story::taking(MINTED);
    let (key, pem) = key();
    let (whole, address) = (key.to_string(), story.tokens.address().to_owned());
    let encoded = STANDARD.encode(&whole);
    let mut revoked = story.sign_in();
    revoked["token_uri"] = json!(format!("{address}/revoked"));
    let misnamed = story.federated(json!({ "url": format!("{address}/identity"),
        "format": { "type": "json", "subject_token_field_name": "token" } }));
    let mut damaged = key.clone();
    damaged["private_key"] = json!(pem.replacen("MII", "", 1));
    let damaged = story.write("damaged.json", &damaged);
    let pipe = story.terraform.folder().join("pipe.json").display().to_string();
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    for (variable, given, words) in [
        (CREDENTIALS, encoded.as_str(), "got JSON in base64"),
        (CREDENTIALS, &pem, "got a key or certificate in PEM"),
        (CREDENTIALS, MINTED, "got an access token"),
        (
            CREDENTIALS,
            &whole[..whole.len() / 2],
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
            "the token in its field `token`",
        ),
        (FILE, &damaged, "private_key must be an RSA key"),
        (
            FILE,
            &whole,
            "must be the path of a file with a credential document, got JSON.",
        ),
        (FILE, &pipe, "must be a regular file, got a named pipe"),
        (
            TOKEN,
            &format!("{MINTED}\nhush"),
            "got a line break (U+000A) at character",
        ),
    ] {
        story.apply(&[(variable, given)]).fails_with(words);
    }
    let iam = format!("{address}/denied/");
    for (variables, words) in [
        (
            vec![
                (TOKEN, MINTED),
                ("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", ACCOUNT),
                ("GOOGLE_IAM_CREDENTIALS_CUSTOM_ENDPOINT", &*iam),
            ],
            "roles/iam.serviceAccountTokenCreator",
        ),
        (
            vec![("GCE_METADATA_HOST", NOBODY), ("PATH", "/nonexistent")],
            "no credentials were found",
        ),
    ] {
        story.apply(&variables).fails_with(words);
    }
    story.configure_credentials();
    story
        .apply(&[("TF_VAR_key", &encoded)])
        .fails_with("Unusable credentials");
    assert_eq!(story.cloud.lines(), Vec::<String>::new());
    let lines = pem.lines().filter(|line| line.len() > 40).map(str::to_owned);
    let parts = encoded
        .as_bytes()
        .chunks(50)
        .map(|part| String::from_utf8_lossy(part).into_owned());
    for secret in lines.chain(parts).chain([MINTED.to_owned(), THEIRS.to_owned()]) {
        story.nobody_reads(&secret);
    }
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn ctrl_c_kills_a_credential_program_with_its_children() {
    let mut story = Story::taking(MINTED);
    let ids = story.terraform.folder().join("ids");
    let script = format!(
        "sleep 1000 & echo $! >> {0}\nsleep 1000 & echo $! >> {0}\necho $$ >> {0}\nwait",
        ids.display()
    );
    let executable =
        json!({ "command": story.program("hanging-program", &script), "timeout_millis": 50_000 });
    let document = story.federated(json!({ "executable": executable }));
    story.terraform.set("GOOGLE_CREDENTIALS", &document.to_string());
    story
        .terraform
        .set("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    let apply = story
        .terraform
        .start(&["apply", "-auto-approve", "-input=false"])
        .wait_until("the program has started others", || {
            fs::read_to_string(&ids).is_ok_and(|ids| ids.lines().count() == 3)
        });
    apply.interrupt();
    let run = apply.finish();
    assert!(run.code != Some(0), "{run}");
    // They were killed, which takes the system a moment.
    for id in fs::read_to_string(&ids).expect("it has run").lines() {
        let start = std::time::Instant::now();
        while fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
            assert!(start.elapsed().as_secs() < 60, "{id} is still there");
            std::thread::yield_now();
        }
    }
}

/// The key of the tests: the document, and the private key in it.
fn key() -> (Value, String) {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/crates/cloud-run/src/testdata/service-account.json"
    );
    let text = fs::read_to_string(file).expect("the key of the tests");
    let document: Value = serde_json::from_str(&text).expect("a key is JSON");
    let pem = document["private_key"]
        .as_str()
        .expect("a key has one")
        .to_owned();
    (document, pem)
}
