//! Credentials of every kind, against a stand-in for whoever gives tokens. The emulator takes one token only, so that
//! a story comes to a good end with the right one and no other. None of the secrets on the way may be read anywhere.

mod accidents;
mod leaks;
mod stage;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::harness::{Emulator, StandIn};
use stage::{ACCOUNT, BORROWED, MINTED, NOBODY, REFRESH, Story, THEIRS};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_persons_sign_in_by_path_by_json_and_where_gcloud_leaves_it() {
    let story = Story::taking(MINTED);
    let document = story.write("sign-in.json", &story.sign_in());
    story.applies(&[("GOOGLE_CREDENTIALS", &document)]);
    story.applies(&[("GOOGLE_CREDENTIALS", &story.sign_in().to_string())]);
    story.applies(&[("GOOGLE_APPLICATION_CREDENTIALS", &document)]);
    let gcloud = story.terraform.folder().join("home/.config/gcloud");
    fs::create_dir_all(&gcloud).expect("the home is there");
    fs::copy(&document, gcloud.join("application_default_credentials.json")).expect("it can be copied");
    story.applies(&[]);
    assert!(
        story
            .asked("POST /token")
            .iter()
            .all(|asked| asked.body.contains(REFRESH))
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_workforce_persons_sign_in() {
    let story = Story::taking(MINTED);
    let mut document = story.sign_in();
    document["type"] = json!("external_account_authorized_user");
    document["token_url"] = json!(format!("{}/oauthtoken", story.tokens.address()));
    story.applies(&[("GOOGLE_CREDENTIALS", &document.to_string())]);
    assert_eq!(story.asked("POST /oauthtoken").len(), story.tokens.asked().len());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_service_account_key_asks_nobody_for_its_token() {
    let cloud = Emulator::start();
    let story = Story::with(cloud);
    let key = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/cloudrun/testdata/service-account.json"
    );
    let key = fs::read_to_string(key).expect("the key of the tests");
    let key: Value = serde_json::from_str(&key.replace("TOKEN_URI", "https://oauth2.googleapis.com/token"))
        .expect("a key is JSON");
    let file = story.write("key.json", &key);
    story.applies(&[("GOOGLE_APPLICATION_CREDENTIALS", &file)]);
    story.configure(&format!("credentials = {file:?}"));
    story.applies(&[]);
    story.configure("credentials = var.key");
    story.terraform.write(
        "variable.tf",
        "variable \"key\" {\n  type = string\n  sensitive = true\n}\n",
    );
    story.applies(&[("TF_VAR_key", &key.to_string())]);
    assert!(story.tokens.asked().is_empty());
    let pem = key["private_key"].as_str().expect("a key has one");
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

    let script = story.terraform.folder().join("their-token");
    let said = json!({ "version": 1, "success": true, "token_type": "urn:ietf:params:oauth:token-type:id_token",
        "id_token": THEIRS });
    fs::write(&script, format!("#!/bin/sh\ncat <<'END'\n{said}\nEND\n")).expect("the folder takes files");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it is ours");
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

    let programs = story.terraform.folder().join("programs");
    fs::create_dir(&programs).expect("the folder takes folders");
    let gcloud = programs.join("gcloud");
    fs::write(
        &gcloud,
        format!("#!/bin/sh\n[ \"$1 $2\" = 'auth print-access-token' ] && echo {MINTED}\n"),
    )
    .expect("the folder takes files");
    fs::set_permissions(&gcloud, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let path = format!(
        "{}:{}",
        programs.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    story.applies(&[("GCE_METADATA_HOST", NOBODY), ("PATH", &path)]);

    // One that is there and gives nothing is told: gcloud's may be somebody else.
    let refusing = StandIn::new(|_| (403, json!("no account of yours")));
    story
        .apply(&[("GCE_METADATA_HOST", refusing.host()), ("PATH", &path)])
        .fails_with("could be had with the metadata server")
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

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_credential_that_cannot_work_says_why_before_any_job_is_touched() {
    let story = Story::taking(MINTED);
    let (sign_in, address) = (story.sign_in(), story.tokens.address().to_owned());
    let mut without = sign_in.clone();
    without["refresh_token"] = json!("");
    let file = story.write("without.json", &without);
    let mut revoked = sign_in.clone();
    revoked["token_uri"] = json!(format!("{address}/revoked"));
    let misnamed = story.federated(json!({ "url": format!("{address}/identity"),
        "format": { "type": "json", "subject_token_field_name": "token" } }));
    let iam = format!("{address}/denied/");
    for (variables, words) in [
        (vec![("GOOGLE_CREDENTIALS", file.as_str())], "without.json"),
        (
            vec![("GOOGLE_CREDENTIALS", file.as_str())],
            "refresh_token is missing",
        ),
        (
            vec![("GOOGLE_CREDENTIALS", "/nonexistent/key.json")],
            "/nonexistent/key.json",
        ),
        (
            vec![("GOOGLE_CREDENTIALS", &revoked.to_string())],
            "Token has been expired or revoked.",
        ),
        (
            vec![("GOOGLE_CREDENTIALS", &misnamed.to_string())],
            "subject token field `token`",
        ),
        (
            vec![
                ("GOOGLE_OAUTH_ACCESS_TOKEN", MINTED),
                ("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", ACCOUNT),
                ("GOOGLE_IAM_CREDENTIALS_CUSTOM_ENDPOINT", &iam),
            ],
            "roles/iam.serviceAccountTokenCreator",
        ),
        (
            vec![("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", "me")],
            "must be given by its e-mail address",
        ),
        (
            vec![("GCE_METADATA_HOST", NOBODY), ("PATH", "/nonexistent")],
            "no credentials were found",
        ),
    ] {
        let run = story.apply(&variables);
        run.fails_with(words);
        assert_eq!(story.cloud.lines(), Vec::<String>::new(), "{words}");
    }
    story.nobody_reads(THEIRS);
}
