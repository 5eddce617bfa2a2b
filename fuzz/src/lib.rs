//! A provider and job configurations for the fuzz targets.

pub mod job;
pub mod provider;
