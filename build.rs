//! Compiles `proto/` with a compiler written in Rust.
fn main() {}
