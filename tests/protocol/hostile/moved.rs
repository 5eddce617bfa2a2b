//! A state of another resource that is moved here: whatever is in it, the answer is a job or an error.

use facets_gpu::wire::proto::tfplugin6::{RawState, move_resource_state};
use serde_json::{Value, json};

use super::{improper, job};
use crate::{
    core::{typed, unknowns},
    terraform::{JOB, Terraform, attributes, errors},
    version::V1_11_4,
};

/// A request to move this state, as core sends it.
fn request(state: &str) -> move_resource_state::Request {
    move_resource_state::Request {
        source_provider_address: "registry.terraform.io/hashicorp/google".to_owned(),
        source_type_name: "google_cloud_run_v2_job".to_owned(),
        source_state: Some(RawState {
            json: state.as_bytes().to_vec(),
            ..RawState::default()
        }),
        target_type_name: JOB.to_owned(),
        ..move_resource_state::Request::default()
    }
}

fn good() -> Value {
    serde_json::from_str(include_str!("../../../src/job/moved/testdata/full.json")).unwrap()
}

/// Every place of a state, as JSON pointers.
fn places(at: &str, value: &Value, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            places(&format!("{at}/{name}"), member, found);
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| places(&format!("{at}/{index}"), item, found)),
        _ => {}
    }
}

/// JSON to be put into each place.
fn texts() -> Vec<String> {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let wrapped = |depth: usize| format!("{}1{}", "[{\"a\":".repeat(depth), "}]".repeat(depth));
    let mut texts = vec![
        deep(60),
        deep(300),
        wrapped(40),
        format!("\"{}\"", "x".repeat(200_000)),
    ];
    texts.extend(
        [
            "null",
            "true",
            "\"many\"",
            "\"\"",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "[]",
            "[null]",
            "[[]]",
            "[{}]",
            "[{}, {}]",
            "[null, \"a\"]",
            "{}",
            "{\"a\": {}}",
            "{\"$serde_json::private::Number\": \"1\"}",
            "0",
            "-1",
            "1.5",
            "1e400",
            "1e99999999999",
            "99999999999999999999",
            "{",
        ]
        .map(str::to_owned),
    );
    texts
}

#[tokio::test]
async fn a_state_with_anything_in_it_becomes_a_job_or_an_error() {
    const HERE: &str = "@here@";
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let attributes = attributes(&schemas.resource_schemas[JOB]);
    let (good, mut all, mut found, mut moved) = (good(), Vec::new(), Vec::new(), 0);
    places("", &good, &mut all);
    for place in all {
        for text in texts() {
            let mut state = good.clone();
            *state.pointer_mut(&place).unwrap() = json!(HERE);
            let state = state.to_string().replace(&format!("\"{HERE}\""), &text);
            let answer = terraform.moved(request(&state)).await;
            let start: String = text.chars().take(30).collect();
            let mut fault = |fault: String| found.push(format!("{place} = {start}: {fault}"));
            improper(&answer.diagnostics).into_iter().for_each(&mut fault);
            match (errors(&answer.diagnostics).len(), &answer.target_state) {
                (1, None) => {}
                (0, Some(state)) => match typed(attributes, state) {
                    Ok(state) if unknowns(&state).is_empty() => moved += 1,
                    other => fault(format!("{other:?}")),
                },
                (errors, state) => fault(format!("{errors} errors and {state:?}")),
            }
        }
    }
    assert_eq!(found, [""; 0]);
    assert!(moved > 500, "only {moved} were moved");
    terraform.end().await;
}

#[tokio::test]
async fn what_is_not_that_resource_is_refused_and_a_job_of_ours_is_moved_as_it_is() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let good = good().to_string();
    let huge = "x".repeat(1_000_000);
    for (address, source, target) in [
        ("", "", ""),
        (
            "registry.terraform.io/hashicorp/google",
            "google_cloud_run_job",
            JOB,
        ),
        (
            "registry.terraform.io/hashicorp/aws",
            "google_cloud_run_v2_job",
            JOB,
        ),
        (
            "registry.terraform.io/hashicorp/google",
            "google_cloud_run_v2_job",
            "other_type",
        ),
        (&huge, &huge, JOB),
    ] {
        let answer = terraform
            .moved(move_resource_state::Request {
                source_provider_address: address.to_owned(),
                source_type_name: source.to_owned(),
                target_type_name: target.to_owned(),
                ..request(&good)
            })
            .await;
        assert_eq!(improper(&answer.diagnostics), [""; 0]);
        assert_eq!(
            (errors(&answer.diagnostics).len(), answer.target_state),
            (1, None)
        );
    }

    let state = job().to_string();
    let ours = move_resource_state::Request {
        source_type_name: JOB.to_owned(),
        source_private: vec![7],
        ..request(&state)
    };
    let answer = terraform.moved(ours.clone()).await;
    let upgraded = terraform.upgrade(state.as_bytes()).await.upgraded_state;
    assert_eq!((answer.target_state, answer.target_private), (upgraded, vec![7]));
    let mut none = ours;
    none.source_state = None;
    assert_eq!(improper(&terraform.moved(none).await.diagnostics), [""; 0]);
    terraform.end().await;
}
