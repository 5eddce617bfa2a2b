//! Terraform's language as blocks and expressions, with the questions that several guards ask of them.

use hcl_edit::expr::{BinaryOperator, Expression, ObjectKey, TraversalOperator};
use hcl_edit::structure::{Block, Body};
use hcl_edit::template::Element;
use serde_json::{Map, Value};

use crate::repository;

/// A Terraform file of the repository.
pub(crate) fn read(path: &str) -> Body {
    parse(path, &repository::read(path))
}

/// Terraform's language from text; `name` says where it stands.
pub(crate) fn parse(name: &str, text: &str) -> Body {
    text.parse().unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The block of this kind with this first label.
pub(crate) fn block<'a>(body: &'a Body, kind: &'a str, label: &str) -> &'a Block {
    body.get_blocks(kind)
        .find(|block| block.has_labels(&[label]))
        .unwrap_or_else(|| panic!("no {kind} \"{label}\""))
}

/// The kind of a block with its labels, as it is written.
pub(crate) fn title(block: &Block) -> String {
    let labels = block
        .labels
        .iter()
        .map(|label| format!(" \"{}\"", label.as_str()));
    format!("{}{}", block.ident.as_str(), labels.collect::<String>())
}

/// The value of an argument.
pub(crate) fn argument<'a>(body: &'a Body, name: &str) -> Option<&'a Expression> {
    body.get_attribute(name).map(|argument| &argument.value)
}

/// The steps of `var.instance.spec`, when the expression is a chain of names.
pub(crate) fn path(expression: &Expression) -> Option<Vec<&str>> {
    match expression {
        Expression::Variable(name) => Some(vec![name.as_str()]),
        Expression::Traversal(traversal) => {
            let mut steps = path(&traversal.expr)?;
            for operator in &traversal.operators {
                let TraversalOperator::GetAttr(name) = operator.value() else {
                    return None;
                };
                steps.push(name.as_str());
            }
            Some(steps)
        }
        _ => None,
    }
}

/// The members of an object, in the order of the file.
pub(crate) fn members(expression: &Expression) -> Vec<(&str, &Expression)> {
    let Expression::Object(object) = expression else {
        return Vec::new();
    };
    object
        .iter()
        .map(|(key, value)| (key_name(key), value.expr()))
        .collect()
}

fn key_name(key: &ObjectKey) -> &str {
    match key {
        ObjectKey::Ident(name) => name.as_str(),
        ObjectKey::Expression(expression) => expression.as_str().unwrap_or("(computed)"),
    }
}

/// The name and the arguments of a call.
pub(crate) fn call(expression: &Expression) -> Option<(&str, Vec<&Expression>)> {
    let Expression::FuncCall(call) = expression else {
        return None;
    };
    Some((call.name.name.as_str(), call.args.iter().collect()))
}

/// What is written out: text, numbers, lists and objects of them. Products of numbers are worked out.
pub(crate) fn literal(expression: &Expression) -> Option<Value> {
    match expression {
        Expression::Null(_) => Some(Value::Null),
        Expression::Bool(truth) => Some(Value::Bool(*truth.value())),
        Expression::String(text) => Some(Value::String(text.value().clone())),
        Expression::Number(number) => number.value().as_i64().map(Value::from),
        Expression::Array(array) => array
            .iter()
            .map(literal)
            .collect::<Option<Vec<_>>>()
            .map(Value::Array),
        Expression::Object(_) => {
            let members = members(expression).into_iter();
            let written = members.map(|(key, value)| Some((key.to_owned(), literal(value)?)));
            written.collect::<Option<Map<_, _>>>().map(Value::Object)
        }
        Expression::BinaryOp(operation) if *operation.operator.value() == BinaryOperator::Mul => {
            let sides = [&operation.lhs_expr, &operation.rhs_expr].map(|side| literal(side)?.as_i64());
            Some(Value::from(sides[0]? * sides[1]?))
        }
        _ => None,
    }
}

/// Text with its interpolations as `${…}`.
pub(crate) fn text(expression: &Expression) -> String {
    let Expression::StringTemplate(template) = expression else {
        return expression.as_str().unwrap_or_default().to_owned();
    };
    let part = |element: &Element| match element {
        Element::Literal(text) => text.value().clone(),
        _ => "${…}".to_owned(),
    };
    template.iter().map(part).collect()
}

/// The expression as it is written.
pub(crate) fn written(expression: &Expression) -> String {
    expression.to_string().trim().to_owned()
}

#[test]
fn expressions_are_read() {
    let body = parse(
        "x",
        "a = var.b.c\nd = { e = [1, \"2\"], \"f\" = 168 * 3600 }\ng = \"x ${var.y} z\"\nh = var.b[0]\n",
    );
    let of = |name| argument(&body, name).unwrap();
    assert_eq!(path(of("a")), Some(vec!["var", "b", "c"]));
    assert_eq!(
        literal(of("d")),
        Some(serde_json::json!({"e": [1, "2"], "f": 604_800}))
    );
    assert_eq!(text(of("g")), "x ${…} z");
    assert_eq!(path(of("h")), None);
    assert_eq!(literal(of("a")), None);
}
