//! `job.delay_execution`: written, read, imported, removed, and absent from older states.

use serde_json::{Value, json};

use super::{RENDER, init_job, job, setup};

const DELAYED: &str = "job = { delay_execution = true }";

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn delay_is_written_imported_and_removed() {
    let (emulator, terraform) = setup();
    let in_api = || emulator.job("render").expect("the job")["template"]["delayExecution"].clone();
    let in_state = || terraform.state(RENDER)["job"]["delay_execution"].clone();
    init_job(&terraform, DELAYED);
    terraform.apply().succeeds();
    assert_eq!((in_api(), in_state()), (json!(true), json!(true)));
    terraform.assert_no_changes();

    terraform.run(&["state", "rm", RENDER]).succeeds();
    let id = "us-central1/render";
    terraform.run(&["import", "-input=false", RENDER, id]).succeeds();
    terraform.assert_no_changes();

    emulator.edit_job("render", |job| job["template"]["delayExecution"] = json!(false));
    terraform.plan(&[]).prints("delay_execution = false -> true");
    terraform.apply().succeeds();
    assert_eq!(in_api(), json!(true));

    terraform.write("main.tf", &job(""));
    terraform.apply().succeeds().prints("1 changed");
    assert_eq!((in_api(), in_state()), (Value::Null, Value::Null));
    terraform.assert_no_changes();

    // False is the default of the API.
    emulator.clear_requests();
    terraform.write("main.tf", &job("job = { delay_execution = false }"));
    terraform.apply().succeeds().prints("1 changed");
    assert_eq!(in_state(), json!(false));
    assert_eq!(emulator.writes(), [""; 0]);
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn state_without_the_attribute_plans_no_change() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "job = { task_count = 2 }");
    terraform.apply().succeeds();
    let mut state: Value = serde_json::from_str(&terraform.state_file()).expect("a state file");
    let settings = state.pointer_mut("/resources/0/instances/0/attributes/job");
    let settings = settings.and_then(Value::as_object_mut).expect("an object");
    assert_eq!(settings.remove("delay_execution"), Some(Value::Null));
    terraform.write("terraform.tfstate", &state.to_string());
    emulator.clear_requests();
    terraform.assert_no_changes();
    assert_eq!(emulator.writes(), [""; 0]);
}
