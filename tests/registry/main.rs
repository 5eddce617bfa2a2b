//! The documents as the Terraform Registry shows them: drawn from the schemas and `examples/`, and held against `docs/`.
//!
//! `make docs` writes what is drawn. Without it a test fails when a file says something else, so that a page is never
//! older than the code. What is written by hand, the guides, is held to the Registry's form; README.md and the other
//! documents are held against what they name.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a guard that cannot read the repository has to fail"
)]

mod arguments;
mod constraints;
mod descriptions;
mod documents;
mod examples;
mod form;
mod fragments;
mod migration;
mod page;
mod pages;
mod repository;
mod rule;
mod served;
