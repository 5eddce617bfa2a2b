//! A value of another kind is an error at its place, whichever call brings it.

use facets_gpu::wire::proto::tfplugin6::{
    Diagnostic, DynamicValue, Schema, apply_resource_change, configure_provider, plan_resource_change,
    validate_provider_config,
};
use serde_json::Value;

use super::{
    blamed, improper, job,
    place::{Place, places},
    provider, values,
};
use crate::{
    codec::{self, raw},
    terraform::{JOB, Terraform, attributes},
    version::V1_11_4,
};

/// Each place of a schema with each value that does not belong there, as a whole message around it.
fn messages<'s>(
    schema: &'s Schema,
    base: &'s Value,
) -> impl Iterator<Item = (String, Place, DynamicValue)> + 's {
    let attributes = attributes(schema);
    let places = places(attributes).into_iter();
    places.flat_map(move |place| {
        let values = values::unfit(&place).into_iter();
        values.map(move |(name, bytes)| {
            let value = codec::object(attributes, &place.put(attributes, base, &raw(&bytes)));
            (format!("{place} = {name}"), place.clone(), value)
        })
    })
}

/// What is wrong with an answer to something that has one fault, in one place.
fn misjudged(what: &str, place: &Place, told: &[Diagnostic]) -> Vec<String> {
    let mut found = improper(told);
    let words = place.words();
    // A fault inside of the value, where the schema has no places any more, is told where it is.
    match blamed(told).as_slice() {
        [at] if at.starts_with(&words) => {}
        [] => found.push("no error".to_owned()),
        other => found.push(format!("errors at {other:?}")),
    }
    found.iter().map(|fault| format!("{what}: {fault}")).collect()
}

#[tokio::test]
async fn a_value_of_another_kind_is_an_error_where_it_is() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let schema = &schemas.resource_schemas[JOB];
    let good = Some(codec::object(attributes(schema), &job()));
    let mut found = Vec::new();
    for (what, place, bad) in messages(schema, &job()) {
        let bad = Some(bad);
        let told = terraform.validate_value(bad.clone()).await;
        found.extend(misjudged(&format!("validate, {what}"), &place, &told));
        for (role, prior, config) in [("config", &good, &bad), ("prior state", &bad, &good)] {
            let request = plan_resource_change::Request {
                prior_state: prior.clone(),
                proposed_new_state: good.clone(),
                config: config.clone(),
                ..Default::default()
            };
            let answer = terraform.plan_change(request).await;
            found.extend(misjudged(
                &format!("plan, {role}, {what}"),
                &place,
                &answer.diagnostics,
            ));
        }
        let request = apply_resource_change::Request {
            prior_state: good.clone(),
            planned_state: bad.clone(),
            ..Default::default()
        };
        let answer = terraform.apply_change(request).await;
        found.extend(misjudged(&format!("apply, {what}"), &place, &answer.diagnostics));
        if answer.new_state != good {
            found.push(format!("apply, {what}: the state is not what it was"));
        }
        let answer = terraform.read_value(bad.clone()).await;
        found.extend(misjudged(&format!("read, {what}"), &place, &answer.diagnostics));
        if answer.new_state != bad {
            found.push(format!("read, {what}: the state is not what it was"));
        }
        let answer = terraform.generate(bad.clone()).await;
        found.extend(misjudged(
            &format!("generate, {what}"),
            &place,
            &answer.diagnostics,
        ));
        if answer.config.is_some() {
            found.push(format!("generate, {what}: there is a configuration"));
        }
    }
    assert_eq!(found, [""; 0]);
    terraform.end().await;
}

#[tokio::test]
async fn of_a_proposal_counts_only_whether_it_is_nothing() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let schema = &schemas.resource_schemas[JOB];
    let good = codec::object(attributes(schema), &job());
    let planned = async |terraform: &mut Terraform, proposed| {
        let request = plan_resource_change::Request {
            proposed_new_state: Some(proposed),
            config: Some(good.clone()),
            ..Default::default()
        };
        terraform.plan_change(request).await
    };
    let expected = planned(&mut terraform, good.clone()).await;
    assert_eq!(expected.diagnostics, []);
    for (what, _, bad) in messages(schema, &job()) {
        assert_eq!(planned(&mut terraform, bad).await, expected, "{what}");
    }
    terraform.end().await;
}

#[tokio::test]
async fn a_value_of_another_kind_in_the_providers_configuration_is_an_error_where_it_is() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let schema = terraform.schemas().await.provider.unwrap();
    let mut found = Vec::new();
    for (what, place, bad) in messages(&schema, &provider()) {
        let request = validate_provider_config::Request {
            config: Some(bad.clone()),
        };
        let answer = terraform.client.validate_provider_config(request).await.unwrap();
        found.extend(misjudged(
            &format!("validate, {what}"),
            &place,
            &answer.get_ref().diagnostics,
        ));
        let request = configure_provider::Request {
            config: Some(bad),
            ..Default::default()
        };
        let answer = terraform.client.configure_provider(request).await.unwrap();
        found.extend(misjudged(
            &format!("configure, {what}"),
            &place,
            &answer.get_ref().diagnostics,
        ));
    }
    assert_eq!(found, [""; 0]);
    terraform.end().await;
}
