//! What users of Terraform see of a panic.
//!
//! The panic hook belongs to the process, so the last two tests run each of the first two in a process of its own.

use std::process::Command;

use terraform_plugin::{
    ProviderInfo,
    go_plugin::{hclog, panic},
    redact::Redactor,
};

const SECRET: &str = "a-secret-in-a-panic";

const INFO: ProviderInfo = ProviderInfo {
    name: "terraform-provider-test",
    version: "0.0.0",
    description: "",
    source: "example/test",
    log_crates: &[],
};

fn redactor() -> Redactor {
    let redactor = Redactor::default();
    redactor.add(SECRET);
    redactor
}

#[test]
#[ignore = "needs a process of its own: run by uncaught_panic_is_a_crash"]
fn panic_without_catch() {
    panic::install(redactor());
    let _ = std::thread::spawn(|| panic!("lost {SECRET}")).join();
}

#[test]
#[ignore = "needs a process of its own: run by caught_panic_is_only_logged"]
fn panic_within_catch() {
    panic::install(redactor());
    hclog::install(&INFO, &redactor());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let caught = runtime.block_on(panic::catch(async { panic!("lost {SECRET}") }));
    assert_eq!(caught.map(|(): ()| ()), None);
}

/// Everything on stderr while one of the tests above runs alone.
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
fn uncaught_panic_is_a_crash() {
    let stderr = stderr_of("panic::panic_without_catch", "");
    // Terraform shows such a line and everything after it.
    assert!(
        stderr.starts_with(&format!("panic: panicked at {}:", file!())),
        "{stderr}"
    );
    assert!(stderr.contains("\nlost ***\n"), "{stderr}");
    assert!(stderr.contains("panic_without_catch"), "{stderr}");
    assert!(!stderr.contains(SECRET), "{stderr}");
}

#[test]
fn caught_panic_is_only_logged() {
    assert_eq!(stderr_of("panic::panic_within_catch", ""), "");
    let stderr = stderr_of("panic::panic_within_catch", "ERROR");
    let line: serde_json::Value = serde_json::from_str(stderr.trim_end()).expect(&stderr);
    assert_eq!(line["@level"], "error");
    assert!(
        line["panic"]
            .as_str()
            .unwrap()
            .starts_with(&format!("panicked at {}:", file!())),
        "{line}"
    );
    assert!(
        line["backtrace"].as_str().unwrap().contains("panic_within_catch"),
        "{line}"
    );
}
