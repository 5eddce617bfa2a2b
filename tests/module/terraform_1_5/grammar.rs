//! The blocks and arguments of Terraform 1.5, as far as a module or its root may need them.

use hcl_edit::structure::{Attribute, Block, Body};

use crate::hcl;

/// What may stand in one place.
struct Form {
    place: &'static str,
    arguments: Arguments,
    blocks: &'static [&'static str],
}

enum Arguments {
    /// These.
    Named(&'static [&'static str]),
    /// Those of a provider, a module or a local; Terraform does not name them.
    Free,
}

/// The places. What is left out, such as backends and provisioners, has no business in a module.
const FORMS: &[Form] = &[
    form(
        "",
        &[],
        &[
            "terraform",
            "provider",
            "variable",
            "locals",
            "output",
            "module",
            "resource",
            "data",
            "moved",
            "import",
            "check",
        ],
    ),
    form("terraform", &["required_version"], &["required_providers"]),
    free("terraform.required_providers", &[]),
    free("provider", &[]),
    form(
        "variable",
        &["description", "type", "default", "sensitive", "nullable"],
        &["validation"],
    ),
    form("variable.validation", CONDITION, &[]),
    free("locals", &[]),
    form(
        "output",
        &["description", "value", "sensitive", "depends_on"],
        &["precondition"],
    ),
    form("output.precondition", CONDITION, &[]),
    free("module", &[]),
    free("resource", &["lifecycle"]),
    form(
        "resource.lifecycle",
        &[
            "create_before_destroy",
            "prevent_destroy",
            "ignore_changes",
            "replace_triggered_by",
        ],
        &["precondition", "postcondition"],
    ),
    form("resource.lifecycle.precondition", CONDITION, &[]),
    form("resource.lifecycle.postcondition", CONDITION, &[]),
    free("data", &["lifecycle"]),
    form("data.lifecycle", &[], &["precondition", "postcondition"]),
    form("data.lifecycle.precondition", CONDITION, &[]),
    form("data.lifecycle.postcondition", CONDITION, &[]),
    form("moved", &["from", "to"], &[]),
    form("import", &["to", "id", "provider"], &[]),
    form("check", &[], &["data", "assert"]),
    free("check.data", &[]),
    form("check.assert", CONDITION, &[]),
];

const CONDITION: &[&str] = &["condition", "error_message"];

const fn form(
    place: &'static str,
    arguments: &'static [&'static str],
    blocks: &'static [&'static str],
) -> Form {
    Form {
        place,
        arguments: Arguments::Named(arguments),
        blocks,
    }
}

const fn free(place: &'static str, blocks: &'static [&'static str]) -> Form {
    Form {
        place,
        arguments: Arguments::Free,
        blocks,
    }
}

/// The blocks and arguments that have no place in 1.5.
pub(crate) fn findings(body: &Body) -> Vec<String> {
    inside("", body)
}

fn inside(place: &str, body: &Body) -> Vec<String> {
    let form = FORMS.iter().find(|form| form.place == place);
    let form = form.unwrap_or_else(|| panic!("the guard does not know what may stand in {place}"));
    let mut found = Vec::new();
    for argument in body.attributes() {
        if !form.arguments.have(argument.key.as_str()) {
            found.push(format!(
                "{place} has no argument {} in Terraform 1.5",
                argument.key.as_str()
            ));
        }
        found.extend(computed(place, argument));
    }
    for block in body.blocks() {
        found.extend(inner(place, form, block));
    }
    found
}

fn inner(place: &str, form: &Form, block: &Block) -> Vec<String> {
    let kind = block.ident.as_str();
    if !form.blocks.contains(&kind) {
        let place = if place.is_empty() { "a file" } else { place };
        return vec![format!("{place} has no block {kind} in Terraform 1.5")];
    }
    let dot = if place.is_empty() { "" } else { "." };
    inside(&format!("{place}{dot}{kind}"), &block.body)
}

impl Arguments {
    /// The endings are those of write-only arguments, by the custom of all providers.
    fn have(&self, name: &str) -> bool {
        match self {
            Arguments::Named(names) => names.contains(&name),
            Arguments::Free => !name.ends_with("_wo") && !name.ends_with("_wo_version"),
        }
    }
}

/// Arguments that 1.5 wants written out and later versions compute.
fn computed(place: &str, argument: &Attribute) -> Option<String> {
    let name = argument.key.as_str();
    let written = matches!((place, name), ("import", "id") | ("module", "source" | "version"));
    let computed = written && hcl::literal(&argument.value).is_none();
    computed.then(|| format!("{place} takes no expression as {name} in Terraform 1.5"))
}
