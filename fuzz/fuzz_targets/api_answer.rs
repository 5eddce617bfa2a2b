//! Bytes as a response body of the API or of a proxy: decoded as the client does, then converted to a state, an import,
//! the next request or a message.

#![no_main]

use std::sync::LazyLock;

use cloud_run::model::Job as Remote;
use cloud_run::{Error, JobName, Operation, Page, Response};
use facets_gpu::hints;
use facets_gpu::job::expand::update_body;
use facets_gpu::job::flatten::{flatten, for_import, missing_gpu_warning};
use facets_gpu::job::plan::plan;
use facets_gpu::job::private_state::ImportedKeys;
use facets_gpu::provider::Defaults;
use facets_gpu_fuzz::job;
use libfuzzer_sys::fuzz_target;
use terraform_plugin::value::{Field, Value};

static NAME: LazyLock<JobName> = LazyLock::new(|| JobName::new("example-project", "us-central1", "nightly"));
static DEFAULTS: LazyLock<Defaults> = LazyLock::new(|| Defaults {
    project: Field::Known(NAME.project.clone()),
    region: Field::Known(NAME.location.clone()),
    ..Defaults::default()
});
static PLANNED: LazyLock<Value> = LazyLock::new(|| plan(&Value::Null, &job::valid(), &DEFAULTS).planned);

fuzz_target!(|data: &[u8]| {
    // The length selects a variant, so that inputs cover all of them.
    let choice = data.len();
    let status = [403, 404, 409, 429, 503][choice % 5];
    match Response::new(status, data.to_vec(), None) {
        Ok(_) => panic!("{status} is not an error"),
        Err(error) => check_error(&error),
    }
    let response = Response::new(200, data.to_vec(), None).expect("200 is not an error");
    match response.read::<Operation>().map(Operation::ok) {
        Ok(Ok(_)) => {}
        Ok(Err(error)) | Err(error) => check_error(&error),
    }
    match response.read::<Page>() {
        Ok(page) => page.jobs.iter().for_each(|remote| convert_job(remote, choice)),
        Err(error) => check_error(&error),
    }
    match response.read::<Remote>() {
        Ok(remote) => convert_job(&remote, choice),
        Err(error) => check_error(&error),
    }
});

/// Calls what produces the message and decides about a retry.
fn check_error(error: &Error) {
    assert!(!error.to_string().is_empty());
    let _ = (
        hints::after(error),
        error.is_not_found(),
        error.is_conflict(),
        error.is_already_exists(),
    );
    let _ = (
        error.maybe_accepted(),
        error.status().map(|status| status.is_resource_quota()),
    );
}

fn convert_job(remote: &Remote, choice: usize) {
    let _ = (remote.readiness(), missing_gpu_warning(remote, &NAME));
    let prior = match choice % 3 {
        0 => Value::Null,
        1 => PLANNED.clone(),
        _ => for_import(remote, &NAME, &DEFAULTS),
    };
    let state = flatten(remote, &NAME, &prior);
    assert!(state.is_wholly_known(), "a state has no unknown values");
    assert_eq!(job::coerced(state.clone()), state);
    assert_eq!(
        flatten(remote, &NAME, &state),
        state,
        "a second read changes nothing"
    );
    let next = plan(&state, &job::valid(), &DEFAULTS).planned;
    update_body(&next, &state, &ImportedKeys::default(), remote);
}
