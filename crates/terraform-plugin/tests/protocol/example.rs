//! The example provider, which `cargo test` builds before it runs tests.

use std::path::PathBuf;

/// The program, in `target/*/examples` beside `target/*/deps` with this test.
pub(crate) fn provider() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().unwrap().parent().unwrap();
    let program = profile.join("examples/local_file");
    let build = "run `cargo build -p terraform-plugin --examples` first";
    assert!(program.exists(), "{} does not exist: {build}", program.display());
    program
}
