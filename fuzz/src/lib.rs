//! What several fuzz targets need: a provider to ask, and jobs to ask it about.

pub mod job;
pub mod provider;
