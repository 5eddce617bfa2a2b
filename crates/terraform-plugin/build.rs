//! Compiles `proto/` with a compiler written in Rust, so that no machine needs `protoc`.
//!
//! Beside the generated code the descriptors are written out: `tests/proto.rs` holds them against the wire.

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

    // The clients serve the protocol tests; the linker drops them from the provider. Without transport they
    // take any channel, so that the library needs none.
    tonic_prost_build::configure()
        .build_transport(false)
        .compile_fds(descriptors)?;
    Ok(())
}
