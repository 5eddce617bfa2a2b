//! The shape of the Terraform files: one resource, four typed variables, two locals, and nothing beside them.

use std::collections::BTreeSet;

use facets_gpu::job::schema::SCHEMA;
use facets_gpu::schema::{Attribute, Mode};
use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;
use hcl_edit::visit::{Visit, visit_expr};

use crate::field::variable;
use crate::rule::Rule;
use crate::{hcl, module};

#[test]
fn the_module_is_one_block() {
    let mut rule = Rule::new(
        "main.tf is one block, the provider's resource, with the arguments of its schema, one precondition, and no \
         count, for_each, depends_on, provider, provisioner or other lifecycle.",
        "Take the rest out; a rule or a computed value belongs to the provider.",
    );
    let main = hcl::read(&module("main.tf"));
    let titles: Vec<String> = main.blocks().map(hcl::title).collect();
    if titles != ["resource \"facets_gpu_cloudrun_job\" \"this\""] || main.attributes().next().is_some() {
        rule.broken(format!("main.tf holds {titles:?}"));
    }
    for block in main.blocks() {
        for argument in block.body.attributes() {
            for finding in unknown(&SCHEMA.attributes, argument.key.as_str(), &argument.value) {
                rule.broken(finding);
            }
        }
        let inner = nested(&block.body);
        if inner != ["lifecycle", "lifecycle.precondition"] {
            rule.broken(format!("the resource holds {inner:?}"));
        }
        let lifecycle = block.body.get_blocks("lifecycle");
        for argument in lifecycle.flat_map(|block| block.body.attributes()) {
            rule.broken(format!("the lifecycle has {}", argument.key.as_str()));
        }
    }
    rule.judge();
}

#[test]
fn the_precondition_speaks_of_the_connector_and_the_network() {
    let main = hcl::read(&module("main.tf"));
    let resource = main.blocks().next().unwrap();
    let lifecycle = resource.body.get_blocks("lifecycle").next().unwrap();
    let precondition = lifecycle.body.get_blocks("precondition").next().unwrap();
    let condition = hcl::argument(&precondition.body, "condition").unwrap();
    let read = [
        "var.instance.spec.vpc_access.connector",
        "var.inputs.network_details.attributes",
    ];
    assert_eq!(references(condition), BTreeSet::from(read.map(str::to_owned)));
    let message = hcl::text(hcl::argument(&precondition.body, "error_message").unwrap());
    assert!(
        message.starts_with("spec.vpc_access.connector needs the input network_details."),
        "{message}"
    );
}

#[test]
fn what_the_platform_gives_is_never_null() {
    let mut rule = Rule::new(
        "What main.tf takes from var.environment and var.inputs is declared in variables.tf, and required or given a \
         default, at every step.",
        "Declare it in variables.tf without optional, or with a default.",
    );
    let variables = hcl::read(&module("variables.tf"));
    let main = hcl::read(&module("main.tf"));
    let mut seen = 0;
    for argument in main.blocks().flat_map(|resource| resource.body.attributes()) {
        for chain in references(&argument.value) {
            let steps: Vec<&str> = chain.split('.').collect();
            let ["var", name @ ("environment" | "inputs"), ..] = steps.as_slice() else {
                continue;
            };
            seen += 1;
            let fields = variable::fields(hcl::block(&variables, "variable", name), &format!("var.{name}"));
            for length in 3..=steps.len() {
                let path = steps[2..length].join(".");
                let field = fields.get(&path);
                if !field.is_some_and(|field| field.required || field.default.is_some()) {
                    rule.broken(format!("{chain}: {path} is {field:?}"));
                }
            }
        }
    }
    assert!(seen > 3, "main.tf takes only {seen} values from the platform");
    rule.judge();
}

#[test]
fn the_platform_sets_four_variables_and_each_has_a_full_type() {
    let mut rule = Rule::new(
        "variables.tf declares environment, inputs, instance and instance_name, each with a description and a full type; \
         a type is never any.",
        "Take the variable out, or write its type in full.",
    );
    let variables = hcl::read(&module("variables.tf"));
    let mut titles: Vec<String> = variables.blocks().map(hcl::title).collect();
    titles.sort();
    let wanted =
        ["environment", "inputs", "instance", "instance_name"].map(|name| format!("variable \"{name}\""));
    if titles != wanted || variables.attributes().next().is_some() {
        rule.broken(format!("variables.tf holds {titles:?}"));
    }
    for block in variables.blocks() {
        let title = hcl::title(block);
        let mut arguments: Vec<&str> = block
            .body
            .attributes()
            .map(|argument| argument.key.as_str())
            .collect();
        arguments.sort_unstable();
        if arguments != ["description", "type"] {
            rule.broken(format!("{title} has {arguments:?}"));
        }
        if nested(&block.body).iter().any(|kind| kind != "validation") {
            rule.broken(format!("{title} holds {:?}", nested(&block.body)));
        }
        for constraint in hcl::argument(&block.body, "type")
            .into_iter()
            .flat_map(constraints)
        {
            if !["string", "number", "bool"].contains(&constraint.as_str()) {
                rule.broken(format!("{title} has the type {constraint} in it"));
            }
        }
    }
    rule.judge();
}

#[test]
fn outputs_are_two_locals() {
    let outputs = hcl::read(&module("outputs.tf"));
    let titles: Vec<String> = outputs.blocks().map(hcl::title).collect();
    assert_eq!(titles, ["locals"], "outputs.tf is one block of locals");
    let locals = outputs.blocks().next().unwrap();
    let names: Vec<&str> = locals.body.attributes().map(|local| local.key.as_str()).collect();
    assert_eq!(names, ["output_attributes", "output_interfaces"]);
    assert!(outputs.attributes().next().is_none() && locals.body.blocks().next().is_none());
}

#[test]
fn versions_name_the_source_and_leave_the_version_to_the_root() {
    let versions = hcl::read(&module("versions.tf"));
    let titles: Vec<String> = versions.blocks().map(hcl::title).collect();
    assert_eq!(titles, ["terraform"], "versions.tf is one terraform block");
    let terraform = &versions.blocks().next().unwrap().body;
    assert_eq!(nested(terraform), ["required_providers"]);
    let required = terraform.get_blocks("required_providers").next().unwrap();
    let providers: Vec<_> = required
        .body
        .attributes()
        .map(|provider| hcl::literal(&provider.value))
        .collect();
    let wanted = serde_json::json!({"source": "facets-cloud/facets-gpu"});
    assert_eq!(
        providers,
        [Some(wanted)],
        "a module that chose a version would fight with the root over it"
    );
}

/// The kinds of blocks inside a body, at every depth.
fn nested(body: &Body) -> Vec<String> {
    let of_block = |block: &hcl_edit::structure::Block| {
        let kind = block.ident.as_str().to_owned();
        let inner: Vec<String> = nested(&block.body)
            .iter()
            .map(|inner| format!("{kind}.{inner}"))
            .collect();
        [vec![kind], inner].concat()
    };
    body.blocks().flat_map(of_block).collect()
}

/// Arguments that the schema does not have or does not let one set; objects that are written out are looked into.
fn unknown(schema: &[Attribute], name: &str, value: &Expression) -> Vec<String> {
    let Some(attribute) = schema.iter().find(|attribute| attribute.name == name) else {
        return vec![format!("the resource has no argument {name}")];
    };
    if attribute.mode == Mode::Computed {
        return vec![format!("only the provider sets {name}")];
    }
    let inner = attribute.ty.nested().unwrap_or_default();
    let members = hcl::members(value).into_iter();
    members
        .flat_map(|(name, value)| unknown(inner, name, value))
        .collect()
}

/// The simple types inside a type, once the constructors of the language are taken off.
fn constraints(ty: &Expression) -> Vec<String> {
    match hcl::call(ty) {
        Some(("object", arguments)) => {
            let members = arguments.into_iter().flat_map(hcl::members);
            members.flat_map(|(_, ty)| constraints(ty)).collect()
        }
        Some(("optional", arguments)) => constraints(arguments[0]),
        Some(("list" | "map", arguments)) => constraints(arguments[0]),
        _ => vec![hcl::written(ty)],
    }
}

/// The chains of names that an expression reads.
fn references(expression: &Expression) -> BTreeSet<String> {
    struct Chains(BTreeSet<String>);
    impl Visit for Chains {
        fn visit_expr(&mut self, expression: &Expression) {
            match hcl::path(expression) {
                Some(path) => {
                    self.0.insert(path.join("."));
                }
                None => visit_expr(self, expression),
            }
        }
    }
    let mut chains = Chains(BTreeSet::new());
    chains.visit_expr(expression);
    chains.0
}

#[test]
fn what_does_not_belong_is_seen() {
    let body = hcl::parse(
        "x",
        "uid = 1\nnames = 2\ngpu = { typo = 3 }\njob = var.x\nt = object({ a = optional(list(any)) })\n",
    );
    let findings = |name| unknown(&SCHEMA.attributes, name, hcl::argument(&body, name).unwrap());
    assert_eq!(findings("uid"), ["only the provider sets uid"]);
    assert_eq!(findings("names"), ["the resource has no argument names"]);
    assert_eq!(findings("gpu"), ["the resource has no argument typo"]);
    assert_eq!(findings("job"), Vec::<String>::new());
    assert_eq!(constraints(hcl::argument(&body, "t").unwrap()), ["any"]);
}
