//! Data sources as versions of Terraform ask for them, the oldest that is supported among them.

use serde_json::{Value, json};

use crate::{
    codec,
    core::{typed, unknowns},
    harness::Emulator,
    terraform::{CATALOGUE, JOB, Terraform, attributes},
    version::{V1_5_7, V1_11_4, V1_16_0},
};

/// Validates and reads as a plan does, without an error.
async fn read(terraform: &mut Terraform, name: &str, config: &Value) -> Value {
    let schema = terraform
        .schemas()
        .await
        .data_source_schemas
        .remove(name)
        .unwrap();
    let config = Some(codec::object(attributes(&schema), config));
    assert_eq!(terraform.validate_data(name, config.clone()).await, []);
    let answer = terraform.read_data(name, config).await;
    assert_eq!(answer.diagnostics, []);
    assert!(answer.deferred.is_none());
    let state = typed(attributes(&schema), answer.state.as_ref().unwrap()).unwrap();
    assert_eq!(unknowns(&state), [""; 0]);
    state
}

#[tokio::test]
async fn every_version_reads_the_same_job_with_one_request() {
    let cloud = Emulator::with(&["--operation-time", "0ms"]);
    let container = json!({ "image": "us-docker.pkg.dev/acme-batch/jobs/train:1" });
    let job = json!({ "labels": { "a": "b" }, "template": { "template": { "containers": [container] } } });
    cloud.create_job("nightly", &job);
    let provider = json!({
        "project": "acme-batch", "region": "us-central1", "access_token": "token", "cloud_run_endpoint": cloud.endpoint(),
    });
    let mut told = Vec::new();
    for version in [V1_5_7, V1_11_4, V1_16_0] {
        let mut terraform = Terraform::start(version).await;
        let schemas = terraform.schemas().await;
        let faults = terraform
            .configure(schemas.provider.as_ref().unwrap(), &provider)
            .await;
        assert_eq!(faults, []);
        cloud.clear_requests();
        told.push(read(&mut terraform, JOB, &json!({ "name": "nightly" })).await);
        assert_eq!(cloud.lines(), ["GET /jobs/nightly"]);
        terraform.end().await;
    }
    assert_eq!(told[0]["project"], "acme-batch");
    assert_eq!(told[0]["labels"], json!({ "a": "b" }));
    assert_eq!(told[0], told[1]);
    assert_eq!(told[1], told[2]);
}

#[tokio::test]
async fn the_catalogue_is_told_by_a_provider_that_nobody_has_configured() {
    let mut told = Vec::new();
    for version in [V1_5_7, V1_11_4, V1_16_0] {
        let mut terraform = Terraform::start(version).await;
        told.push(read(&mut terraform, CATALOGUE, &json!({})).await);
        terraform.end().await;
    }
    assert_eq!(told[0]["gpus"][0]["type"], "nvidia-rtx-pro-6000");
    assert_eq!(told[0], told[1]);
    assert_eq!(told[1], told[2]);
}

#[tokio::test]
async fn a_job_cannot_be_read_by_a_provider_that_is_not_known_yet() {
    let mut terraform = Terraform::start(V1_5_7).await;
    let schemas = terraform.schemas().await;
    let provider =
        json!({ "project": "acme-batch", "region": "us-central1", "access_token": codec::UNKNOWN });
    terraform
        .configure(schemas.provider.as_ref().unwrap(), &provider)
        .await;
    let config = codec::object(
        attributes(&schemas.data_source_schemas[JOB]),
        &json!({ "name": "nightly" }),
    );
    let answer = terraform.read_data(JOB, Some(config)).await;
    assert_eq!(answer.state, None);
    assert_eq!(answer.diagnostics[0].summary, "Provider configuration not known");
    terraform.end().await;
}
