//! What is put into a place: values that belong there, however absurd, and values that do not.

use rmp::encode;
use serde_json::{Map, Value, json};

use super::place::{Kind, Place};
use crate::codec::{UNKNOWN, raw};

/// A value of the right kind.
pub(super) struct Fit {
    pub(super) name: &'static str,
    /// As it is sent.
    pub(super) sent: Value,
    /// As Terraform has it, where these tests can tell.
    pub(super) meant: Option<Value>,
}

impl Fit {
    fn new(name: &'static str, value: Value) -> Fit {
        Fit {
            name,
            meant: Some(value.clone()),
            sent: value,
        }
    }

    /// Sent in a form of which there are several.
    fn sent_as(name: &'static str, sent: &[u8], meant: Option<Value>) -> Fit {
        Fit {
            name,
            sent: raw(sent),
            meant,
        }
    }
}

/// Values that the schema allows in such a place: absent, unknown, empty and huge.
pub(super) fn fit(kind: Kind) -> Vec<Fit> {
    let mut values = vec![
        Fit::new("null", Value::Null),
        Fit::new("unknown", json!(UNKNOWN)),
        Fit::sent_as("refined unknown", &refined(kind), Some(json!(UNKNOWN))),
    ];
    values.extend(match kind {
        Kind::Bool => vec![Fit::new("true", json!(true)), Fit::new("false", json!(false))],
        Kind::Number => numbers(),
        Kind::Text => [
            ("empty", ""),
            ("blank", " "),
            ("NUL", "a\u{0}"),
            ("a few letters", "ab"),
            ("a number", "12"),
        ]
        .map(|(name, text)| Fit::new(name, json!(text)))
        .into_iter()
        .chain([Fit::new("huge", json!("a".repeat(HUGE_TEXT)))])
        .collect(),
        Kind::List => lists(),
        Kind::Map => maps(),
        Kind::Object => vec![Fit::new("empty", Map::new().into())],
    });
    values
}

fn numbers() -> Vec<Fit> {
    let mut minus_zero = Vec::new();
    encode::write_f64(&mut minus_zero, -0.0).unwrap();
    let mut infinite = Vec::new();
    encode::write_f64(&mut infinite, f64::INFINITY).unwrap();
    let mut numbers = vec![
        Fit::new("zero", json!(0)),
        Fit::new("negative", json!(-1)),
        Fit::new("broken", json!(1.5)),
        Fit::new("the largest of 64 bits", json!(i64::MAX)),
        Fit::new("the least of 64 bits", json!(i64::MIN)),
        Fit::sent_as("minus zero", &minus_zero, Some(json!(0))),
        Fit::sent_as("infinite", &infinite, None),
    ];
    for (name, text) in [
        ("400 digits", "9".repeat(400)),
        ("400 decimals", format!("0.{}1", "0".repeat(400))),
        ("1e400", "1e400".to_owned()),
        ("a million digits", "7".repeat(HUGE_TEXT)),
        ("an exponent of 32 bits", "1e2147483647".to_owned()),
        ("a negative exponent of 32 bits", "1e-2147483648".to_owned()),
    ] {
        numbers.push(Fit::sent_as(name, &packed(&text), None));
    }
    numbers
}

fn lists() -> Vec<Fit> {
    vec![
        Fit::new("empty", json!([])),
        Fit::new("with a null element", json!([null])),
        Fit::new("with an unknown element", json!([UNKNOWN])),
        Fit::new("huge, of nulls", Value::Array(vec![Value::Null; HUGE_COUNT])),
    ]
}

fn maps() -> Vec<Fit> {
    let of = |key: &str, value: Value| json!({ key: value });
    let huge = |key: fn(usize) -> String| {
        let members = (0..HUGE_COUNT).map(|at| (key(at), json!("a")));
        Value::Object(members.collect())
    };
    vec![
        Fit::new("empty", Map::new().into()),
        Fit::new("with a null element", of("a", Value::Null)),
        Fit::new("with an unknown element", of("a", json!(UNKNOWN))),
        Fit::new("with an empty key", of("", json!("a"))),
        Fit::new("with a huge key", of(&"k".repeat(HUGE_TEXT), json!("a"))),
        Fit::new("huge", huge(|at| format!("a{at}"))),
        Fit::new("huge, of bad keys", huge(|at| format!("A={at}"))),
    ]
}

/// An unknown value of which something is known, as Terraform sends it: ext 12 and a map of refinements.
fn refined(kind: Kind) -> Vec<u8> {
    let mut known = vec![0x82, 1, 0xc2];
    match kind {
        Kind::Text => known.extend([&[2][..], &packed("pre-")].concat()),
        Kind::Number => known.extend([3, 0x92, 0, 0xc3]),
        Kind::List | Kind::Map => known.extend([5, 1]),
        Kind::Bool | Kind::Object => known = vec![0x81, 1, 0xc2],
    }
    let mut bytes = Vec::new();
    encode::write_ext_meta(&mut bytes, u32::try_from(known.len()).unwrap(), 12).unwrap();
    bytes.extend(known);
    bytes
}

/// Values that do not belong into such a place, each with its name. Huge ones go into the outermost places only: what
/// is further in is read by the same code.
pub(super) fn unfit(place: &Place) -> Vec<(&'static str, Vec<u8>)> {
    let kind = place.kind;
    let mut values: Vec<(&'static str, Vec<u8>)> = vec![
        ("binary data", vec![0xc4, 1, 7]),
        ("text that is no UTF-8", vec![0xa2, 0xc3, 0x28]),
        ("not a number", vec![0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]),
        ("the marker that nothing has", vec![0xc1]),
        ("a map with a number for a key", vec![0x81, 1, 1]),
        ("lists 300 deep", [vec![0x91; 300], vec![0xc0]].concat()),
        (
            "maps 300 deep",
            [[0x81, 0xa1, b'k'].repeat(300), vec![0xc0]].concat(),
        ),
    ];
    for (other, name, bytes) in [
        (Kind::Bool, "a bool", vec![0xc3]),
        (Kind::Number, "a number", vec![7]),
        (
            Kind::Number,
            "a broken number",
            vec![0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0],
        ),
        (Kind::Text, "text", packed("many")),
        (Kind::Text, "empty text", packed("")),
        (Kind::List, "a list", vec![0x90]),
    ] {
        if other != kind {
            values.push((name, bytes));
        }
    }
    if place.steps.len() == 1 && kind != Kind::Text {
        values.push(("huge text", packed(&"x".repeat(HUGE_TEXT))));
    }
    if place.steps.len() == 1 && kind != Kind::List {
        let huge = [vec![0xdd, 0, 1, 0x86, 0xa0], vec![7; HUGE_COUNT]].concat();
        values.push(("a huge list", huge));
    }
    match kind {
        // Objects are maps on the wire; one that has another member is none of the schema's.
        Kind::Object => values.push(("an object of another kind", vec![0x81, 0xa2, b'?', b'?', 1])),
        Kind::Map => {}
        _ => values.push(("a map", vec![0x80])),
    }
    values
}

fn packed(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode::write_str(&mut bytes, text).unwrap();
    bytes
}

/// Bytes of a text that nobody writes.
const HUGE_TEXT: usize = 1_000_000;
/// Elements of a list or map that nobody writes.
const HUGE_COUNT: usize = 100_000;
