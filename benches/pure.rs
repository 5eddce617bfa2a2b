//! The pure parts of a plan, by criterion: what one job costs inside the provider, without gRPC or network.
//!
//! `cargo bench --bench pure`. Terraform itself spends some hundred microseconds on each call, so there is room
//! for a good deal here; the figures are for seeing a change for the worse.

#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "criterion's macros make public items; a benchmark may stop where it stands"
)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use facets_gpu::job::model::Job;
use facets_gpu::job::plan::{Defaults, plan};
use facets_gpu::job::schema::SCHEMA;
use facets_gpu::job::validate::validate;
use facets_gpu::schema::Extra;
use facets_gpu::value::{Field, Value, from_json, from_msgpack, to_msgpack};

/// A job with something in every attribute that a user can set.
const JOB: &str = r#"{
    "name": "render-0",
    "facets": {
        "instance_name": "render",
        "environment": "prod",
        "cloud_tags": { "team": "media", "cost_center": "42" }
    },
    "container": {
        "image": "us-docker.pkg.dev/acme-batch/render/render:1.0",
        "command": ["render"],
        "args": ["--frames", "1-100"]
    },
    "gpu": { "enabled": true, "type": "nvidia-rtx-pro-6000" },
    "resources": { "cpu": "20", "memory": "80Gi" },
    "job": { "task_count": 10, "parallelism": 2, "max_retries": 3, "task_timeout": "1h" },
    "secrets": [{ "env_var": "API_KEY", "secret_name": "api-key" }],
    "env": { "LOG_LEVEL": "info", "SCENE": "s3-12" },
    "vpc_access": { "connector": "batch" },
    "service_account": "render@acme-batch.iam.gserviceaccount.com",
    "labels": { "stage": "prod" },
    "annotations": { "example.com/owner": "media" },
    "timeouts": { "create": "30m" }
}"#;

fn one_job(criterion: &mut Criterion) {
    let config = conforming(from_json(JOB.as_bytes()).expect("the job is JSON"));
    let bytes = to_msgpack(&config);
    let job = Job::read(&config);
    assert_eq!(validate(&job), [], "the job is a good one");

    criterion.bench_function("decode", |b| b.iter(|| from_msgpack(black_box(&bytes))));
    criterion.bench_function("conform to the schema", |b| {
        b.iter_batched(|| config.clone(), conforming, BatchSize::SmallInput);
    });
    criterion.bench_function("validate", |b| b.iter(|| validate(black_box(&job))));
    criterion.bench_function("plan a creation", |b| {
        b.iter(|| plan(&Value::Null, black_box(&config), &defaults()));
    });
    let planned = plan(&Value::Null, &config, &defaults()).planned;
    criterion.bench_function("encode", |b| b.iter(|| to_msgpack(black_box(&planned))));
}

/// What two calls do between their envelopes.
fn whole_calls(criterion: &mut Criterion) {
    let config = to_msgpack(&conforming(from_json(JOB.as_bytes()).expect("the job is JSON")));
    criterion.bench_function("ValidateResourceConfig, whole", |b| {
        b.iter(|| validate(&Job::read(&decoded(black_box(&config)))));
    });
    criterion.bench_function("PlanResourceChange, whole", |b| {
        b.iter(|| {
            // Prior state, proposal and configuration arrive; the plan leaves.
            let prior = decoded(black_box(&[NIL]));
            let proposed = decoded(black_box(&config));
            let plan = plan(&prior, &decoded(black_box(&config)), &defaults());
            (to_msgpack(&plan.planned), proposed)
        });
    });
}

fn decoded(bytes: &[u8]) -> Value {
    conforming(from_msgpack(bytes).expect("the bytes are MessagePack"))
}

fn conforming(value: Value) -> Value {
    SCHEMA
        .conform(value, Extra::Refuse)
        .expect("the job is of the schema")
}

fn defaults() -> Defaults {
    Defaults {
        project: Field::Known("acme-batch".to_owned()),
        region: Field::Known("us-central1".to_owned()),
        labels: Field::Null,
    }
}

/// Null in MessagePack.
const NIL: u8 = 0xc0;

criterion_group!(benches, one_job, whole_calls);
criterion_main!(benches);
