//! The functions and names that expressions of Terraform 1.5 can use.

use hcl_edit::expr::{Expression, ForExpr, FuncCall, TraversalOperator};
use hcl_edit::structure::{Attribute, Block, Body};
use hcl_edit::template::ForDirective;
use hcl_edit::visit::{self, Visit};

use super::functions::{FUNCTIONS, TYPE_CONSTRUCTORS};
use crate::hcl;

/// What the expressions of a file use that 1.5 does not have.
pub(crate) fn findings(body: &Body) -> Vec<String> {
    let mut reader = Reader::default();
    reader.visit_body(body);
    reader.found
}

/// What a chain of names may begin with, beside a type of resource and a variable of a `for`.
const ROOTS: &[&str] = &["var", "local", "module", "data", "each", "count", "self"];
/// What may follow two names that have fixed members.
const MEMBERS: &[(&str, &[&str])] = &[
    ("path", &["module", "root", "cwd"]),
    ("terraform", &["workspace"]),
];
const SIMPLE_TYPES: &[&str] = &["string", "number", "bool", "any"];
/// Arguments that name providers or attributes rather than values.
const NO_EXPRESSIONS: &[&str] = &["providers", "provider", "ignore_changes", "configuration_aliases"];

#[derive(Default)]
struct Reader {
    found: Vec<String>,
    blocks: Vec<Block>,
    for_variables: Vec<String>,
}

impl Reader {
    /// The variable whose validation is being read.
    fn validated(&self) -> Option<&str> {
        let [variable, validation] = self.blocks.as_slice() else {
            return None;
        };
        let inside = variable.has_ident("variable") && validation.has_ident("validation");
        inside.then(|| variable.labels.first().map_or("", |label| label.as_str()))
    }

    fn name(&mut self, root: &str, member: Option<&str>) {
        if self.for_variables.iter().any(|name| name == root) {
            return;
        }
        if let Some(own) = self.validated()
            && (root, member) != ("var", Some(own))
        {
            self.found.push(format!(
                "the validation of var.{own} reads {root}.{}",
                member.unwrap_or("…")
            ));
        }
        let fixed = MEMBERS.iter().find(|(name, _)| *name == root);
        let known = match fixed {
            Some((_, members)) => member.is_some_and(|member| members.contains(&member)),
            // The type of a resource has the name of its provider before an underscore.
            None => ROOTS.contains(&root) || root.contains('_'),
        };
        if !known {
            self.found
                .push(format!("an expression reads {root}.{}", member.unwrap_or("…")));
        }
    }

    fn constraint(&mut self, ty: &Expression) {
        match ty {
            Expression::Variable(name) if SIMPLE_TYPES.contains(&name.as_str()) => {}
            Expression::FuncCall(call) if TYPE_CONSTRUCTORS.contains(&call.name.name.as_str()) => {
                let is_optional = call.name.name.as_str() == "optional";
                let types = if is_optional { 1 } else { call.args.len() };
                call.args
                    .iter()
                    .take(types)
                    .for_each(|inner| self.constraint(inner));
                call.args
                    .iter()
                    .skip(types)
                    .for_each(|default| self.visit_expr(default));
            }
            Expression::Object(_) => hcl::members(ty)
                .into_iter()
                .for_each(|(_, inner)| self.constraint(inner)),
            Expression::Array(inner) => inner.iter().for_each(|inner| self.constraint(inner)),
            other => self.found.push(format!("{} is no type", hcl::written(other))),
        }
    }
}

impl Visit for Reader {
    fn visit_block(&mut self, block: &Block) {
        self.blocks.push(block.clone());
        self.visit_body(&block.body);
        self.blocks.pop();
    }

    fn visit_attr(&mut self, argument: &Attribute) {
        let name = argument.key.as_str();
        match self.blocks.as_slice() {
            [block] if block.has_ident("variable") && name == "type" => self.constraint(&argument.value),
            // Locals may have any name.
            [block, ..] if !block.has_ident("locals") && NO_EXPRESSIONS.contains(&name) => {}
            _ => self.visit_expr(&argument.value),
        }
    }

    fn visit_expr(&mut self, expression: &Expression) {
        match expression {
            Expression::Variable(name) => self.name(name.as_str(), None),
            Expression::Traversal(traversal) if traversal.expr.is_variable() => {
                let first = traversal.operators.first().map(|operator| operator.value());
                let member = match first {
                    Some(TraversalOperator::GetAttr(name)) => Some(name.as_str()),
                    _ => None,
                };
                let root = traversal.expr.as_variable().map_or("", |name| name.as_str());
                self.name(root, member);
                let operators = traversal.operators.iter();
                operators.for_each(|operator| self.visit_traversal_operator(operator));
            }
            _ => visit::visit_expr(self, expression),
        }
    }

    fn visit_func_call(&mut self, call: &FuncCall) {
        let name = call.name.name.as_str();
        let namespace: String = call
            .name
            .namespace
            .iter()
            .map(|part| format!("{}::", part.as_str()))
            .collect();
        if !namespace.is_empty() || !FUNCTIONS.contains(&name) {
            self.found.push(format!("there is no function {namespace}{name}"));
        }
        visit::visit_func_call(self, call);
    }

    fn visit_for_expr(&mut self, expression: &ForExpr) {
        let outer = self.for_variables.len();
        let names = expression
            .intro
            .key_var
            .iter()
            .chain([&expression.intro.value_var]);
        self.for_variables
            .extend(names.map(|name| name.as_str().to_owned()));
        visit::visit_for_expr(self, expression);
        self.for_variables.truncate(outer);
    }

    fn visit_for_directive(&mut self, directive: &ForDirective) {
        let outer = self.for_variables.len();
        let names = directive
            .for_expr
            .key_var
            .iter()
            .chain([&directive.for_expr.value_var]);
        self.for_variables
            .extend(names.map(|name| name.as_str().to_owned()));
        // The visitor of the library leaves out what is iterated over.
        self.visit_expr(&directive.for_expr.collection_expr);
        visit::visit_for_directive(self, directive);
        self.for_variables.truncate(outer);
    }
}
