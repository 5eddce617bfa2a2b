//! Fixtures of the credential tests: an emulator that accepts one token, a mock of the token endpoints, and a search for secrets
//! in logs, state and output.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Emulator, HttpRequest, MockServer, Run, Terraform, binaries};
use crate::tests::{RENDER, job, terraform};

pub(super) const SOURCE_TOKEN: &str = "ya29.source-token-must-not-be-printed";
pub(super) const IMPERSONATED_TOKEN: &str = "ya29.impersonated-token-must-not-be-printed";
pub(super) const REFRESH_TOKEN: &str = "1//refresh-token-must-not-be-printed";
pub(super) const CLIENT_SECRET: &str = "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inted";
pub(super) const SUBJECT_TOKEN: &str = "eyJ.subject-token-must-not-be-printed.sig";
pub(super) const ACCOUNT: &str = "deployer@acme-batch.iam.gserviceaccount.com";

/// An emulator, a mock of the token endpoints, and a working directory without credentials.
pub(super) struct Fixture {
    pub(super) emulator: Emulator,
    pub(super) token_server: MockServer,
    pub(super) terraform: Terraform,
    /// The output of all runs so far.
    outputs: std::cell::RefCell<String>,
}

impl Fixture {
    /// An emulator that only accepts this token.
    pub(super) fn with_token(token: &str) -> Self {
        Self::new(Emulator::with_flags(&[
            "--token",
            token,
            "--operation-time",
            "20ms",
        ]))
    }

    pub(super) fn new(emulator: Emulator) -> Self {
        let mut terraform = terraform().with_emulator(&emulator);
        terraform.unset("GOOGLE_OAUTH_ACCESS_TOKEN");
        terraform.set("TF_LOG", "TRACE");
        terraform.set("TF_LOG_PATH", "trace.log");
        terraform.write("main.tf", &job(""));
        terraform.init().succeeds();
        Self {
            emulator,
            token_server: MockServer::new(grant_token),
            terraform,
            outputs: std::cell::RefCell::default(),
        }
    }

    /// Replaces the responses of the token endpoints.
    pub(super) fn respond_with(
        &mut self,
        respond: impl Fn(&HttpRequest, (u16, Value)) -> (u16, Value) + Send + Sync + 'static,
    ) {
        self.token_server = MockServer::new(move |request| respond(request, grant_token(request)));
    }

    pub(super) fn authorized_user(&self) -> Value {
        json!({
            "type": "authorized_user", "client_id": "client", "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN,
            "token_uri": format!("{}/token", self.token_server.address())
        })
    }

    pub(super) fn external_account(&self, source: Value) -> Value {
        json!({
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/p",
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
            "token_url": format!("{}/sts", self.token_server.address()), "credential_source": source
        })
    }

    /// Writes a document and returns its path.
    pub(super) fn write(&self, file: &str, document: &Value) -> String {
        self.terraform.write(file, &document.to_string());
        self.terraform.folder().join(file).display().to_string()
    }

    pub(super) fn configure(&self, arguments: &str) {
        self.terraform.write(
            "provider.tf",
            &format!("provider \"facets\" {{\n{arguments}\n}}\n"),
        );
    }

    /// Configures `credentials` from a variable named `key`.
    pub(super) fn configure_credentials(&self) {
        self.configure("credentials = var.key");
        let variable = "variable \"key\" {\n  type = string\n  sensitive = true\n}\n";
        self.terraform.write("variable.tf", variable);
    }

    /// Writes a shell script and returns its path.
    pub(super) fn write_program(&self, name: &str, script: &str) -> String {
        let path = self.terraform.folder().join(name);
        binaries::write_script(&path, &format!("#!/bin/sh\n{script}\n"));
        path.display().to_string()
    }

    /// Asserts that a job can be created and destroyed, and that no secret is revealed.
    pub(super) fn assert_applies(&self, variables: &[(&str, &str)]) {
        self.apply(variables).succeeds().prints("1 added");
        assert!(
            self.terraform
                .state_file()
                .contains(RENDER.split('.').next().unwrap_or_default())
        );
        self.run(variables, &["plan", "-input=false", "-out=plan.tfplan"])
            .succeeds();
        let show = self
            .terraform
            .run_with(variables, &["show", "-json", "plan.tfplan"]);
        let mut plan = show.succeeds().json();
        // Terraform itself stores its variables there.
        plan.as_object_mut()
            .expect("a plan is an object")
            .remove("variables");
        self.outputs.borrow_mut().push_str(&plan.to_string());
        for secret in SECRETS {
            self.assert_redacted(secret);
        }
        self.run(variables, &["destroy", "-auto-approve", "-input=false"])
            .succeeds();
        assert!(self.emulator.jobs().is_empty());
    }

    pub(super) fn apply(&self, variables: &[(&str, &str)]) -> Run {
        self.run(variables, &["apply", "-auto-approve", "-input=false"])
    }

    fn run(&self, variables: &[(&str, &str)], command: &[&str]) -> Run {
        let run = self.terraform.run_with(variables, command);
        self.outputs.borrow_mut().push_str(&run.output());
        run
    }

    /// The token requests that start with a text.
    pub(super) fn requests(&self, line: &str) -> Vec<HttpRequest> {
        let requests = self.token_server.requests().into_iter();
        requests
            .filter(|request| request.line.starts_with(line))
            .collect()
    }

    /// Asserts that a secret is not in the log, the state or the output.
    pub(super) fn assert_redacted(&self, secret: &str) {
        let folder = self.terraform.folder();
        let log = fs::read_to_string(folder.join("trace.log")).expect("the log");
        assert!(log.contains("facets-gpu"), "the provider did not log");
        let mut places = vec![("the log", log), ("the output", self.outputs.borrow().clone())];
        for state in ["terraform.tfstate", "terraform.tfstate.backup"] {
            places.push((state, fs::read_to_string(folder.join(state)).unwrap_or_default()));
        }
        for (place, text) in places {
            let before: Option<String> = text
                .find(secret)
                .map(|at| text[..at].chars().rev().take(60).collect());
            let before = before.map(|text| text.chars().rev().collect::<String>());
            assert_eq!(before, None, "a secret is in {place} after this text");
        }
    }
}

/// The responses of the token endpoints.
fn grant_token(request: &HttpRequest) -> (u16, Value) {
    let path = request.line.split_once(' ').map_or("", |(_, path)| path);
    let response = json!({ "access_token": SOURCE_TOKEN, "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer", "expires_in": 3600 });
    match path {
        "/token" | "/oauthtoken" | "/sts" => (200, response),
        "/identity" => (200, json!({ "id_token": SUBJECT_TOKEN })),
        "/revoked" => (
            400,
            json!({ "error": "invalid_grant", "error_description": "Token has been expired or revoked." }),
        ),
        path if path.starts_with("/computeMetadata/v1/instance/service-accounts/default/token") => {
            (200, response)
        }
        path if path.starts_with("/v1/projects/-/serviceAccounts/") => (
            200,
            json!({ "accessToken": IMPERSONATED_TOKEN, "expireTime": "2099-01-01T00:00:00Z" }),
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

pub(super) const SECRETS: [&str; 5] = [
    SOURCE_TOKEN,
    IMPERSONATED_TOKEN,
    REFRESH_TOKEN,
    CLIENT_SECRET,
    SUBJECT_TOKEN,
];
/// An address without a server.
pub(super) const UNUSED_ADDRESS: &str = "127.0.0.1:1";
