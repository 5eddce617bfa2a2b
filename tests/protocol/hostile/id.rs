//! Ids of imports that are no names of jobs: an error, and nobody is asked.

use super::{improper, provider};
use crate::{
    harness::Emulator,
    terraform::{Terraform, errors},
    version::V1_11_4,
};

#[tokio::test]
async fn an_id_that_is_no_name_is_an_error_and_google_is_not_asked() {
    let emulator = Emulator::start();
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let mut config = provider();
    config["cloud_run_endpoint"] = emulator.endpoint().into();
    let told = terraform
        .configure(schemas.provider.as_ref().unwrap(), &config)
        .await;
    assert_eq!(told, []);
    for id in [
        "",
        "/",
        "n",
        "a/b/c/d",
        "projects/p/locations/l/jobs/n/",
        "projects/p/locations/l/services/n",
        "p/../n",
        "p/l/n?force=true",
        "p/l/n#x",
        "p/l/n:run",
        "p/l/%2e%2e",
        "p/l/n\u{0}",
        "p/l/\u{202e}n",
        &"n".repeat(1_000_000),
        &"p/".repeat(100_000),
    ] {
        let answer = terraform.import(id).await;
        let shown: String = id.chars().take(40).collect();
        assert_eq!(improper(&answer.diagnostics), [""; 0], "{shown:?}");
        assert_eq!(errors(&answer.diagnostics).len(), 1, "{shown:?}");
        assert!(answer.imported_resources.is_empty(), "{shown:?}");
        assert!(emulator.requests().is_empty(), "{shown:?}");
    }
    terraform.end().await;
}
