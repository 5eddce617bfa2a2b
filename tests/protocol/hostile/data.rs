//! Configurations of data sources with one thing in them that is absent, unknown, empty, huge or of another kind.

use facets_gpu::wire::proto::tfplugin6::{Diagnostic, DynamicValue, Schema, get_provider_schema};
use serde_json::{Value, json};

use super::{
    blamed, improper,
    place::{Place, places},
    provider,
    values::{self, Fit},
};
use crate::{
    codec::{self, raw},
    core::{typed, unknowns},
    harness::Emulator,
    terraform::{CATALOGUE, JOB, Terraform, attributes, errors},
    version::V1_11_4,
};

/// A configuration of each data source with nothing wrong in it.
fn sources() -> [(&'static str, Value); 2] {
    let job = json!({ "name": "nightly", "project": "acme-batch", "location": "us-central1" });
    [(JOB, job), (CATALOGUE, json!({ "type": "nvidia-rtx-pro-6000" }))]
}

/// A configured provider with a job in its cloud.
async fn start(cloud: &Emulator) -> (Terraform, get_provider_schema::Response) {
    let container = json!({ "image": "us-docker.pkg.dev/acme-batch/jobs/train:1" });
    let job = json!({ "template": { "template": { "containers": [container] } } });
    cloud.create_job("nightly", &job);
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let mut provider = provider();
    provider["cloud_run_endpoint"] = cloud.endpoint().into();
    let told = terraform
        .configure(schemas.provider.as_ref().unwrap(), &provider)
        .await;
    assert_eq!(told, []);
    (terraform, schemas)
}

/// What is wrong with the answers to a configuration that is unusual in one place: what validate says, and what is
/// read then. Whether something was read.
async fn try_one(
    terraform: &mut Terraform,
    (name, schema): (&str, &Schema),
    (place, is_known): (&Place, bool),
    config: DynamicValue,
) -> (Vec<String>, bool) {
    let told = terraform.validate_data(name, Some(config.clone())).await;
    let answer = terraform.read_data(name, Some(config)).await;
    let all = [told, answer.diagnostics].concat();
    let mut faults = improper(&all);
    // A job that is not there is told at its name, whichever part of it is another.
    let mut blaming = all.clone();
    blaming.retain(|told| told.summary != "No such job");
    let elsewhere: Vec<_> = blamed(&blaming)
        .into_iter()
        .filter(|at| !place.concerns(at))
        .collect();
    if !elsewhere.is_empty() {
        faults.push(format!("errors elsewhere: {elsewhere:?}"));
    }
    let state = answer.state.map(|state| typed(attributes(schema), &state));
    let is_read = state.is_some();
    match (errors(&all).len(), state) {
        (1.., None) => {}
        // Terraform does not read while something is unknown.
        (0, Some(Ok(state))) if unknowns(&state).is_empty() || !is_known => {}
        other => faults.push(format!("{other:?}")),
    }
    (faults, is_read)
}

#[tokio::test]
async fn what_is_in_one_place_of_a_data_source_is_an_error_there_or_taken() {
    let cloud = Emulator::with(&["--operation-time", "0ms"]);
    let (mut terraform, schemas) = start(&cloud).await;
    let (mut found, mut read, mut refused) = (Vec::new(), 0, 0);
    for (name, base) in sources() {
        let schema = &schemas.data_source_schemas[name];
        let attributes = attributes(schema);
        for place in places(attributes).into_iter().filter(|place| !place.told) {
            for Fit { name: what, sent, .. } in values::fit(place.kind) {
                let config = codec::object(attributes, &place.put(attributes, &base, &sent));
                let is_known = !what.contains("unknown");
                let at = (&place, is_known);
                let (faults, is_read) = try_one(&mut terraform, (name, schema), at, config).await;
                found.extend(
                    faults
                        .iter()
                        .map(|fault| format!("{name}: {place} = {what}: {fault}")),
                );
                *(if is_read { &mut read } else { &mut refused }) += 1;
            }
        }
    }
    assert_eq!(found, [""; 0]);
    assert!(read > 2 && refused > 10, "{read} read, {refused} refused");
    terraform.end().await;
}

#[tokio::test]
async fn a_value_of_another_kind_in_a_data_source_is_an_error_where_it_is() {
    let cloud = Emulator::with(&["--operation-time", "0ms"]);
    let (mut terraform, schemas) = start(&cloud).await;
    let mut found = Vec::new();
    for (name, base) in sources() {
        let schema = &schemas.data_source_schemas[name];
        let attributes = attributes(schema);
        for place in places(attributes) {
            for (what, bytes) in values::unfit(&place) {
                let config = codec::object(attributes, &place.put(attributes, &base, &raw(&bytes)));
                let (faults, told, is_read) = try_one_unreadable(&mut terraform, name, &place, config).await;
                let mut fault = |fault: String| found.push(format!("{name}: {place} = {what}: {fault}"));
                faults.into_iter().for_each(&mut fault);
                if is_read || blamed(&told).len() != 1 {
                    fault(format!("read: {is_read}, told: {told:?}"));
                }
            }
        }
    }
    assert_eq!(found, [""; 0]);
    assert_eq!(
        cloud
            .lines()
            .iter()
            .filter(|line| line.starts_with("GET /jobs"))
            .count(),
        0
    );
    terraform.end().await;
}

/// The same for what is not even of the schema's form.
async fn try_one_unreadable(
    terraform: &mut Terraform,
    name: &str,
    place: &Place,
    config: DynamicValue,
) -> (Vec<String>, Vec<Diagnostic>, bool) {
    let told = terraform.validate_data(name, Some(config.clone())).await;
    let answer = terraform.read_data(name, Some(config)).await;
    let mut faults = [improper(&told), improper(&answer.diagnostics)].concat();
    let words = place.words();
    for at in [blamed(&told), blamed(&answer.diagnostics)].concat() {
        if !at.starts_with(&words) {
            faults.push(format!("an error at {at:?}"));
        }
    }
    (faults, told, answer.state.is_some())
}

#[tokio::test]
async fn a_data_source_that_there_is_not_or_that_is_nothing_is_an_error() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let unknown = DynamicValue {
        msgpack: vec![0xd4, 0, 0],
        json: Vec::new(),
    };
    for config in [
        None,
        Some(DynamicValue::default()),
        Some(codec::null()),
        Some(unknown),
    ] {
        for name in [JOB, CATALOGUE, "facets_gpu_other", ""] {
            let told = terraform.validate_data(name, config.clone()).await;
            let answer = terraform.read_data(name, config.clone()).await;
            assert_eq!(
                improper(&[told.clone(), answer.diagnostics.clone()].concat()),
                [""; 0]
            );
            let is_there = [JOB, CATALOGUE].contains(&name);
            assert_eq!(
                told.iter().any(|told| told.summary == "Unknown data source"),
                !is_there
            );
            // Of nothing, the catalogue tells all; a job is not found.
            assert_eq!(answer.state.is_some(), name == CATALOGUE, "{name}");
        }
    }
    terraform.end().await;
}
