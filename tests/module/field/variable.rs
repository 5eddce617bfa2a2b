//! The settings as the variables tell them: the type with its defaults, and the validations.

use hcl_edit::expr::{BinaryOp, BinaryOperator, Expression, FuncCall};
use hcl_edit::structure::Block;
use hcl_edit::visit::{self, Visit};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

use super::{Accepts, Field, Fields};
use crate::hcl;

/// A validation: what it is about, what it lets through, and what it says.
#[derive(Debug)]
pub(crate) struct Validation {
    /// The one attribute that it reads, such as `var.instance.spec.gpu.type`.
    pub(crate) subject: String,
    /// The values that it lets through.
    pub(crate) accepts: Accepts,
    /// Its message, with each interpolation as `${…}`.
    pub(crate) message: String,
}

/// The settings below one attribute of a variable, such as `var.instance.spec`.
pub(crate) fn fields(variable: &Block, below: &str) -> Fields {
    let name = variable.labels[0].as_str();
    let mut all = Fields::new();
    let ty = hcl::argument(&variable.body, "type").unwrap();
    collect(&format!("var.{name}"), ty, &mut all);
    for validation in validations(variable) {
        let subject = &validation.subject;
        let field = all
            .get_mut(subject)
            .unwrap_or_else(|| panic!("a validation reads {subject:?}"));
        field.accepts = validation.accepts;
    }
    let inside = format!("{below}.");
    let named = all
        .into_iter()
        .filter_map(|(path, field)| Some((path.strip_prefix(&inside)?.to_owned(), field)));
    named.collect()
}

/// The validations of a variable.
pub(crate) fn validations(variable: &Block) -> Vec<Validation> {
    let blocks = variable.body.get_blocks("validation");
    blocks
        .map(|block| {
            let condition = hcl::argument(&block.body, "condition").unwrap();
            let (subject, accepts) = condition_of(condition);
            let message = hcl::text(hcl::argument(&block.body, "error_message").unwrap());
            Validation {
                subject,
                accepts,
                message,
            }
        })
        .collect()
}

/// The patterns that the validations of a variable match text with.
pub(crate) fn patterns(variable: &Block) -> Vec<String> {
    #[derive(Default)]
    struct Patterns(Vec<String>);
    impl Visit for Patterns {
        fn visit_func_call(&mut self, call: &FuncCall) {
            if let ("regex" | "regexall", Some(pattern)) = (call.name.name.as_str(), call.args.get(0)) {
                self.0.extend(pattern.as_str().map(str::to_owned));
            }
            visit::visit_func_call(self, call);
        }
    }
    let mut patterns = Patterns::default();
    patterns.visit_block(variable);
    patterns.0
}

fn collect(path: &str, ty: &Expression, fields: &mut Fields) {
    let (ty, required, default) = match hcl::call(ty) {
        Some(("optional", arguments)) => (
            arguments[0],
            false,
            arguments.get(1).and_then(|given| hcl::literal(given)),
        ),
        _ => (ty, true, None),
    };
    let field = Field {
        kind: kind(ty),
        required,
        default,
        accepts: Accepts::Anything,
    };
    fields.insert(path.to_owned(), field);
    match hcl::call(ty) {
        Some(("object", arguments)) => collect_members(path, arguments[0], fields),
        Some(("list", arguments)) => {
            if let Some(("object", arguments)) = hcl::call(arguments[0]) {
                collect_members(&format!("{path}[]"), arguments[0], fields);
            }
        }
        _ => {}
    }
}

fn collect_members(path: &str, object: &Expression, fields: &mut Fields) {
    for (name, ty) in hcl::members(object) {
        collect(&format!("{path}.{name}"), ty, fields);
    }
}

fn kind(ty: &Expression) -> String {
    match hcl::call(ty) {
        Some(("object", _)) => "object".to_owned(),
        Some((collection, arguments)) => format!("{collection}({})", kind(arguments[0])),
        None => hcl::written(ty),
    }
}

/// The forms that conditions of the module have. Any other is unclear, and then differs from every file.
fn condition_of(condition: &Expression) -> (String, Accepts) {
    let mut parts = Parts::default();
    parts.visit_expr(condition);
    let subject = parts.subjects.iter().cloned().collect::<Vec<_>>().join(" and ");
    let comparisons: Vec<(BinaryOperator, i64)> = parts.comparisons;
    let accepts = match (parts.lists.as_slice(), comparisons.as_slice(), parts.whole) {
        _ if parts.negated => None,
        ([list], [], false) => Some(Accepts::OneOf(list.clone())),
        ([], [(BinaryOperator::GreaterEq, least), (BinaryOperator::LessEq, most)], true) => {
            Some(Accepts::Whole(*least..=*most))
        }
        ([], [(BinaryOperator::LessEq, most)], false) => u64::try_from(*most)
            .ok()
            .map(|most| Accepts::UpTo(Duration::from_secs(most))),
        ([], [], false) if hcl::path(condition).is_some() => Some(Accepts::OneOf(vec![json!(true)])),
        _ => None,
    };
    (
        subject,
        accepts.unwrap_or_else(|| Accepts::Unclear(hcl::written(condition))),
    )
}

/// What a condition is put together from.
#[derive(Default)]
struct Parts {
    subjects: BTreeSet<String>,
    lists: Vec<Vec<serde_json::Value>>,
    comparisons: Vec<(BinaryOperator, i64)>,
    whole: bool,
    negated: bool,
}

impl Visit for Parts {
    fn visit_expr(&mut self, expression: &Expression) {
        match hcl::path(expression) {
            Some(path) if path[0] == "var" => {
                self.subjects.insert(path.join("."));
            }
            Some(_) => {}
            None => visit::visit_expr(self, expression),
        }
    }

    fn visit_func_call(&mut self, call: &FuncCall) {
        let list = call.args.get(0).and_then(hcl::literal);
        if let ("contains", Some(serde_json::Value::Array(list))) = (call.name.name.as_str(), list) {
            self.lists.push(list);
        }
        visit::visit_func_call(self, call);
    }

    fn visit_binary_op(&mut self, operation: &BinaryOp) {
        let operator = *operation.operator.value();
        let bound = hcl::literal(&operation.rhs_expr).and_then(|bound| bound.as_i64());
        match (operator, bound) {
            (BinaryOperator::And | BinaryOperator::Plus | BinaryOperator::Mul, _) => {}
            (BinaryOperator::Eq, None) if is_floor_of(&operation.lhs_expr, &operation.rhs_expr) => {
                self.whole = true
            }
            (BinaryOperator::GreaterEq | BinaryOperator::LessEq, Some(bound)) => {
                self.comparisons.push((operator, bound))
            }
            _ => self.negated = true,
        }
        visit::visit_binary_op(self, operation);
    }

    fn visit_unary_op(&mut self, _: &hcl_edit::expr::UnaryOp) {
        self.negated = true;
    }
}

fn is_floor_of(rounded: &Expression, number: &Expression) -> bool {
    let floor = hcl::call(rounded).filter(|(name, _)| *name == "floor");
    floor.is_some_and(|(_, arguments)| hcl::path(arguments[0]) == hcl::path(number))
}

#[test]
fn conditions_are_read() {
    let of =
        |text: &str| condition_of(hcl::argument(&hcl::parse("x", &format!("a = {text}\n")), "a").unwrap());
    let (subject, accepts) = of("contains([\"20\", \"24\"], try(var.a.b, \"20\"))");
    assert_eq!(
        (subject.as_str(), accepts),
        ("var.a.b", Accepts::OneOf(vec![json!("20"), json!("24")]))
    );
    let (subject, accepts) = of("var.n >= 0 && var.n <= 10 && floor(var.n) == var.n");
    assert_eq!((subject.as_str(), accepts), ("var.n", Accepts::Whole(0..=10)));
    assert_eq!(
        of("[for t in regexall(\"x\", var.t) : t.h * 3600 <= 2 * 3600]").1,
        Accepts::UpTo(Duration::from_hours(2))
    );
    assert_eq!(of("var.on").1, Accepts::OneOf(vec![json!(true)]));
    for unclear in [
        "var.n > 0 && var.n <= 10 && floor(var.n) == var.n",
        "var.n >= 0 || var.n <= 10 && floor(var.n) == var.n",
        "var.n >= 0 && var.n <= 10",
        "var.n >= 0",
        "!contains([1], var.n)",
        "contains([1], var.n) && contains([2], var.n)",
        "length(var.n)",
    ] {
        assert!(matches!(of(unclear).1, Accepts::Unclear(_)), "{unclear}");
    }
    assert_eq!(of("var.a == var.b").0, "var.a and var.b");
}
