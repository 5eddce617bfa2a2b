//! The benchmark's peer: the resource of this repository's provider, written once more on the crate
//! `tf-provider` 0.2.2 as its examples do it. The side-by-side benchmarks run both.
//!
//! The schema has the same attributes with the same nesting; planning asks rules of the same kind and fills
//! in the same values; applying makes the same three calls to the emulator. What differs is the machinery
//! below, which is what the benchmark is about.

mod cloudrun;
mod model;
mod provider;
mod resource;
mod rules;
mod schema;

use provider::PeerProvider;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tf_provider::serve("peer", PeerProvider::default()).await
}
