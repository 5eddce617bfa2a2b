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
    for words in ["command = [], args = []", "command = null, args = null"] {
        terraform.write(
            "main.tf",
            &job("").replace("container = {", &format!("container = {{ {words},")),
        );
        terraform.apply().succeeds();
        terraform.has_nothing_to_do();
    }
}
