//! What the platform's Terraform, 1.5.7, can read: the files of the module and of its example, node by node.
//!
//! Everything is compared with what 1.5 has rather than with what came later, so that a feature of any later
//! version is seen, also one that does not exist yet.

mod expressions;
mod functions;
mod grammar;
mod version;

use hcl_edit::structure::Body;

use crate::rule::Rule;
use crate::{hcl, repository};

#[test]
fn terraform_1_5_can_read_every_file() {
    let mut rule = Rule::new(
        "The files of the module and its example use only what Terraform 1.5.7 has, since the platform runs that.",
        "Write it in the words of Terraform 1.5, or move the logic into the provider.",
    );
    let files = files();
    assert!(files.len() >= 5, "{files:?}");
    for path in files {
        for finding in findings(&hcl::read(&path)) {
            rule.broken(format!("{path}: {finding}"));
        }
    }
    rule.judge();
}

#[test]
fn there_are_no_files_that_only_a_later_terraform_reads() {
    let mut rule = Rule::new(
        "Beside .tf files the module and its example hold only YAML, Markdown and shell: tests and queries of Terraform \
         came after 1.5, and JSON would pass these guards unread.",
        "Take the file out.",
    );
    for folder in FOLDERS {
        for path in repository::files(folder, &[".hcl", ".json", ".tfvars", ".tofu"]) {
            rule.broken(path);
        }
    }
    rule.judge();
}

/// Where the files stand that a Terraform of the platform's age must read.
const FOLDERS: [&str; 2] = ["modules", "examples/module"];

fn files() -> Vec<String> {
    FOLDERS
        .iter()
        .flat_map(|folder| repository::files(folder, &[".tf"]))
        .collect()
}

/// Everything in a file that Terraform 1.5 does not have.
fn findings(body: &Body) -> Vec<String> {
    [
        grammar::findings(body),
        expressions::findings(body),
        version::findings(body),
    ]
    .concat()
}

#[test]
fn every_later_feature_is_seen() {
    for (version, text) in LATER {
        let found = findings(&hcl::parse("x", text));
        assert!(
            !found.is_empty(),
            "Terraform {version} brought this, and it passes as 1.5:\n{text}"
        );
    }
}

#[test]
fn what_1_5_has_passes() {
    for text in SINCE_1_5 {
        assert_eq!(findings(&hcl::parse("x", text)), Vec::<String>::new(), "{text}");
    }
}

/// Features by the version that brought them.
const LATER: &[(&str, &str)] = &[
    (
        "1.8",
        "locals {\n  a = \"%{for x in provider::facets::parts(var.y)}${x}%{endfor}\"\n}\n",
    ),
    ("1.6", "run \"x\" {\n  command = plan\n}\n"),
    (
        "1.6",
        "import {\n  to = a_b.c\n  id = var.id\n}\nresource \"a_b\" \"c\" {}\n",
    ),
    ("1.7", "removed {\n  from = a_b.c\n}\n"),
    (
        "1.7",
        "import {\n  for_each = toset([\"a\"])\n  to       = a_b.c\n  id       = \"x\"\n}\nresource \"a_b\" \"c\" {}\n",
    ),
    ("1.7", "mock_provider \"x\" {}\n"),
    ("1.8", "locals {\n  a = provider::facets::duration(\"1h\")\n}\n"),
    ("1.8", "locals {\n  a = issensitive(var.x)\n}\n"),
    ("1.9", "locals {\n  a = templatestring(var.x, {})\n}\n"),
    (
        "1.9",
        "variable \"a\" {\n  type = string\n  validation {\n    condition     = var.a != var.b\n    error_message = \"x\"\n  }\n}\n",
    ),
    (
        "1.9",
        "variable \"a\" {\n  type = string\n  validation {\n    condition     = var.a != local.b\n    error_message = \"x\"\n  }\n}\n",
    ),
    (
        "1.9",
        "variable \"a\" {\n  type = string\n  validation {\n    condition     = var.a != \"\"\n    error_message = \"${var.b} x\"\n  }\n}\n",
    ),
    ("1.10", "ephemeral \"a_b\" \"c\" {}\n"),
    (
        "1.10",
        "variable \"a\" {\n  type      = string\n  ephemeral = true\n}\n",
    ),
    ("1.10", "output \"a\" {\n  value     = 1\n  ephemeral = true\n}\n"),
    ("1.10", "locals {\n  a = ephemeral.a_b.c\n}\n"),
    ("1.10", "locals {\n  a = ephemeralasnull(var.x)\n}\n"),
    ("1.10", "locals {\n  a = terraform.applying\n}\n"),
    (
        "1.11",
        "resource \"a_b\" \"c\" {\n  key_wo         = \"x\"\n  key_wo_version = 1\n}\n",
    ),
    (
        "1.12",
        "import {\n  to       = a_b.c\n  identity = { id = \"x\" }\n}\nresource \"a_b\" \"c\" {}\n",
    ),
    ("1.14", "action \"a_b\" \"c\" {}\n"),
    ("1.14", "list \"a_b\" \"c\" {}\n"),
    (
        "1.14",
        "resource \"a_b\" \"c\" {\n  lifecycle {\n    action_trigger {\n      events = [after_create]\n    }\n  }\n}\n",
    ),
    (
        "any later",
        "variable \"a\" {\n  type       = string\n  deprecated = \"x\"\n}\n",
    ),
    ("any later", "module \"a\" {\n  source = var.source\n}\n"),
    ("1.6", "terraform {\n  required_version = \">= 1.6\"\n}\n"),
    ("1.6", "terraform {\n  required_version = \"~> 1.11.0\"\n}\n"),
    ("any later", "terraform {\n  state_store \"x\" {}\n}\n"),
    ("any later", "locals {\n  a = invented(1)\n}\n"),
    ("any later", "invented {}\n"),
    ("any later", "terraform {\n  invented = true\n}\n"),
    ("any later", "variable \"a\" {\n  type = invented(string)\n}\n"),
];

/// What a module for 1.5 may well use.
const SINCE_1_5: &[&str] = &[
    "locals {\n  a = \"%{for x in var.y}${x}%{endfor}\"\n}\n",
    "check \"x\" {\n  assert {\n    condition     = startswith(var.a, \"x\") && strcontains(var.a, \"y\")\n    error_message = \"x\"\n  }\n}\n",
    "import {\n  to = a_b.c\n  id = \"x\"\n}\nresource \"a_b\" \"c\" {}\n",
    "resource \"terraform_data\" \"a\" {\n  input = path.module\n  lifecycle {\n    ignore_changes = [input]\n  }\n}\n",
    "locals {\n  a = { for key, value in var.a : key => value if value != null }\n  b = [for item in local.c : item.d]\n}\n",
    "variable \"a\" {\n  type     = map(object({ b = optional(list(any), []) }))\n  nullable = false\n  validation {\n    condition     = alltrue([for item in var.a : length(item.b) > 0])\n    error_message = \"not ${length(var.a)}\"\n  }\n}\n",
    "module \"a\" {\n  source    = \"./a\"\n  providers = { facets = facets.b }\n}\nprovider \"facets\" {\n  alias = \"b\"\n}\n",
    "terraform {\n  required_version = \">= 1.5.0, < 2.0.0\"\n}\n",
];
