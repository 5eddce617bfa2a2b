//! Criterion benchmarks of the provider's methods for one job, without gRPC and network.
//!
//! Each call includes decoding the request and encoding the response. For comparison: Terraform spends some hundred
//! microseconds per call.

#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "criterion's macros define public items; a benchmark fails by panicking"
)]

mod calls;
mod job;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

criterion_group!(
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = calls::benchmark
);
criterion_main!(benches);
