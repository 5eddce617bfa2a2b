//! The steps that calls are made of.

use std::hint::black_box;

use criterion::{BatchSize, Criterion};
use facets_gpu::job::model::Job;
use facets_gpu::job::plan::plan;
use facets_gpu::job::schema::SCHEMA;
use facets_gpu::job::validate::validate;
use facets_gpu::schema::Extra;
use facets_gpu::value::{Value, from_json, from_msgpack, to_msgpack};

use crate::job::{JOB, configuration, conforming, defaults};

pub(crate) fn of_one_job(criterion: &mut Criterion) {
    let config = configuration();
    let bytes = to_msgpack(&config);
    let job = Job::read(&config);
    assert_eq!(validate(&job), [], "the job is a good one");

    criterion.bench_function("decode", |b| b.iter(|| from_msgpack(black_box(&bytes))));
    criterion.bench_function("decode JSON", |b| b.iter(|| from_json(black_box(JOB.as_bytes()))));
    criterion.bench_function("conform to the schema", |b| {
        b.iter_batched(
            || config.clone(),
            |config| SCHEMA.conform(config, Extra::Refuse),
            BatchSize::SmallInput,
        );
    });
    criterion.bench_function("read the model", |b| b.iter(|| Job::read(black_box(&config))));
    criterion.bench_function("validate", |b| b.iter(|| validate(black_box(&job))));
    criterion.bench_function("plan a creation", |b| {
        b.iter(|| plan(&Value::Null, black_box(&config), &defaults()));
    });
    let planned = plan(&Value::Null, &conforming(config), &defaults()).planned;
    criterion.bench_function("encode", |b| b.iter(|| to_msgpack(black_box(&planned))));
}
