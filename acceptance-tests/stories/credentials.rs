//! Credentials of every kind, against a stand-in for whoever gives tokens. The emulator takes one token only, so that
//! a story comes to a good end with the right one and no other. None of the secrets on the way may be read anywhere.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::{RENDER, job};
use crate::harness::{Asked, Emulator, Run, StandIn, Terraform};

/// What whoever gives tokens gives, what it is given for it, and what the impersonated account's is.
const MINTED: &str = "ya29.minted-token-nobody-may-print";
const BORROWED: &str = "ya29.borrowed-token-nobody-may-print";
const REFRESH: &str = "1//refresh-token-nobody-may-print";
const CLIENT: &str = "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nt";
const THEIRS: &str = "eyJ.their-token-nobody-may-print.sig";
const ACCOUNT: &str = "deployer@acme-batch.iam.gserviceaccount.com";

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
            "named by its address",
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

/// An emulator, whoever gives tokens, and a working directory without credentials.
struct Story {
    cloud: Emulator,
    tokens: StandIn,
    terraform: Terraform,
    /// What was said in all runs so far.
    said: std::cell::RefCell<String>,
}

impl Story {
    /// An emulator that takes this token only.
    fn taking(token: &str) -> Self {
        Self::with(Emulator::with(&["--token", token, "--operation-time", "20ms"]))
    }

    fn with(cloud: Emulator) -> Self {
        let mut terraform = super::terraform().against(&cloud);
        terraform.unset("GOOGLE_OAUTH_ACCESS_TOKEN");
        terraform.set("TF_LOG", "TRACE");
        terraform.set("TF_LOG_PATH", "trace.log");
        terraform.write("main.tf", &job(""));
        terraform.init().succeeds();
        Self {
            cloud,
            tokens: StandIn::new(give),
            terraform,
            said: std::cell::RefCell::default(),
        }
    }

    fn sign_in(&self) -> Value {
        json!({
            "type": "authorized_user", "client_id": "client", "client_secret": CLIENT, "refresh_token": REFRESH,
            "token_uri": format!("{}/token", self.tokens.address())
        })
    }

    fn federated(&self, source: Value) -> Value {
        json!({
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/p",
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
            "token_url": format!("{}/sts", self.tokens.address()), "credential_source": source
        })
    }

    /// Writes a document; its path.
    fn write(&self, file: &str, document: &Value) -> String {
        self.terraform.write(file, &document.to_string());
        self.terraform.folder().join(file).display().to_string()
    }

    fn configure(&self, arguments: &str) {
        self.terraform.write(
            "provider.tf",
            &format!("provider \"facets\" {{\n{arguments}\n}}\n"),
        );
    }

    /// A job is made and destroyed with these variables; nothing secret is read anywhere.
    fn applies(&self, variables: &[(&str, &str)]) {
        self.apply(variables).succeeds().says("1 added");
        assert!(
            self.terraform
                .state_file()
                .contains(RENDER.split('.').next().unwrap_or_default())
        );
        for secret in SECRETS {
            self.nobody_reads(secret);
        }
        self.run(variables, &["destroy", "-auto-approve", "-input=false"])
            .succeeds();
        assert!(self.cloud.jobs().is_empty());
    }

    fn apply(&self, variables: &[(&str, &str)]) -> Run {
        self.run(variables, &["apply", "-auto-approve", "-input=false"])
    }

    fn run(&self, variables: &[(&str, &str)], command: &[&str]) -> Run {
        let run = self.terraform.run_with(variables, command);
        self.said.borrow_mut().push_str(&run.words());
        run
    }

    /// The requests that begin like this.
    fn asked(&self, line: &str) -> Vec<Asked> {
        let asked = self.tokens.asked().into_iter();
        asked.filter(|asked| asked.line.starts_with(line)).collect()
    }

    /// Asserts that a secret is in no log, state or output.
    fn nobody_reads(&self, secret: &str) {
        let folder = self.terraform.folder();
        let log = fs::read_to_string(folder.join("trace.log")).expect("the log");
        assert!(log.contains("facets-gpu"), "the provider logs at this level");
        let mut places = vec![("the log", log), ("the output", self.said.borrow().clone())];
        for state in ["terraform.tfstate", "terraform.tfstate.backup"] {
            places.push((state, fs::read_to_string(folder.join(state)).unwrap_or_default()));
        }
        for (place, text) in places {
            let line = text.lines().find(|line| line.contains(secret));
            let line = line.map(|line| line.replace(secret, "<HERE>"));
            assert_eq!(line, None, "a secret is in {place}");
        }
    }
}

/// What whoever gives tokens says.
fn give(asked: &Asked) -> (u16, Value) {
    let path = asked.line.split_once(' ').map_or("", |(_, path)| path);
    let granted = json!({ "access_token": MINTED, "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer", "expires_in": 3600 });
    match path {
        "/token" | "/oauthtoken" | "/sts" => (200, granted),
        "/identity" => (200, json!({ "id_token": THEIRS })),
        "/revoked" => (
            400,
            json!({ "error": "invalid_grant", "error_description": "Token has been expired or revoked." }),
        ),
        path if path.starts_with("/computeMetadata/v1/instance/service-accounts/default/token") => {
            (200, granted)
        }
        path if path.starts_with("/v1/projects/-/serviceAccounts/") => (
            200,
            json!({ "accessToken": BORROWED, "expireTime": "2099-01-01T00:00:00Z" }),
        ),
        path if path.starts_with("/denied/") => (
            403,
            json!({ "error": { "code": 403, "status": "PERMISSION_DENIED",
                "message": "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)." } }),
        ),
        _ => (
            404,
            json!({ "error": { "code": 404, "status": "NOT_FOUND", "message": path } }),
        ),
    }
}

const SECRETS: [&str; 5] = [MINTED, BORROWED, REFRESH, CLIENT, THEIRS];
/// A port at which nobody listens.
const NOBODY: &str = "127.0.0.1:1";
