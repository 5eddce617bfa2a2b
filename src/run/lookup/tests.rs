//! Which executions a lost request may have started, and how long they are looked for.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::RefCell;

use serde_json::{Value as Json, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::*;
use cloud_run::model::Job;
use cloud_run::{RunOverrides, Secret};

fn job() -> Job {
    let env = json!([{ "name": "A", "value": "1" }, { "name": "B", "valueSource": { "secretKeyRef": { "secret": "s" } } }]);
    let template = json!({ "timeout": "600s", "containers": [{ "image": "i", "args": ["a"], "env": env }] });
    let document = json!({ "name": "n", "template": { "taskCount": 2, "template": template } });
    serde_json::from_value(document).unwrap()
}

/// An execution of the job as it is, with other members.
fn execution(id: &str, changes: &[(&str, Json)]) -> Execution {
    let template = &job().document["template"]["template"];
    let mut document = json!({
        // The API may name the project by its number.
        "name": format!("projects/123/locations/l/jobs/n/executions/{id}"),
        "creator": "us@example.com", "taskCount": 2, "template": template,
    });
    for (path, value) in changes {
        *document.pointer_mut(path).unwrap() = value.clone();
    }
    serde_json::from_value(document).unwrap()
}

fn overrides() -> RunOverrides {
    RunOverrides {
        args: Some(vec!["b".to_owned()]),
        env: [("A".to_owned(), Secret::new("2"))].into(),
        task_count: Some(5),
        timeout: Some("60s".to_owned()),
        ..RunOverrides::default()
    }
}

/// The changes of an execution with those overrides.
fn overridden() -> Vec<(&'static str, Json)> {
    vec![
        ("/taskCount", json!(5)),
        ("/template/timeout", json!("60s")),
        ("/template/containers/0/args", json!(["b"])),
        // The order is not the job's.
        (
            "/template/containers/0/env",
            json!([{ "name": "B", "valueSource": { "secretKeyRef": { "secret": "s" } } }, { "name": "A", "value": "2" }]),
        ),
    ]
}

fn search<T>(overrides: &RunOverrides, account: Option<&str>, with: impl FnOnce(Search<'_>) -> T) -> T {
    let (name, job, runs) = (JobName::new("p", "l", "n"), job(), Runs::default());
    runs.add(&ExecutionName::parse("projects/p/locations/l/jobs/n/executions/followed").unwrap());
    let before = [execution("before", &[])];
    with(Search {
        job: &name,
        before: &before,
        definition: &Definition::of_run(&job, overrides),
        account,
        runs: &runs,
    })
}

#[test]
fn candidates_are_new_and_alike() {
    let us = Some("us@example.com");
    let (none, some) = (RunOverrides::default(), overrides());
    let without = |at: usize| {
        let mut changes = overridden();
        changes.remove(at);
        execution("x", &changes)
    };
    for (case, overrides, account, execution, expected) in [
        ("new", &none, us, execution("x", &[]), true),
        ("listed before", &none, us, execution("before", &[]), false),
        ("followed", &none, us, execution("followed", &[]), false),
        (
            "creator of another",
            &none,
            us,
            execution("x", &[("/creator", json!("them@example.com"))]),
            false,
        ),
        (
            "unknown account",
            &none,
            None,
            execution("x", &[("/creator", json!("them@example.com"))]),
            true,
        ),
        (
            "overrides of another",
            &none,
            us,
            execution("x", &[("/taskCount", json!(5))]),
            false,
        ),
        ("equal overrides", &some, us, execution("x", &overridden()), true),
        ("no overrides", &some, us, execution("x", &[]), false),
        ("other task count", &some, us, without(0), false),
        ("other timeout", &some, us, without(1), false),
        ("other arguments", &some, us, without(2), false),
        ("other environment", &some, us, without(3), false),
        (
            "removed arguments",
            &RunOverrides {
                args: Some(Vec::new()),
                ..none.clone()
            },
            us,
            execution("x", &[("/template/containers/0/args", json!([]))]),
            true,
        ),
    ] {
        let found = search(overrides, account, |search| search.candidates(vec![execution]));
        assert_eq!(!found.is_empty(), expected, "{case}");
        for (name, _) in found {
            assert_eq!(name.to_string(), "projects/p/locations/l/jobs/n/executions/x");
        }
    }
}

/// Runs a search whose lists are those, then empty; with the seconds that it took.
async fn searched(lists: Vec<Result<Vec<Execution>, Error>>) -> (Result<usize, Error>, u64) {
    let lists = RefCell::new(lists.into_iter());
    let list = || {
        let next = lists.borrow_mut().next();
        async { next.unwrap_or_else(|| Ok(vec![execution("before", &[])])) }
    };
    let start = Instant::now();
    let context = CallContext::new(start + Duration::from_secs(30), CancellationToken::new());
    let (name, job, runs) = (JobName::new("p", "l", "n"), job(), Runs::default());
    let (overrides, before) = (RunOverrides::default(), [execution("before", &[])]);
    let search = Search {
        job: &name,
        before: &before,
        definition: &Definition::of_run(&job, &overrides),
        account: None,
        runs: &runs,
    };
    let pauses = std::iter::repeat(Duration::from_secs(2));
    let found = search.run(list, pauses, &context).await;
    (
        found.map(|candidates| candidates.len()),
        start.elapsed().as_secs(),
    )
}

#[tokio::test(start_paused = true)]
async fn search_ends_with_a_candidate_or_the_deadline() {
    let new = || execution("x", &[]);
    let listed = |executions| -> Result<Vec<Execution>, Error> { Ok(executions) };
    let (found, seconds) = searched(vec![listed(Vec::new()), listed(vec![new()])]).await;
    assert_eq!((found.unwrap(), seconds), (1, 2));
    let (found, seconds) = searched(vec![listed(vec![new(), execution("y", &[])])]).await;
    assert_eq!((found.unwrap(), seconds), (2, 0));
    let (found, seconds) = searched(Vec::new()).await;
    assert_eq!((found.unwrap(), seconds), (0, 30));
    let (found, _) = searched(vec![Err(Error::Cancelled)]).await;
    assert!(found.is_err());
}
