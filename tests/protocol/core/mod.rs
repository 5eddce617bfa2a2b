//! Terraform's core, as a provider meets it: what it asks in which order, and what it holds the answers against.
//!
//! Written from what is known of Terraform 1.5.7 and later, not from its code; tested against the protocol, not against
//! those binaries. [`workspace`] runs commands, each of them as walks in processes of their own; [`walk`] is one of
//! them, with [`looking`], and [`query`] the one that looks for objects. [`proposal`] is what core works out before it
//! asks; [`typed`], [`rules`] and [`identity`] judge the answers, and [`vintage`] takes out of them what an older version
//! does not know.

mod change;
mod identity;
mod looking;
mod proposal;
mod query;
mod rules;
mod samples;
mod typed;
mod vintage;
mod walk;
mod workspace;

pub(crate) use change::{Action, Change, Stored};
pub(crate) use identity::{attributes as identity_attributes, encoded as encoded_identity};
pub(crate) use proposal::proposed;
pub(crate) use query::Query;
pub(crate) use rules::{incompatible, invalid_plan, replacing, unknowns};
pub(crate) use typed::{read as typed, whole};
pub(crate) use vintage::Aged;
pub(crate) use walk::Walk;
pub(crate) use workspace::Workspace;
