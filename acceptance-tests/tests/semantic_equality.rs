//! Equivalent values plan no change.

use super::{RENDER, init_job, job, setup};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn equivalent_values_plan_no_change() {
    let (emulator, terraform) = setup();
    init_job(
        &terraform,
        r#"resources  = { cpu = "20", memory = "80Gi" }
           job        = { task_timeout = "3600s" }
           vpc_access = { connector = "corpus" }
           secrets    = [{ env_var = "KEY", secret_name = "key" }]"#,
    );
    terraform.apply().succeeds();
    emulator.clear_requests();
    for arguments in [
        r#"resources  = { cpu = "20000m", memory = "81920Mi" }
           job        = { task_timeout = "1h" }
           vpc_access = { connector = "projects/acme-batch/locations/us-central1/connectors/corpus" }
           secrets    = [{ env_var = "KEY", secret_name = "projects/acme-batch/secrets/key", version = "latest" }]"#,
        r#"job        = { task_timeout = "60m" }
           vpc_access = { connector = "corpus", egress = "private-ranges-only" }
           secrets    = [{ env_var = "KEY", secret_name = "key" }]"#,
    ] {
        terraform.write("main.tf", &job(arguments));
        terraform.assert_no_changes();
    }
    assert_eq!(emulator.writes(), [""; 0]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn reordered_named_items_send_no_write() {
    let (emulator, terraform) = setup();
    let a = r#"{ name = "a", gcs = { bucket = "acme-scenes" } }"#;
    let b = r#"{ name = "b", secret = { secret = "license" } }"#;
    let (at_a, at_b) = (
        r#"{ name = "a", mount_path = "/a" }"#,
        r#"{ name = "b", mount_path = "/b" }"#,
    );
    let (x, y) = (
        r#"{ env_var = "X", secret_name = "x" }"#,
        r#"{ env_var = "Y", secret_name = "y" }"#,
    );
    let config = |volumes: [&str; 2], mounts: [&str; 2], secrets: [&str; 2]| {
        let list = |items: [&str; 2]| format!("[{}]", items.join(", "));
        let arguments = format!("volumes = {}\n secrets = {}", list(volumes), list(secrets));
        let mounts = format!("container = {{ volume_mounts = {},", list(mounts));
        job(&arguments).replace("container = {", &mounts)
    };
    terraform.write("main.tf", &config([a, b], [at_a, at_b], [x, y]));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    emulator.clear_requests();
    let reordered =
        config([b, a], [at_b, at_a], [y, x]).replace("\"y\"", "\"projects/acme-batch/secrets/y\"");
    terraform.write("main.tf", &reordered);
    terraform.apply().succeeds();
    assert_eq!(emulator.writes(), [""; 0]);
    terraform.assert_no_changes();
    // The new order is sent with the next update.
    terraform.write("main.tf", &reordered.replace("license", "renderer-license"));
    terraform.apply().succeeds().prints("1 changed");
    terraform.assert_no_changes();
}

/// The provider does not know the number of a project, so the two differ.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn project_number_differs_from_project_id() {
    let (emulator, terraform) = setup();
    for project in ["acme-batch", "4711", "acme-batch"] {
        let arguments = format!(
            r#"vpc_access = {{ network = "projects/{project}/global/networks/media" }}
               secrets    = [{{ env_var = "KEY", secret_name = "projects/{project}/secrets/key" }}]"#
        );
        init_job(&terraform, &arguments);
        terraform.apply().succeeds();
        let template = emulator.job("render").expect("the job")["template"].to_string();
        let matching = template.matches(&format!("projects/{project}/")).count();
        assert_eq!(
            (matching, template.matches("projects/").count()),
            (2, 2),
            "{template}"
        );
        terraform.assert_no_changes();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn configured_spelling_is_preserved() {
    let (_emulator, terraform) = setup();
    init_job(
        &terraform,
        r#"resources = { cpu = "20000m", memory = "81920Mi" }
           job       = { task_timeout = "0h30m" }"#,
    );
    terraform.apply().succeeds();
    terraform
        .run(&["apply", "-refresh-only", "-auto-approve"])
        .succeeds();
    let state = terraform.state(RENDER);
    assert_eq!(state["resources"]["cpu"], "20000m");
    assert_eq!(state["resources"]["memory"], "81920Mi");
    assert_eq!(state["job"]["task_timeout"], "0h30m");
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn null_empty_and_absent_plan_no_change() {
    let (_emulator, terraform) = setup();
    for arguments in [
        "env = {}\n secrets = []\n labels = {}\n annotations = {}",
        "env = null\n secrets = null",
        "",
    ] {
        init_job(&terraform, arguments);
        terraform.apply().succeeds();
        terraform.assert_no_changes();
    }
}
