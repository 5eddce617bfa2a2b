//! What one job costs inside the provider, by criterion: no gRPC, no network.
//!
//! `cargo bench --bench pure` measures whole calls, from the bytes of a request to the bytes of its answer, by the methods
//! that Terraform calls. Terraform itself spends some hundred microseconds on each call.

#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "criterion's macros make public items; a benchmark may stop where it stands"
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
    targets = calls::of_one_job
);
criterion_main!(benches);
