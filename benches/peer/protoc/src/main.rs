//! Prints the path of a `protoc` for this machine.
//!
//! The build script of `tf-provider` runs `protoc`, and a build script cannot be handed a program by the
//! package that depends on it; only the environment variable `PROTOC` reaches it. So the benchmark's runner
//! builds this program first and sets the variable to what it prints.

fn main() -> Result<(), protoc_bin_vendored::Error> {
    println!("{}", protoc_bin_vendored::protoc_bin_path()?.display());
    Ok(())
}
