//! The settings as the provider tells them: its schema, with the values of its catalogue.

use facets_gpu::gpu::{CATALOGUE, JOB_LIMITS};
use facets_gpu::job::schema::{EGRESS, SCHEMA};
use facets_gpu::quantity::{Cpu, Memory};
use facets_gpu::schema::{Attribute, Mode, Type};
use facets_gpu::value;
use serde_json::{Value, json};

use super::{Accepts, Field, Fields};

/// The settings below these arguments of the resource.
pub(crate) fn fields(arguments: &[&str]) -> Fields {
    let mut fields = Fields::new();
    let chosen = |attribute: &&Attribute| arguments.contains(&attribute.name);
    for attribute in SCHEMA.attributes.iter().filter(chosen) {
        collect(attribute.name.to_owned(), attribute, &mut fields);
    }
    fields
}

/// Every region that has a GPU for jobs.
pub(crate) fn regions() -> Vec<Value> {
    let regions = CATALOGUE.iter().flat_map(|gpu| gpu.regions);
    regions.map(|region| json!(region)).collect()
}

fn collect(path: String, attribute: &Attribute, fields: &mut Fields) {
    let inside = if matches!(attribute.ty, Type::Objects(_)) {
        "[]"
    } else {
        ""
    };
    for inner in attribute.ty.nested().unwrap_or_default() {
        collect(format!("{path}{inside}.{}", inner.name), inner, fields);
    }
    let field = Field {
        kind: kind(&attribute.ty),
        required: attribute.mode == Mode::Required,
        default: default(attribute),
        accepts: accepts(&path),
    };
    fields.insert(path, field);
}

fn kind(ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::Number => "number".to_owned(),
        Type::String => "string".to_owned(),
        Type::List(element) => format!("list({})", kind(element)),
        Type::Set(element) => format!("set({})", kind(element)),
        Type::Map(element) => format!("map({})", kind(element)),
        Type::Object(_) => "object".to_owned(),
        Type::Objects(_) => "list(object)".to_owned(),
    }
}

/// To the provider an empty list or map is the same as none, so the module may make one of the other.
fn default(attribute: &Attribute) -> Option<Value> {
    match (&attribute.default, &attribute.ty) {
        (Some(default), _) => Some(json(default)),
        (None, Type::List(_) | Type::Set(_) | Type::Objects(_)) => Some(json!([])),
        (None, Type::Map(_)) => Some(json!({})),
        (None, _) => None,
    }
}

fn json(value: &value::Value) -> Value {
    match value {
        value::Value::Null | value::Value::Unknown => Value::Null,
        value::Value::Bool(truth) => json!(truth),
        value::Value::Number(number) => json!(number.as_i64()),
        value::Value::String(text) => json!(text.as_str()),
        value::Value::List(items) => items.iter().map(json).collect(),
        value::Value::Map(members) => {
            let members = members
                .iter()
                .map(|(key, member)| (key.to_string(), json(member)));
            Value::Object(members.collect())
        }
    }
}

fn accepts(path: &str) -> Accepts {
    let limits = &JOB_LIMITS;
    let gpus = CATALOGUE.iter();
    match path {
        // The contract has the switch; a job without a GPU is another flavor's.
        "gpu.enabled" => Accepts::OneOf(vec![json!(true)]),
        "gpu.type" => Accepts::OneOf(gpus.map(|gpu| json!(gpu.name)).collect()),
        "resources.cpu" => {
            let counts = gpus.flat_map(|gpu| gpu.cpus);
            Accepts::OneOf(
                counts
                    .map(|count| json!(Cpu::whole(*count).to_string()))
                    .collect(),
            )
        }
        "resources.memory" => {
            let amounts = gpus.flat_map(|gpu| gpu.memory_gib);
            Accepts::OneOf(amounts.map(|gib| json!(Memory::gib(*gib).to_string())).collect())
        }
        "job.task_count" => Accepts::Whole(limits.task_count.clone()),
        "job.parallelism" => Accepts::Whole(limits.parallelism.clone()),
        "job.max_retries" => Accepts::Whole(limits.max_retries.clone()),
        "job.task_timeout" => Accepts::UpTo(limits.task_timeout),
        "vpc_access.egress" => Accepts::OneOf(EGRESS.map(|(name, _)| json!(name)).to_vec()),
        _ => Accepts::Anything,
    }
}
