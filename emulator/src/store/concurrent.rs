//! Changes that faults make as another client.

use serde_json::{Value, json};

use super::{Job, Store};
use crate::clock::Timestamp;
use crate::defaults;
use crate::resource_name::JobName;

impl Store {
    /// Creates a job that is ready, unless there is one of this name.
    pub(crate) fn create_concurrently(&mut self, name: JobName, now: Timestamp) {
        if self.jobs.contains_key(&name) {
            return;
        }
        let definition =
            json!({ "template": { "template": { "containers": [{ "image": "gcr.io/another/client" }] } } });
        let Value::Object(mut definition) = definition else {
            return;
        };
        defaults::apply(&mut definition, &name.parent);
        let mut job = Job::new(name.clone(), definition, now);
        job.succeed(1, now);
        self.jobs.insert(name, job);
    }

    /// Sets a label on a job, unless it is being deleted.
    pub(crate) fn update_concurrently(&mut self, name: &JobName, now: Timestamp) {
        let Some(job) = self.jobs.get_mut(name).filter(|job| job.deleted.is_none()) else {
            return;
        };
        let mut definition = job.definition.clone();
        if let Some(labels) = definition
            .entry("labels")
            .or_insert_with(|| json!({}))
            .as_object_mut()
        {
            labels.insert("changed-by".to_owned(), json!("another-client"));
        }
        job.replace(definition, now);
        job.succeed(job.generation, now);
    }

    /// Deletes a job at once.
    pub(crate) fn delete_concurrently(&mut self, name: &JobName, now: Timestamp) {
        if let Some(job) = self.jobs.get_mut(name) {
            job.delete(now);
            job.succeed(job.generation, now);
            self.remove_job(name);
        }
    }
}
