//! Guards the shape of the house: what each floor may know, where facts stand, and what documents promise.
//!
//! Nothing here runs the program. The guards read the repository as text, and source code as tokens. When one
//! fails, its message says the rule, what was found, and the way out; `ARCHITECTURE.md` says why the rule is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a guard that cannot read the repository has to fail"
)]

mod documents;
mod facts;
mod imports;
mod permissions;
mod purity;
mod repository;
mod rule;
mod source;
mod tidiness;
mod troubleshooting;
mod workflows;
