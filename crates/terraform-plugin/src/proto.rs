//! Generated from `proto/` by `build.rs`.
//!
//! Only `server` and `go_plugin` use these types.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "generated code follows its generator's habits"
)]

/// Terraform's plugin protocol, version 6.
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}

/// go-plugin's own services: broker, controller, stdio.
pub mod plugin {
    tonic::include_proto!("plugin");
}

/// The compiled descriptors of both, as an encoded `google.protobuf.FileDescriptorSet`.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
