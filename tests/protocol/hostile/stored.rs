//! A stored state as no apply of this version has left it: it is read, or it is an error at its place.

use serde_json::{Map, Value, json};

use super::{
    blamed, improper, job,
    place::{Kind, Place, places},
};
use crate::{
    core::{typed, unknowns},
    terraform::{JOB, Terraform, attributes, errors},
    version::V1_11_4,
};

/// JSON to be put into a place, and whether it belongs there. Huge text goes into the outermost places only.
fn texts(place: &Place) -> Vec<(String, String, bool)> {
    const NUMBER: &[Kind] = &[Kind::Number];
    const OBJECT: &[Kind] = &[Kind::Map, Kind::Object];
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let digits = "9".repeat(400);
    let mut all: Vec<(&str, String, &[Kind])> = vec![
        ("lists 100 deep", deep(100), &[]),
        ("lists 300 deep", deep(300), &[]),
    ];
    for (text, kinds) in [
        ("true", &[Kind::Bool][..]),
        ("\"many\"", &[Kind::Text]),
        ("\"12\"", &[Kind::Text, Kind::Number]),
        ("\"\\ud800\"", &[]),
        ("[]", &[Kind::List]),
        ("{}", OBJECT),
        ("0", NUMBER),
        ("-0", NUMBER),
        ("-0.0", NUMBER),
        ("1e400", NUMBER),
        (&digits, NUMBER),
        ("1e99999999999", &[]),
    ] {
        all.push(("some text", text.to_owned(), kinds));
    }
    if place.steps.len() == 1 {
        let members: Vec<String> = (0..100_000).map(|at| format!("\"a{at}\": null")).collect();
        all.push((
            "a huge text",
            format!("\"{}\"", "x".repeat(1_000_000)),
            &[Kind::Text],
        ));
        all.push((
            "a huge list",
            format!("[{}]", vec!["null"; 100_000].join(",")),
            &[Kind::List],
        ));
        all.push(("a huge object", format!("{{{}}}", members.join(",")), OBJECT));
        all.push(("a million digits", "7".repeat(1_000_000), NUMBER));
    }
    let fits = all.into_iter().map(|(name, text, kinds)| {
        let fits = kinds.contains(&place.kind);
        let name = if text.len() < 20 {
            text.clone()
        } else {
            name.to_owned()
        };
        (name, text, fits)
    });
    fits.chain([("null".to_owned(), "null".to_owned(), true)])
        .collect()
}

/// The state with this text in a place. The text need not be a value that other JSON could hold.
fn with_text(place: &Place, good: &Value, text: &str) -> String {
    const HERE: &str = "@here@";
    place
        .put(&[], good, &json!(HERE))
        .to_string()
        .replace(&format!("\"{HERE}\""), text)
}

#[tokio::test]
async fn a_state_is_read_or_refused_where_it_does_not_fit() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let attributes = attributes(&schemas.resource_schemas[JOB]);
    let mut found = Vec::new();
    for place in places(attributes) {
        for (name, text, fits) in texts(&place) {
            let mut fault = |fault: String| found.push(format!("{place} = {name}: {fault}"));
            let answer = terraform
                .upgrade(with_text(&place, &job(), &text).as_bytes())
                .await;
            improper(&answer.diagnostics).into_iter().for_each(&mut fault);
            let told = blamed(&answer.diagnostics);
            match (fits, told.as_slice()) {
                (false, [at]) if at.starts_with(&place.words()) => {}
                (true, []) => match typed(attributes, answer.upgraded_state.as_ref().unwrap()) {
                    Ok(state) if unknowns(&state).is_empty() => {}
                    // Numbers that no JSON library holds are read back by the provider's own tests.
                    Err(_) if place.kind == Kind::Number => {}
                    other => fault(format!("{other:?}")),
                },
                (_, at) => fault(format!("fits: {fits}, errors at {at:?}")),
            }
        }
    }
    assert_eq!(found, [""; 0]);
    terraform.end().await;
}

#[tokio::test]
async fn a_state_may_hold_whatever_the_schema_does_not_know() {
    let mut terraform = Terraform::start(V1_11_4).await;
    for (text, is_readable) in [
        ("[[[{}]]]", true),
        ("1e400", true),
        ("\"\\u0000\"", true),
        ("\"\\ud800\"", false),
        ("1e99999999999", false),
        ("{", false),
    ] {
        let mut state = job();
        state["of_another_version"] = json!("@here@");
        let state = state.to_string().replace("\"@here@\"", text);
        let told = terraform.upgrade(state.as_bytes()).await.diagnostics;
        assert_eq!(errors(&told).is_empty(), is_readable, "{text}: {told:?}");
    }
    let mut state = job();
    // What some JSON libraries take for a number of theirs is an annotation like any other here.
    state["annotations"] = Value::Object(Map::from_iter([(
        "$serde_json::private::Number".to_owned(),
        json!("1"),
    )]));
    let answer = terraform.upgrade(state.to_string().as_bytes()).await;
    assert_eq!(answer.diagnostics, []);
    terraform.end().await;
}
