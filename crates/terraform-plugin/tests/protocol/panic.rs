//! What Terraform's user reads when the provider's code panics.
//!
//! A panic hook belongs to a whole process, so the first two tests are run by the others, each alone in a process.

use std::process::Command;

use facets_gpu::{
    redact::Redactor,
    wire::{hclog, panic},
};

const SECRET: &str = "not-for-the-screen";

fn redactor() -> Redactor {
    let redactor = Redactor::default();
    redactor.add(SECRET);
    redactor
}

#[test]
#[ignore = "needs a process of its own: run by the test of the crash"]
fn panics_where_nobody_catches() {
    panic::install(redactor());
    let _ = std::thread::spawn(|| panic!("lost {SECRET}")).join();
}

#[test]
#[ignore = "needs a process of its own: run by the test of the caught panic"]
fn panics_where_it_is_caught() {
    panic::install(redactor());
    hclog::install(&redactor());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let caught = runtime.block_on(panic::catch(async { panic!("lost {SECRET}") }));
    assert_eq!(caught.map(|(): ()| ()), None);
}

/// Everything on stderr while one of the tests above runs.
fn stderr_of(test: &str, log: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command
        .args(["--ignored", "--exact", "--nocapture", test])
        .env("TF_LOG", log)
        .output()
        .unwrap();
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("1 passed"),
        "{output:?}"
    );
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_panic_that_nobody_catches_is_shown_as_a_crash() {
    let stderr = stderr_of("panic::panics_where_nobody_catches", "");
    // Terraform keeps what follows such a line, up to the end.
    assert!(
        stderr.starts_with("panic: panicked at tests/protocol/panic.rs:"),
        "{stderr}"
    );
    assert!(stderr.contains("\nlost ***\n"), "{stderr}");
    assert!(stderr.contains("panics_where_nobody_catches"), "{stderr}");
    assert!(!stderr.contains(SECRET), "{stderr}");
}

#[test]
fn a_caught_panic_goes_to_the_log_only() {
    assert_eq!(stderr_of("panic::panics_where_it_is_caught", ""), "");
    let stderr = stderr_of("panic::panics_where_it_is_caught", "ERROR");
    let line: serde_json::Value = serde_json::from_str(stderr.trim_end()).expect(&stderr);
    assert_eq!(line["@level"], "error");
    assert!(
        line["panic"]
            .as_str()
            .unwrap()
            .starts_with("panicked at tests/protocol/panic.rs:"),
        "{line}"
    );
    assert!(
        line["backtrace"]
            .as_str()
            .unwrap()
            .contains("panics_where_it_is_caught"),
        "{line}"
    );
}
