//! The generated pages, and their comparison with the files.

use std::fs;

use facets_gpu::run::{action, data_source, resource};
use facets_gpu::{gpu, job, provider};

use crate::page::{Kind, Page};
use crate::{constraints, root};

/// All pages. A new page is one line here, and its examples in `examples/`.
fn pages() -> Vec<Page> {
    vec![
        Page::new(Kind::Provider, "facets-gpu", &provider::SCHEMA).with_text(PROVIDER),
        Page::new(Kind::Resource, job::TYPE_NAME, &job::schema::SCHEMA)
            .with_identity(&job::identity::SCHEMA)
            .with_text(JOB),
        Page::new(Kind::Resource, resource::TYPE_NAME, &resource::schema::SCHEMA)
            .with_identity(&resource::identity::SCHEMA)
            .with_text(EXECUTION),
        Page::new(Kind::DataSource, job::TYPE_NAME, &job::data_source::SCHEMA),
        Page::new(Kind::DataSource, resource::TYPE_NAME, &data_source::SCHEMA),
        Page::new(Kind::DataSource, gpu::TYPE_NAME, &gpu::SCHEMA),
        Page::new(Kind::ListResource, job::TYPE_NAME, &job::list_resource::SCHEMA),
        Page::new(Kind::Action, action::TYPE_NAME, &action::SCHEMA).with_text(RUN),
    ]
}

#[test]
fn pages_are_up_to_date() {
    let pages = pages();
    let mut generated: Vec<_> = pages.iter().map(|page| (page.path(), page.render())).collect();
    generated.push((constraints::PATH.to_owned(), constraints::render()));
    let mut stale = Vec::new();
    for (path, text) in generated {
        let file = root().join(&path);
        if std::env::var_os(WRITE).is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        } else if fs::read_to_string(file).unwrap_or_default() != text {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "run `make docs` and commit {stale:?}");
}

/// Text of the provider page.
const PROVIDER: &str = "\
Its source is `facets-cloud/facets-gpu`. Its local name is `facets`, since Terraform derives the local name from the resource \
type. It requires Terraform 1.5 or OpenTofu 1.11, or later.";

/// Text of the job page.
const JOB: &str = "\
Limits of GPU jobs, and which of them are errors or warnings at plan: [GPU constraints](../guides/gpu-constraints.md). \
To run the job, see [Executions](../guides/executions.md). To manage existing jobs, see [Importing](../guides/importing.md); to move \
a job of `google_cloud_run_v2_job` without replacing it, [Migrating](../guides/migrating-from-google.md).

Equivalent values, such as `1h` and `3600s` or `20000m` and `20`, are not changes; the ID and the number of a project are \
different values. Attributes that do not force replacement are updated in place; running executions are not affected.";

/// Text of the page of executions.
const EXECUTION: &str = "\
It works with Terraform 1.5 or later and with OpenTofu. An execution that fails or is cancelled is an error, and the next apply runs \
the job again. Destroying or replacing the resource cancels an execution that has not ended. What an interruption leaves, what \
`triggers` should hold, and the required permissions: [Executions](../guides/executions.md#resource).

Do not use `create_before_destroy`: two executions would run at the same time.

After an import, the first apply stores `triggers` and overrides without a run, with a warning at plan.";

/// Text of the page of the action.
const RUN: &str = "\
An action runs by `terraform apply -invoke`, or by the `action_trigger` of a resource. How the two differ, what happens after a \
failure or an interruption, and the required permissions: [Executions](../guides/executions.md).

Attributes are optional or required; ephemeral values are not allowed in an action. Use `secrets` of the job for sensitive values.";

/// Set by `make docs` to write the pages.
const WRITE: &str = "FACETS_GPU_WRITE_DOCS";
