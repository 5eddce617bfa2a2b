//! What the stories of credentials happen on: an emulator that takes one token, whoever gives tokens, and a search for
//! secrets in all that is written.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Asked, Emulator, Run, StandIn, Terraform, binaries};
use crate::tests::{RENDER, job, terraform};

/// What whoever gives tokens gives, what it is given for it, and what the impersonated account's is.
pub(super) const MINTED: &str = "ya29.minted-token-nobody-may-print";
pub(super) const BORROWED: &str = "ya29.borrowed-token-nobody-may-print";
pub(super) const REFRESH: &str = "1//refresh-token-nobody-may-print";
pub(super) const CLIENT: &str = "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nt";
pub(super) const THEIRS: &str = "eyJ.their-token-nobody-may-print.sig";
pub(super) const ACCOUNT: &str = "deployer@acme-batch.iam.gserviceaccount.com";

/// An emulator, whoever gives tokens, and a working directory without credentials.
pub(super) struct Story {
    pub(super) cloud: Emulator,
    pub(super) tokens: StandIn,
    pub(super) terraform: Terraform,
    /// What was said in all runs so far.
    said: std::cell::RefCell<String>,
}

impl Story {
    /// An emulator that takes this token only.
    pub(super) fn taking(token: &str) -> Self {
        Self::with(Emulator::with(&["--token", token, "--operation-time", "20ms"]))
    }

    pub(super) fn with(cloud: Emulator) -> Self {
        let mut terraform = terraform().against(&cloud);
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

    /// Has whoever gives tokens say something else, made of what they would say.
    pub(super) fn answers(
        &mut self,
        answer: impl Fn(&Asked, (u16, Value)) -> (u16, Value) + Send + Sync + 'static,
    ) {
        self.tokens = StandIn::new(move |asked| answer(asked, give(asked)));
    }

    pub(super) fn sign_in(&self) -> Value {
        json!({
            "type": "authorized_user", "client_id": "client", "client_secret": CLIENT, "refresh_token": REFRESH,
            "token_uri": format!("{}/token", self.tokens.address())
        })
    }

    pub(super) fn federated(&self, source: Value) -> Value {
        json!({
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/p",
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
            "token_url": format!("{}/sts", self.tokens.address()), "credential_source": source
        })
    }

    /// Writes a document; its path.
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

    /// Has the provider use credentials of a variable named `key`.
    pub(super) fn configure_credentials(&self) {
        self.configure("credentials = var.key");
        let variable = "variable \"key\" {\n  type = string\n  sensitive = true\n}\n";
        self.terraform.write("variable.tf", variable);
    }

    /// Writes a program; its path.
    pub(super) fn program(&self, name: &str, script: &str) -> String {
        let path = self.terraform.folder().join(name);
        binaries::write_script(&path, &format!("#!/bin/sh\n{script}\n"));
        path.display().to_string()
    }

    /// A job is made and destroyed with these variables; nothing secret is read anywhere.
    pub(super) fn applies(&self, variables: &[(&str, &str)]) {
        self.apply(variables).succeeds().says("1 added");
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
        // Terraform itself keeps its variables there, as they are.
        plan.as_object_mut()
            .expect("a plan is an object")
            .remove("variables");
        self.said.borrow_mut().push_str(&plan.to_string());
        for secret in SECRETS {
            self.nobody_reads(secret);
        }
        self.run(variables, &["destroy", "-auto-approve", "-input=false"])
            .succeeds();
        assert!(self.cloud.jobs().is_empty());
    }

    pub(super) fn apply(&self, variables: &[(&str, &str)]) -> Run {
        self.run(variables, &["apply", "-auto-approve", "-input=false"])
    }

    fn run(&self, variables: &[(&str, &str)], command: &[&str]) -> Run {
        let run = self.terraform.run_with(variables, command);
        self.said.borrow_mut().push_str(&run.words());
        run
    }

    /// The requests that begin like this.
    pub(super) fn asked(&self, line: &str) -> Vec<Asked> {
        let asked = self.tokens.asked().into_iter();
        asked.filter(|asked| asked.line.starts_with(line)).collect()
    }

    /// Asserts that a secret is in no log, state or output.
    pub(super) fn nobody_reads(&self, secret: &str) {
        let folder = self.terraform.folder();
        let log = fs::read_to_string(folder.join("trace.log")).expect("the log");
        assert!(log.contains("facets-gpu"), "the provider logs at this level");
        let mut places = vec![("the log", log), ("the output", self.said.borrow().clone())];
        for state in ["terraform.tfstate", "terraform.tfstate.backup"] {
            places.push((state, fs::read_to_string(folder.join(state)).unwrap_or_default()));
        }
        for (place, text) in places {
            let before: Option<String> = text
                .find(secret)
                .map(|at| text[..at].chars().rev().take(60).collect());
            let before = before.map(|text| text.chars().rev().collect::<String>());
            assert_eq!(before, None, "a secret is in {place}, after these words");
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

pub(super) const SECRETS: [&str; 5] = [MINTED, BORROWED, REFRESH, CLIENT, THEIRS];
/// A port at which nobody listens.
pub(super) const NOBODY: &str = "127.0.0.1:1";
