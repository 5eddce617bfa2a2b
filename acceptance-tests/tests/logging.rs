//! The log of the provider, and a provider started with `--debug`.

use super::{RENDER, init_job, setup};
use crate::harness::Terraform;
use crate::harness::debug_provider::DebugProvider;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn apply_logs_few_lines() {
    let (_emulator, mut terraform) = setup();
    terraform.set("TF_LOG_PROVIDER", "INFO");
    init_job(&terraform, "");
    terraform.apply().succeeds();
    let printed = messages(&mut terraform, &["apply", "-auto-approve"]);
    assert_eq!(printed, ["fetching an access token"], "the apply has changes");

    init_job(&terraform, "job = { task_count = 2 }");
    assert_eq!(
        messages(&mut terraform, &["apply", "-auto-approve"]),
        [
            "fetching an access token",
            "updating the job",
            "fetching an access token",
            "waiting for operation",
            "operation finished",
            "received the job after the write",
        ]
    );
    assert_eq!(
        messages(&mut terraform, &["destroy", "-auto-approve"]),
        [
            "fetching an access token",
            "deleting the job",
            "fetching an access token",
            "waiting for operation",
            "operation finished",
        ]
    );
    assert_eq!(
        messages(&mut terraform, &["apply", "-auto-approve"]),
        [
            "creating the job",
            "fetching an access token",
            "waiting for operation",
            "operation finished",
            "received the job after the write",
        ]
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn debug_provider_serves_many_commands() {
    let (emulator, mut terraform) = setup();
    let mut provider = DebugProvider::attach(&mut terraform).unwrap_or_else(|reason| panic!("{reason}"));
    init_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.assert_no_changes();
    terraform.destroy().succeeds();
    assert!(emulator.jobs().is_empty());
    assert!(provider.is_running(), "Terraform stopped the provider");
    assert_eq!(terraform.state_of(RENDER), None);
}

/// The messages of the provider during a command, without the fields of each line.
fn messages(terraform: &mut Terraform, arguments: &[&str]) -> Vec<String> {
    let run = terraform.run(arguments).succeeds();
    let lines = run.stderr.lines().filter_map(|line| {
        let (_, rest) = line.split_once("[INFO]  provider.terraform-provider-facets-gpu")?;
        let (_, message) = rest.split_once(": ")?;
        Some(message.split(": ").next()?.to_owned())
    });
    lines.collect()
}
