//! Bytes as an answer of Google's, or of whoever stands in between: read as the client does, then made a state, an
//! imported job, the next request, or a message.

#![no_main]

use std::sync::LazyLock;

use cloud_run::model::Job as Remote;
use cloud_run::{Error, JobName, Operation, Page, Response};
use facets_gpu::hints;
use facets_gpu::job::convert;
use facets_gpu::job::plan::plan;
use facets_gpu::job::private_state::Imported;
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
static PLANNED: LazyLock<Value> = LazyLock::new(|| plan(&Value::Null, &job::good(), &DEFAULTS).planned);

fuzz_target!(|data: &[u8]| {
    // One of several ways each time, by a number that any change of the input changes.
    let choice = data.len();
    let http = [403, 404, 409, 429, 503][choice % 5];
    match Response::new(http, data.to_vec(), None) {
        Ok(_) => panic!("{http} is a refusal"),
        Err(error) => message(&error),
    }
    let reply = Response::new(200, data.to_vec(), None).expect("200 is none");
    match reply.read::<Operation>().map(Operation::ok) {
        Ok(Ok(_)) => {}
        Ok(Err(error)) | Err(error) => message(&error),
    }
    match reply.read::<Page>() {
        Ok(page) => page.jobs.iter().for_each(|remote| answered(remote, choice)),
        Err(error) => message(&error),
    }
    match reply.read::<Remote>() {
        Ok(remote) => answered(&remote, choice),
        Err(error) => message(&error),
    }
});

/// What a user reads, and what decides about the next attempt.
fn message(error: &Error) {
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

fn answered(remote: &Remote, choice: usize) {
    let _ = (remote.readiness(), convert::import_warning(remote, &NAME));
    let hint = match choice % 3 {
        0 => Value::Null,
        1 => PLANNED.clone(),
        _ => convert::imported(remote, &NAME, &DEFAULTS),
    };
    let state = convert::state(remote, &NAME, &hint);
    assert!(state.is_wholly_known(), "a state has nothing unknown");
    assert_eq!(job::conformed(state.clone()), state);
    assert_eq!(
        convert::state(remote, &NAME, &state),
        state,
        "a job that is read again is the same"
    );
    let next = plan(&state, &job::good(), &DEFAULTS).planned;
    convert::replacement(&next, &state, &Imported::default(), remote);
}
