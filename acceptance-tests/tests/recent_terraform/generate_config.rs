//! Configuration that Terraform has the provider write, since 1.14, where `plan -generate-config-out` imports a job.

use serde_json::json;

use super::{cloud, job_with_gpu};
use crate::tests::import::generate;
use crate::tests::{RENDER, REQUIRED};

#[test]
#[ignore = "needs Terraform 1.15, which make test fetches"]
fn a_generated_configuration_plans_no_change() {
    let (cloud, terraform) = cloud("1.15");
    let mut job = job_with_gpu(&json!({ "team": "media", "managed": "here" }));
    job["template"]["template"]["timeout"] = json!("2700s");
    job["template"]["taskCount"] = json!(3);
    cloud.create_job("render", &job);
    cloud.clear_requests();
    let provider = "provider \"facets\" {\n  default_labels = { managed = \"here\" }\n}\n";
    terraform.write("main.tf", &format!("{REQUIRED}{provider}"));
    terraform.init().succeeds();
    let written = generate(&terraform);
    // What the provider's configuration gives, and what is as by default, is not written.
    for absent in ["managed", "resources =", "max_retries", "launch_stage"] {
        assert!(!written.contains(absent), "{absent} in {written}");
    }
    terraform
        .apply()
        .succeeds()
        .says("1 imported, 0 added, 0 changed, 0 destroyed");
    terraform.has_nothing_to_do();
    assert_eq!(terraform.state(RENDER)["job"]["task_timeout"], "2700s");
    assert_eq!(cloud.writes(), [""; 0]);
}
