//! The documents as the Terraform Registry shows them: drawn from the schemas and `examples/`, and held against `docs/`.
//!
//! `make docs` writes what is drawn. Without it a test fails when a file says something else, so that a page is never
//! older than the code. What is written by hand, the guides, is held to the Registry's form.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a guard that cannot read the repository has to fail"
)]

mod arguments;
mod constraints;
mod descriptions;
mod examples;
mod form;
mod fragments;
mod migration;
mod page;
mod pages;
#[path = "../floors/repository.rs"]
mod repository;
#[path = "../floors/rule.rs"]
mod rule;
mod served;
