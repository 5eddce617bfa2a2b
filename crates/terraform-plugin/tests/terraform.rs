//! Applies the example provider with Terraform: the `terraform` on the PATH, or the program in `FACETS_GPU_TERRAFORM`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

#[path = "protocol/example.rs"]
mod example;

#[test]
#[ignore = "needs terraform"]
fn create_update_and_destroy() {
    let workspace = Workspace::new();
    workspace.configure(&greeting("Hello"));
    workspace.apply();
    let file = workspace.path("files/greeting.txt");
    assert_eq!(fs::read_to_string(&file).unwrap(), "Hello");
    assert_eq!(workspace.output("size"), 5);
    assert!(!workspace.has_changes());

    workspace.configure(&greeting("Hello, world"));
    assert!(workspace.has_changes());
    workspace.apply();
    assert_eq!(fs::read_to_string(&file).unwrap(), "Hello, world");
    assert_eq!(workspace.output("size"), 12);

    // Deleted outside of Terraform.
    fs::remove_file(&file).unwrap();
    assert!(workspace.has_changes());
    workspace.apply();
    assert!(!workspace.has_changes());

    workspace.succeed(&["destroy", "-auto-approve"]);
    assert_eq!(fs::read_dir(workspace.path("files")).unwrap().count(), 0);
}

#[test]
#[ignore = "needs terraform"]
fn import_block_and_data_source_read_a_file() {
    let workspace = Workspace::new();
    fs::write(workspace.path("files/found.txt"), "Found").unwrap();
    workspace.configure(
        r#"
        import {
          to = local_file.found
          id = "found.txt"
        }
        resource "local_file" "found" {
          name    = "found.txt"
          content = "Found"
        }
        data "local_file" "found" {
          name = "found.txt"
        }
        output "content" { value = data.local_file.found.content }
        "#,
    );
    let output = workspace.apply();
    assert!(output.contains("1 imported, 0 added, 0 changed"), "{output}");
    assert_eq!(workspace.output("content"), "Found");
    assert!(!workspace.has_changes());
}

#[test]
#[ignore = "needs terraform"]
fn validation_error_is_at_the_attribute() {
    let workspace = Workspace::new();
    workspace.configure("resource \"local_file\" \"a\" {\n  content = \"a\"\n  name    = \"b/c\"\n}\n");
    let output = workspace.terraform(&["validate", "-json"]);
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["diagnostics"][0]["summary"], "Invalid file name");
    assert_eq!(result["diagnostics"][0]["snippet"]["code"], "  name    = \"b/c\"");
}

fn greeting(content: &str) -> String {
    format!(
        r#"
        resource "local_file" "greeting" {{
          name    = "greeting.txt"
          content = "{content}"
        }}
        output "size" {{ value = local_file.greeting.size }}
        "#
    )
}

/// A temporary directory with a configuration that uses the example provider.
struct Workspace(TempDir);

impl Workspace {
    fn new() -> Self {
        let workspace = Self(tempfile::tempdir().unwrap());
        for directory in ["files", "plugins"] {
            fs::create_dir(workspace.path(directory)).unwrap();
        }
        let plugins = workspace.path("plugins");
        fs::copy(example::provider(), plugins.join("terraform-provider-local")).unwrap();
        let overrides = format!("dev_overrides {{ \"example/local\" = {plugins:?} }}");
        let settings = format!("provider_installation {{\n {overrides}\n direct {{}}\n}}\n");
        fs::write(workspace.path("terraform.rc"), settings).unwrap();
        workspace
    }

    fn configure(&self, configuration: &str) {
        let source = "terraform {\n required_providers {\n local = { source = \"example/local\" }\n }\n}\n";
        let provider = format!("provider \"local\" {{ directory = {:?} }}\n", self.path("files"));
        fs::write(self.path("main.tf"), [source, &provider, configuration].concat()).unwrap();
    }

    fn apply(&self) -> String {
        self.succeed(&["apply", "-auto-approve", "-no-color"])
    }

    fn has_changes(&self) -> bool {
        let output = self.terraform(&["plan", "-detailed-exitcode"]);
        match output.status.code() {
            Some(0) => false,
            Some(2) => true,
            _ => panic!("{output:?}"),
        }
    }

    fn output(&self, name: &str) -> Value {
        serde_json::from_str(&self.succeed(&["output", "-json", name])).unwrap()
    }

    fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.terraform(arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn terraform(&self, arguments: &[&str]) -> Output {
        let program = std::env::var_os("FACETS_GPU_TERRAFORM").filter(|program| !program.is_empty());
        Command::new(program.unwrap_or_else(|| "terraform".into()))
            .args(arguments)
            .current_dir(&self.0)
            .env("TF_CLI_CONFIG_FILE", self.path("terraform.rc"))
            .output()
            .unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
