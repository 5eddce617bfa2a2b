//! All pages that are drawn from a schema, and the comparison with the files.

use std::fs;

use facets_gpu::{gpu, job, provider};

use crate::page::{Kind, Page};
use crate::{constraints, root};

/// A new page is one line here. Its examples are in the folder of `examples/` that the Registry knows for it.
fn pages() -> Vec<Page> {
    vec![
        Page::new(Kind::Provider, "facets-gpu", &provider::SCHEMA).saying(PROVIDER),
        Page::new(Kind::Resource, job::TYPE_NAME, &job::schema::SCHEMA)
            .identified_by(&job::identity::SCHEMA)
            .saying(JOB),
        Page::new(Kind::DataSource, job::TYPE_NAME, &job::data_source::SCHEMA),
        Page::new(Kind::DataSource, gpu::TYPE_NAME, &gpu::SCHEMA),
        Page::new(Kind::ListResource, job::TYPE_NAME, &job::listing::SCHEMA),
    ]
}

#[test]
fn the_pages_are_as_they_are_drawn() {
    let pages = pages();
    let mut drawn: Vec<_> = pages.iter().map(|page| (page.path(), page.draw())).collect();
    drawn.push((constraints::PATH.to_owned(), constraints::draw()));
    let mut stale = Vec::new();
    for (path, text) in drawn {
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

/// What the page of the provider says beside its schema.
const PROVIDER: &str = "\
The provider is called `facets` in a configuration, since Terraform takes that name from the type of the resource, and \
`facets-cloud/facets-gpu` where it is required. It needs Terraform 1.5 or later.";

/// What the page of the job says beside its schema.
const JOB: &str = "\
What Google would refuse is told by the plan as far as it can be known: see [GPU constraints](../guides/gpu-constraints.md). \
Terraform does not start executions: \
[Executions](../guides/executions.md) says how to. A job of `google_cloud_run_v2_job` can move here as it is: \
[Migrating](../guides/migrating-from-google.md).

Another spelling of the same value, such as `1h` for `3600s` or `20000m` for `20`, is no change; the id and the number of a \
project are different. An \
attribute that does not force replacement is changed in place; executions that run go on as they were started.";

/// Set by `make docs`: what is drawn is written.
const WRITE: &str = "FACETS_GPU_WRITE_DOCS";
