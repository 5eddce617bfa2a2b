//! The ephemeral access token of `docs/guides/credentials.md`.

use super::shell::{Programs, blocks, output_text, section, steps};
use crate::harness::{Emulator, Feature, TOKEN, requires};
use crate::tests::{job, terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn ephemeral_token_is_in_no_plan_and_no_state() {
    if !requires(Feature::EphemeralVariables) {
        return;
    }
    let emulator = Emulator::with_flags(&["--token", TOKEN]);
    let mut terraform = terraform().with_emulator(&emulator);
    terraform.unset("GOOGLE_OAUTH_ACCESS_TOKEN");
    let section = section("credentials", "Ephemeral access token");
    let (_, config) = &blocks(&section)[0];
    terraform.write("main.tf", &job(""));
    terraform.init().succeeds();

    let programs = Programs::new();
    programs.add("gcloud", &format!("echo {TOKEN}\n"));
    let script = steps(&section).concat();
    let saved_plan = || {
        let output = programs.run(&terraform, &[], &script);
        assert!(output.status.success(), "{}", output_text(&output));
        terraform.run(&["show", "-json", "plan.tfplan"]).succeeds().stdout
    };
    // The value of another variable is in the plan.
    terraform.write("credentials.tf", &config.replace("  ephemeral = true\n", ""));
    assert!(saved_plan().contains(TOKEN));
    terraform.write("credentials.tf", config);
    terraform.write("main.tf", &job("job = { task_count = 2 }"));
    assert!(!saved_plan().contains(TOKEN));
    assert!(!terraform.state_file().contains(TOKEN));
    assert_eq!(
        emulator.job("render").expect("the job")["template"]["taskCount"],
        2
    );

    // The apply of a saved plan uses its own token.
    terraform.write("main.tf", &job("job = { task_count = 3 }"));
    terraform.set("TF_VAR_access_token", "ya29.another-token");
    terraform
        .run(&["plan", "-refresh=false", "-out=plan.tfplan"])
        .succeeds();
    terraform.set("TF_VAR_access_token", TOKEN);
    terraform
        .run(&["apply", "plan.tfplan"])
        .succeeds()
        .prints("1 changed");
}
