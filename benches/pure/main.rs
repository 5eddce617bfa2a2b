//! What one job costs inside the provider, by criterion: no gRPC, no network.
//!
//! `cargo bench --bench pure`. `parts` are the pure steps that a call is made of; `calls` are whole calls, from the
//! bytes of a request to the bytes of its answer, by the methods that Terraform calls. Terraform itself spends some
//! hundred microseconds on each call.

#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "criterion's macros make public items; a benchmark may stop where it stands"
)]

mod calls;
mod job;
mod parts;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

criterion_group!(
    name = benches;
    // Three dozen figures in two minutes.
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = parts::of_one_job, calls::of_one_job, calls::after_many, calls::of_large_jobs
);
criterion_main!(benches);
