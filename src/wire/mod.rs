//! What is spoken between Terraform and this process: generated types and the plugin server around them.

pub mod proto;
