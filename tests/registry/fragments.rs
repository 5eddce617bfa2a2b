//! What guides show in code: it can be read, and says nothing of this provider that is not so.

use facets_gpu::provider;
use facets_gpu::schema::Attribute;
use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::{Attribute as Argument, Block, Body};
use hcl_edit::visit::{Visit, visit_block, visit_expr};

use crate::page::Kind;
use crate::pages::pages;
use crate::repository::{files, read};
use crate::rule::Rule;

#[test]
fn fragments_can_be_read() {
    let mut rule = Rule::new(
        "A block of code in a guide is of the language that it says it is.",
        "Correct it, or say another language.",
    );
    let mut seen = 0;
    for (place, language, code) in fragments() {
        seen += 1;
        let fault = match language.as_str() {
            "hcl" => hcl_edit::parser::parse_body(&code)
                .err()
                .map(|error| error.to_string()),
            "yaml" => serde_saphyr::from_str::<serde_json::Value>(&code)
                .err()
                .map(|error| error.to_string()),
            "sh" | "shell" | "text" | "" => None,
            other => Some(format!("{other} is none of hcl, yaml, sh, shell and text")),
        };
        if let Some(fault) = fault {
            rule.broken(format!("{place}: {fault}"));
        }
    }
    assert!(seen > 20, "only {seen} fragments were found");
    rule.judge();
}

#[test]
fn fragments_name_only_attributes_that_there_are() {
    let mut rule = Rule::new(
        "What a fragment sets in a resource, data source or provider of ours, and what it reads of one, is in its schema.",
        "Correct the name.",
    );
    let mut looked_at = 0;
    for (place, language, code) in fragments() {
        if language != "hcl" {
            continue;
        }
        let Ok(body) = hcl_edit::parser::parse_body(&code) else {
            continue;
        };
        let mut names = Names::default();
        names.visit_body(&body);
        looked_at += names.looked_at;
        for unknown in names.unknown {
            rule.broken(format!("{place}: there is no {unknown}"));
        }
    }
    assert!(looked_at > 15, "only {looked_at} names were looked at");
    rule.judge();
}

/// Looks at every name of ours in a fragment.
#[derive(Default)]
struct Names {
    looked_at: usize,
    unknown: Vec<String>,
}

impl Names {
    fn set(&mut self, path: &str, attributes: &[Attribute], body: &Body) {
        for argument in body.attributes().filter(|argument| !is_meta(argument)) {
            self.one(path, attributes, argument.key.as_str(), Some(&argument.value));
        }
    }

    fn set_of(&mut self, kind: Kind, name: &str, body: &Body) {
        if let Some((schema, name)) = known(kind, name) {
            self.set(name, schema, body);
        }
    }

    fn one(&mut self, path: &str, attributes: &[Attribute], name: &str, value: Option<&Expression>) {
        self.looked_at += 1;
        let path = format!("{path}.{name}");
        let Some(attribute) = attributes.iter().find(|attribute| attribute.name == name) else {
            self.unknown.push(path);
            return;
        };
        let Some(nested) = attribute.ty.nested() else {
            return;
        };
        let items: Vec<&Expression> = match value {
            Some(Expression::Array(items)) => items.iter().collect(),
            Some(value) => vec![value],
            None => Vec::new(),
        };
        for object in items.into_iter().filter_map(Expression::as_object) {
            for (key, value) in object {
                if let Some(key) = key.as_ident() {
                    self.one(&path, nested, key.as_str(), Some(value.expr()));
                }
            }
        }
    }
}

impl Visit for Names {
    fn visit_block(&mut self, block: &Block) {
        let label = block.labels.first().map_or("", |label| label.as_str());
        match (block.ident.as_str(), label) {
            ("provider", "facets") => self.set("provider", &provider::SCHEMA.attributes, &block.body),
            ("resource", name) => self.set_of(Kind::Resource, name, &block.body),
            ("data", name) => self.set_of(Kind::DataSource, name, &block.body),
            _ => {}
        }
        visit_block(self, block);
    }

    fn visit_expr(&mut self, expr: &Expression) {
        if let Expression::Traversal(traversal) = expr
            && let Expression::Variable(kind) = &traversal.expr
            && let Some((schema, path)) = known(Kind::Resource, kind.as_str())
            && let Some(TraversalOperator::GetAttr(name)) =
                traversal.operators.get(1).map(|operator| operator.value())
        {
            self.one(path, schema, name.as_str(), None);
        }
        visit_expr(self, expr);
    }
}

/// The attributes of a type of ours.
fn known(kind: Kind, name: &str) -> Option<(&'static [Attribute], &'static str)> {
    let page = pages().into_iter().find(|page| page.is_of(kind, name))?;
    let (_, schema) = page.schemas().next()?;
    Some((&schema.attributes, page.name()))
}

/// What every block may have.
fn is_meta(argument: &Argument) -> bool {
    ["alias", "count", "depends_on", "for_each", "provider"].contains(&argument.key.as_str())
}

/// Each block of code in a guide: where it begins, its language, and what it says without the list's indent.
fn fragments() -> Vec<(String, String, String)> {
    let guides = files("docs/guides", &[".md"]).into_iter();
    guides
        .flat_map(|path| {
            let text = read(&path);
            of(&path, &text)
        })
        .collect()
}

fn of(path: &str, text: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some((indent, language)) = line.split_once("```") else {
            continue;
        };
        let code = lines.by_ref().map_while(|(_, line)| {
            let line = line.strip_prefix(indent).unwrap_or(line);
            (line != "```").then_some(line)
        });
        let code: Vec<&str> = code.collect();
        found.push((
            format!("{path}:{}", number + 1),
            language.to_owned(),
            code.join("\n") + "\n",
        ));
    }
    found
}

#[test]
fn fragments_and_names_are_found() {
    let found = of("x", "a\n\n   ```hcl\n   a = 1\n     b\n   ```\n```\nc\n```\n");
    let expected = [("x:3", "hcl", "a = 1\n  b\n"), ("x:7", "", "c\n")];
    assert_eq!(
        found,
        expected.map(|(place, language, code)| (place.to_owned(), language.to_owned(), code.to_owned()))
    );
    let body = "resource \"facets_gpu_cloudrun_job\" \"a\" {\n  nmae = \"x\"\n  job = { tasks = 1 }\n  secrets = [{ env = 1 \
                }]\n}\noutput \"x\" {\n  value = facets_gpu_cloudrun_job.a.urn\n}\nprovider \"facets\" {\n  alias = \
                \"x\"\n  zone = 1\n}\n";
    let mut names = Names::default();
    names.visit_body(&hcl_edit::parser::parse_body(body).unwrap());
    let job = "facets_gpu_cloudrun_job";
    assert_eq!(
        names.unknown,
        [
            format!("{job}.nmae"),
            format!("{job}.job.tasks"),
            format!("{job}.secrets.env"),
            format!("{job}.urn"),
            "provider.zone".to_owned()
        ]
    );
}
