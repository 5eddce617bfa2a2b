//! What somebody reads who looks into the log, and a provider that serves from a debugger.

use super::{RENDER, cloud, with_job};
use crate::harness::Terraform;
use crate::harness::debug_provider::Attached;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_log_tells_each_apply_in_a_few_lines() {
    let (_cloud, mut terraform) = cloud();
    terraform.set("TF_LOG_PROVIDER", "INFO");
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let told = told(&mut terraform, &["apply", "-auto-approve"]);
    assert_eq!(told, ["getting an access token"], "nothing is left to do");

    with_job(&terraform, "job = { task_count = 2 }");
    assert_eq!(
        self::told(&mut terraform, &["apply", "-auto-approve"]),
        [
            "getting an access token",
            "updating the job",
            "getting an access token",
            "waiting for the operation to end",
            "the operation has ended",
            "Google has the job like this",
        ]
    );
    assert_eq!(
        self::told(&mut terraform, &["destroy", "-auto-approve"]),
        [
            "getting an access token",
            "deleting the job",
            "getting an access token",
            "waiting for the operation to end",
            "the operation has ended",
        ]
    );
    assert_eq!(
        self::told(&mut terraform, &["apply", "-auto-approve"]),
        [
            "creating the job",
            "getting an access token",
            "waiting for the operation to end",
            "the operation has ended",
            "Google has the job like this",
        ]
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn one_provider_in_a_debugger_serves_command_after_command() {
    let (cloud, mut terraform) = cloud();
    let mut attached = Attached::to(&mut terraform).unwrap_or_else(|reason| panic!("{reason}"));
    with_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.has_nothing_to_do();
    terraform.destroy().succeeds();
    assert!(cloud.jobs().is_empty());
    assert!(attached.lives(), "Terraform does not end what it has not started");
    assert_eq!(terraform.state_of(RENDER), None);
}

/// What the provider itself says of a command, without the fields of each line.
fn told(terraform: &mut Terraform, arguments: &[&str]) -> Vec<String> {
    let run = terraform.run(arguments).succeeds();
    let lines = run.stderr.lines().filter_map(|line| {
        let (_, said) = line.split_once("[INFO]  provider.terraform-provider-facets-gpu")?;
        let (_, message) = said.split_once(": ")?;
        Some(message.split(": ").next()?.to_owned())
    });
    lines.collect()
}
