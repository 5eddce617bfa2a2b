//! The error of a creation, with what is known of an existing job of the name.

use super::errors::{Action, call_error, call_error_with, hint_after};
use crate::job::TYPE_NAME;
use crate::labels::CREATION_ANNOTATION;
use cloud_run::model::Job as Remote;
use cloud_run::{Error, JobName};
use terraform_plugin::diagnostic::{Diagnostic, quoted};

/// Why no job was created.
#[derive(Debug)]
pub(super) struct CreateError {
    pub(super) error: Error,
    /// The result of reading the job of this name, where that was needed: one of another creation, or an error.
    pub(super) found: Option<Result<Box<Remote>, Error>>,
}

impl CreateError {
    pub(super) fn diagnostic(&self, name: &JobName) -> Diagnostic {
        let error = &self.error;
        let hint = match &self.found {
            Some(Ok(found)) => existing(name, found),
            Some(Err(missing)) if missing.is_not_found() && error.is_already_exists() => NAME_HELD.to_owned(),
            Some(Err(read_error)) if !read_error.is_not_found() => {
                // After a cancellation the read has little time.
                let cause = if error.is_cancelled() { error } else { read_error };
                format!("{READ_FAILED} {read_error}{}", hint_after(cause))
            }
            _ => return call_error(Action::Create, name, error),
        };
        call_error_with(Action::Create, name, error, &format!("\n\n{hint}"))
    }
}

/// The existing job, and how to import it.
fn existing(name: &JobName, found: &Remote) -> String {
    let by_provider = found.annotations.contains_key(CREATION_ANNOTATION);
    let unknown = || "unknown".to_owned();
    let text = |text: &Option<String>| text.as_deref().map_or_else(unknown, quoted);
    let (created, causes, exception) = match by_provider {
        true => ("created", CAUSES, EXCEPT_CREATE_BEFORE_DESTROY),
        false => ("not created", "", ""),
    };
    format!(
        "A job of this name already exists and was not changed. It was {created} by this provider:\n\n  \
           creator: {creator}\n  create time: {create_time}\n  generation: {generation}\n  executions: {executions}\n\n\
         {causes}To manage that job with this resource, add this import block with the address of \
         this resource, and apply:\n\n{block}\n\n\
         {exception}Otherwise choose another name.",
        creator = text(&found.creator),
        create_time = text(&found.create_time),
        generation = found.generation.map_or_else(unknown, |number| number.to_string()),
        executions = found.execution_count.unwrap_or_default(),
        block = import_block(name),
    )
}

/// An import block. Indented, since Terraform wraps all other lines.
fn import_block(name: &JobName) -> String {
    format!("  import {{\n    to = {TYPE_NAME}.NAME\n    id = \"{name}\"\n  }}")
}

const CAUSES: &str = "Possible causes: an apply was interrupted before Terraform stored the job; \
    lifecycle.create_before_destroy creates the replacement while the old job still has the name; or another resource, \
    workspace or configuration manages the job.\n\n";
const EXCEPT_CREATE_BEFORE_DESTROY: &str =
    "If create_before_destroy is the cause, remove it instead of importing the job. ";
const NAME_HELD: &str = "The name is taken, and there is no job of that name to read: a job whose deletion is not complete \
                         may have it. Apply again in a few minutes.";
const READ_FAILED: &str =
    "Whether this apply created the job is unknown, since the read after the creation failed:";

#[cfg(test)]
mod tests;
