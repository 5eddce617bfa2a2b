//! Compiles `proto/` with a compiler written in Rust, so that no machine needs `protoc`.
//!
//! Also writes the descriptors, which `tests/proto.rs` compares with the protocol.

use std::{env, error::Error, fs, path::Path};

use protox::prost::Message as _;

const FILES: [&str; 2] = ["tfplugin6.proto", "plugin.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    for file in FILES {
        println!("cargo::rerun-if-changed=proto/{file}");
    }
    let descriptors = protox::compile(FILES, ["proto"])?;
    let out_dir = env::var("OUT_DIR")?;
    fs::write(
        Path::new(&out_dir).join("descriptors.bin"),
        descriptors.encode_to_vec(),
    )?;

    // The clients are for tests, and unused in a provider. Without a transport they take any channel.
    tonic_prost_build::configure()
        .build_transport(false)
        .compile_fds(descriptors)?;
    Ok(())
}
