//! Two ways to write the same thing are no difference.

use super::{RENDER, cloud, job, with_job};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn another_spelling_plans_nothing() {
    let (cloud, terraform) = cloud();
    with_job(
        &terraform,
        r#"resources  = { cpu = "20", memory = "80Gi" }
           job        = { task_timeout = "3600s" }
           vpc_access = { connector = "corpus" }
           secrets    = [{ env_var = "KEY", secret_name = "key" }]"#,
    );
    terraform.apply().succeeds();
    cloud.clear_requests();
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
        terraform.has_nothing_to_do();
    }
    assert_eq!(cloud.writes(), [""; 0]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn another_order_of_what_has_a_name_sends_nothing() {
    let (cloud, terraform) = cloud();
    let a = r#"{ name = "a", gcs = { bucket = "acme-scenes" } }"#;
    let b = r#"{ name = "b", secret = { secret = "licence" } }"#;
    let (at_a, at_b) = (
        r#"{ name = "a", mount_path = "/a" }"#,
        r#"{ name = "b", mount_path = "/b" }"#,
    );
    let (x, y) = (
        r#"{ env_var = "X", secret_name = "x" }"#,
        r#"{ env_var = "Y", secret_name = "y" }"#,
    );
    let ordered = |volumes: [&str; 2], mounts: [&str; 2], secrets: [&str; 2]| {
        let list = |items: [&str; 2]| format!("[{}]", items.join(", "));
        let arguments = format!("volumes = {}\n secrets = {}", list(volumes), list(secrets));
        let mounts = format!("container = {{ volume_mounts = {},", list(mounts));
        job(&arguments).replace("container = {", &mounts)
    };
    terraform.write("main.tf", &ordered([a, b], [at_a, at_b], [x, y]));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    cloud.clear_requests();
    let other = ordered([b, a], [at_b, at_a], [y, x]).replace("\"y\"", "\"projects/acme-batch/secrets/y\"");
    terraform.write("main.tf", &other);
    terraform.apply().succeeds();
    assert_eq!(cloud.writes(), [""; 0]);
    terraform.has_nothing_to_do();
    // What is sent at the next change is what Google would be sent anyway.
    terraform.write("main.tf", &other.replace("licence", "license"));
    terraform.apply().succeeds().says("1 changed");
    terraform.has_nothing_to_do();
}

/// Which id has which number is not known here: another name is a change, and nothing but that.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn another_project_is_a_change_even_if_its_number_is_named() {
    let (cloud, terraform) = cloud();
    for project in ["acme-batch", "4711", "acme-batch"] {
        let arguments = format!(
            r#"vpc_access = {{ network = "projects/{project}/global/networks/media" }}
               secrets    = [{{ env_var = "KEY", secret_name = "projects/{project}/secrets/key" }}]"#
        );
        with_job(&terraform, &arguments);
        terraform.apply().succeeds();
        let found = cloud.job("render").expect("the job")["template"].to_string();
        let named = found.matches(&format!("projects/{project}/")).count();
        assert_eq!((named, found.matches("projects/").count()), (2, 2), "{found}");
        terraform.has_nothing_to_do();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_google_spells_otherwise_stays_as_written() {
    let (_cloud, terraform) = cloud();
    with_job(
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
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn null_empty_and_absent_do_not_quarrel() {
    let (_cloud, terraform) = cloud();
    for arguments in [
        "env = {}\n secrets = []\n labels = {}\n annotations = {}",
        "env = null\n secrets = null",
        "",
    ] {
        with_job(&terraform, arguments);
        terraform.apply().succeeds();
        terraform.has_nothing_to_do();
    }
}
