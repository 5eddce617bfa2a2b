//! Applies the example provider with Terraform: the `terraform` on the PATH, or the program in `FACETS_GPU_TERRAFORM`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
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

mod recent_terraform {
    use super::*;

    #[test]
    #[ignore = "needs terraform"]
    fn action_runs_after_an_apply_and_by_invoke() {
        let workspace = Workspace::new();
        if !workspace.has_actions() {
            return;
        }
        workspace.configure(&copy("to = \"copy-of-${local_file.greeting.size}\""));
        let output = workspace.apply();
        assert!(output.contains("to   = (known after apply)"), "{output}");
        assert!(
            output.contains(r#"Copying "greeting.txt" to "copy-of-5""#),
            "{output}"
        );
        assert!(output.contains("Copied 5 bytes"), "{output}");
        assert!(output.contains("Actions: 1 invoked."), "{output}");
        let file = workspace.path("files/copy-of-5");
        assert_eq!(fs::read_to_string(&file).unwrap(), "Hello");

        fs::remove_file(&file).unwrap();
        let output = workspace.succeed(&[
            "apply",
            "-auto-approve",
            "-no-color",
            "-invoke=action.local_file_copy.backup",
        ]);
        assert!(output.contains("Copied 5 bytes"), "{output}");
        assert!(file.exists());
    }

    #[test]
    #[ignore = "needs terraform"]
    fn action_fails_with_its_diagnostics() {
        let workspace = Workspace::new();
        if !workspace.has_actions() {
            return;
        }
        // Known when the action is invoked.
        workspace.configure(&copy("to = \"no/${local_file.greeting.size}\""));
        let output = workspace.terraform(&["apply", "-auto-approve", "-no-color"]);
        let errors = String::from_utf8(output.stderr).unwrap();
        let expected = r#"to must not contain a directory, got "no/5"."#;
        assert!(errors.contains(expected), "{errors}");

        // Known when it is planned.
        let output = workspace.terraform(&["plan", "-no-color", "-invoke=action.local_file_copy.backup"]);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains(expected), "{errors}");

        workspace.configure(&copy("to = \"missing/../greeting.txt\""));
        let output = workspace.terraform(&["validate", "-json"]);
        let result: Value = serde_json::from_slice(&output.stdout).unwrap();
        let code = &result["diagnostics"][0]["snippet"]["code"];
        assert_eq!(code, "    to = \"missing/../greeting.txt\"");
    }

    #[test]
    #[ignore = "needs terraform"]
    fn schema_has_the_action() {
        let workspace = Workspace::new();
        if !workspace.has_actions() {
            return;
        }
        workspace.configure("");
        let schemas: Value =
            serde_json::from_str(&workspace.succeed(&["providers", "schema", "-json"])).unwrap();
        let providers = schemas["provider_schemas"].as_object().unwrap();
        let provider = providers.values().next().unwrap();
        let attribute = &provider["action_schemas"]["local_file_copy"]["block"]["attributes"]["from"];
        assert_eq!(attribute["required"], true);
    }

    /// A greeting that is copied when it changes.
    fn copy(to: &str) -> String {
        format!(
            r#"
resource "local_file" "greeting" {{
  name    = "greeting.txt"
  content = "Hello"
  lifecycle {{
    action_trigger {{
      events  = [after_create, after_update]
      actions = [action.local_file_copy.backup]
    }}
  }}
}}
action "local_file_copy" "backup" {{
  config {{
    from = "greeting.txt"
    {to}
  }}
}}
"#
        )
    }
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
struct Workspace {
    directory: TempDir,
    terraform: PathBuf,
}

impl Workspace {
    fn new() -> Self {
        let program = std::env::var_os("FACETS_GPU_TERRAFORM").filter(|program| !program.is_empty());
        let workspace = Self {
            directory: tempfile::tempdir().unwrap(),
            terraform: program.unwrap_or_else(|| "terraform".into()).into(),
        };
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

    /// Whether this is Terraform 1.14.1 or later; 1.14.0 invokes `after_*` actions too early. If not, a message says that the
    /// test does not run.
    fn has_actions(&self) -> bool {
        let output = self.succeed(&["version"]);
        let program = output.lines().next().unwrap();
        let version = program.strip_prefix("Terraform v1.").unwrap_or("0");
        let mut numbers = version
            .split(['.', '-'])
            .map_while(|number| number.parse::<u32>().ok());
        let has_actions = numbers.by_ref().take(2).ge([14, 1]);
        if !has_actions {
            let thread = std::thread::current();
            let name = thread.name().unwrap_or_default();
            // Not captured by the test runner.
            let _ = writeln!(
                std::io::stderr(),
                "NOT RUN {name}: needs actions (Terraform 1.14.1), got {program}"
            );
        }
        has_actions
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
        Command::new(&self.terraform)
            .args(arguments)
            .current_dir(&self.directory)
            .env("TF_CLI_CONFIG_FILE", self.path("terraform.rc"))
            .output()
            .unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}
