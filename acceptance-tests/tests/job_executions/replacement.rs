//! What runs the job again.

use super::{RUN, UID, cancellations, config, config_of_job, long, runs, setup};
use crate::tests::{IMAGE, RENDER};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn changed_trigger_cancels_and_runs_again() {
    let (emulator, terraform) = setup(&[long()], "wait = false\n  triggers = { day = \"1\" }");
    terraform.apply().succeeds();
    terraform.write("main.tf", &config("wait = false\n  triggers = { day = \"2\" }"));
    terraform
        .plan(&[])
        .prints("Warning: Cancellation of an execution")
        .prints("triggers")
        .prints("forces replacement");
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 0 changed, 1 destroyed");
    assert_eq!((runs(&emulator), cancellations(&emulator)), (2, 1));
    let executions = emulator.executions();
    assert_eq!(executions[0]["cancelledCount"], 1);
    let name = executions[1]["name"].as_str().expect("a name");
    assert!(terraform.state(RUN)["id"] == name, "{executions:#?}");
    emulator.advance_clock("1h");
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn recreated_job_runs_again_with_its_uid_in_triggers() {
    for (arguments, count) in [(UID, 2), ("", 1)] {
        let (emulator, terraform) = setup(&[], arguments);
        terraform.apply().succeeds();
        let replace = format!("-replace={RENDER}");
        terraform
            .run(&["apply", "-auto-approve", "-input=false", &replace])
            .succeeds();
        assert_eq!(runs(&emulator), count, "{arguments}");
        terraform.assert_no_changes();
        // An update keeps the uid.
        let changed =
            config_of_job("job = { max_retries = 2 }", arguments).replace(IMAGE, &format!("{IMAGE}.1"));
        terraform.write("main.tf", &changed);
        terraform
            .apply()
            .succeeds()
            .prints("0 added, 1 changed, 0 destroyed");
        assert_eq!(runs(&emulator), count, "{arguments}");
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn image_in_triggers_runs_each_image() {
    let arguments = "triggers = { image = facets_gpu_cloudrun_job.render.container.image }";
    let (emulator, terraform) = setup(&[], arguments);
    terraform.apply().succeeds();
    terraform.write(
        "main.tf",
        &config(arguments).replace(IMAGE, &format!("{IMAGE}.1")),
    );
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 1 changed, 1 destroyed");
    assert_eq!(runs(&emulator), 2);
    let images: Vec<_> = emulator
        .executions()
        .iter()
        .map(|execution| execution["template"]["containers"][0]["image"].clone())
        .collect();
    assert_eq!(images, [IMAGE.to_owned(), format!("{IMAGE}.1")]);
    terraform.assert_no_changes();
}
