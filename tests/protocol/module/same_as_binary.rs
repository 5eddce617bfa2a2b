//! The client that stands for Terraform beside Terraform itself: both ask the provider the same, and end in the same
//! state.
//!
//! With the binary at hand this holds for its version only. The version that the platform runs differs from it in
//! what [`Version`] says. Where its binary is to be had, `FACETS_GPU_TERRAFORM` may name it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{job, job_with, provider};
use crate::{
    core::Workspace,
    harness::{Emulator, Installation, Run, Terraform},
    terraform::errors,
    version::Version,
};

const ADDRESS: &str = "facets_gpu_cloudrun_job.this";
const LOG: &str = "trace.log";
const PLAN: &str = "saved.tfplan";

/// The same resource in the hands of both, each with an emulator of its own.
struct Pair {
    real: Terraform,
    real_emulator: Emulator,
    ours: Workspace,
    our_emulator: Emulator,
}

impl Pair {
    fn new() -> Self {
        let installation = Arc::new(Installation::new().unwrap());
        let mut real = Terraform::new(&installation).unwrap();
        let version = real.run(&["version", "-json"]).succeeds().json();
        let version = Version::like(version["terraform_version"].as_str().unwrap());
        let (real_emulator, our_emulator) = (Emulator::start(), Emulator::start());
        write(&real, &real_emulator, &job());
        real.init().succeeds();
        real.set("TF_LOG", "TRACE");
        real.set("TF_LOG_PATH", LOG);
        Self {
            real,
            real_emulator,
            ours: Workspace::new(version, provider(&our_emulator)),
            our_emulator,
        }
    }

    /// Runs a command of the real one, and asserts that it asked what ours did in its last one.
    fn asked_alike(&mut self, command: &[&str]) -> Run {
        self.real.write(LOG, "");
        let run = self.real.run(command);
        let log = std::fs::read_to_string(self.real.folder().join(LOG)).unwrap();
        assert_eq!(self.ours.calls(), asked(&log), "{run}");
        run
    }

    /// Plans into a file, as ours did just now.
    fn planned_alike(&mut self, more: &[&str]) {
        let saved = format!("-out={PLAN}");
        self.asked_alike(&[&["plan", "-input=false", &saved], more].concat())
            .succeeds();
    }

    /// Applies the plan of that file, as ours did just now.
    fn applied_alike(&mut self) -> Run {
        self.asked_alike(&["apply", "-input=false", PLAN])
    }

    async fn deploy(&mut self, config: &Value) {
        write(&self.real, &self.real_emulator, config);
        let plan = self.ours.plan(config).await.unwrap();
        self.planned_alike(&[]);
        assert_eq!(self.ours.apply(plan, config).await, []);
        self.applied_alike().succeeds();
        self.settled(config).await;
    }

    /// A plan that finds nothing to do, and the same state.
    async fn settled(&mut self, config: &Value) {
        let plan = self.ours.plan(config).await.unwrap();
        assert_eq!(plan.before, plan.after);
        self.asked_alike(&["plan", "-input=false", "-detailed-exitcode"])
            .succeeds();
        assert_eq!(
            comparable(self.real.state(ADDRESS)),
            comparable(self.ours.state.clone().unwrap().value)
        );
    }
}

#[tokio::test]
#[ignore = "needs terraform on the PATH; make test runs it"]
async fn terraform_itself_asks_the_same_and_ends_in_the_same_state() {
    let mut pair = Pair::new();
    pair.deploy(&job()).await;
    pair.deploy(&job_with(
        json!({ "job": { "task_count": 20 }, "env": { "LEVEL": "debug" } }),
    ))
    .await;
    let moved = job_with(json!({ "facets": { "environment": "media-prod" } }));
    pair.deploy(&moved).await;

    // Once more by an import block, each into an empty state.
    let id = pair.ours.state.take().unwrap().value["id"]
        .as_str()
        .unwrap()
        .to_owned();
    pair.real.run(&["state", "rm", ADDRESS]).succeeds();
    let import = json!({ "import": [{ "to": ADDRESS, "id": id }] });
    pair.real.write("import.tf.json", &import.to_string());
    let plan = pair.ours.plan_import(id.as_str(), &moved).await.unwrap();
    pair.planned_alike(&[]);
    assert_eq!(pair.ours.apply(plan, &moved).await, []);
    pair.applied_alike().succeeds();
    pair.settled(&moved).await;

    let plan = pair.ours.plan_destroy(&moved).await.unwrap();
    pair.planned_alike(&["-destroy"]);
    assert_eq!(pair.ours.apply(plan, &Value::Null).await, []);
    pair.applied_alike().succeeds();
    assert_eq!(pair.ours.state, None);
    assert_eq!(pair.real.state_of(ADDRESS), None);
}

#[tokio::test]
#[ignore = "needs terraform on the PATH; make test runs it"]
async fn terraform_itself_taints_and_replaces_alike() {
    let mut pair = Pair::new();
    let plan = pair.ours.plan(&job()).await.unwrap();
    pair.planned_alike(&[]);
    pair.our_emulator.arm("operation-error", 1);
    pair.real_emulator.arm("operation-error", 1);
    let told = pair.ours.apply(plan, &job()).await;
    let mut run = pair.applied_alike();
    for error in errors(&told) {
        run = run.fails_with(&error.summary);
    }
    assert!(pair.ours.state.as_ref().unwrap().tainted);
    assert!(pair.real.state_file().contains("\"status\": \"tainted\""));
    pair.deploy(&job()).await;
    assert!(!pair.real.state_file().contains("tainted"));
}

fn write(real: &Terraform, emulator: &Emulator, job: &Value) {
    let root = json!({
        "terraform": { "required_providers": { "facets": { "source": "facets-cloud/facets-gpu" } } },
        "provider": { "facets": provider(emulator) },
        "resource": { "facets_gpu_cloudrun_job": { "this": job } },
    });
    real.write("main.tf.json", &root.to_string());
}

/// A state without what each emulator chooses for itself.
fn comparable(mut state: Value) -> Value {
    for name in ["uid", "etag", "create_time", "update_time"] {
        assert!(state[name].take().is_string(), "{name}");
    }
    state
}

/// What Terraform's log says that each of its provider processes was asked.
fn asked(log: &str) -> Vec<String> {
    let mut processes = Vec::new();
    for line in log.lines() {
        if line.contains("provider: starting plugin") {
            processes.push(Vec::new());
        }
        let method = line.split_once("received request").and_then(|(_, fields)| {
            let (_, method) = fields.split_once("tf_rpc=")?;
            method.split_whitespace().next()
        });
        if let Some(method) = method {
            processes
                .last_mut()
                .expect("a process starts before it is asked")
                .push(method);
        }
    }
    processes.into_iter().map(|process| process.join(" ")).collect()
}
