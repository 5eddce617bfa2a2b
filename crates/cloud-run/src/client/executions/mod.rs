//! Executions and their tasks: list, get, run, cancel.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Client, PAGE_SIZE};
use crate::call_context::CallContext;
use crate::error::Error;
use crate::execution_name::ExecutionName;
use crate::job_name::JobName;
use crate::model::{Execution, Task};
use crate::operation::Operation;
use crate::page::Paginator;
use crate::request::Request;
use crate::response::ApiMessage;
use crate::run_overrides::RunOverrides;

impl Client {
    /// Reads all executions of a job, in the order of the API.
    ///
    /// # Errors
    /// If a page cannot be read.
    pub async fn list_executions(
        &self,
        job: &JobName,
        context: &CallContext,
    ) -> Result<Vec<Execution>, Error> {
        let pages = Paginator::new("executions", MAX_EXECUTIONS);
        self.list_all(&format!("{job}/executions"), pages, context).await
    }

    /// Reads an execution.
    ///
    /// # Errors
    /// If it does not exist ([`Error::is_not_found`]), or cannot be read.
    pub async fn get_execution(
        &self,
        name: &ExecutionName,
        context: &CallContext,
    ) -> Result<Execution, Error> {
        self.call(&Request::get_execution(name), context).await
    }

    /// Reads all tasks of an execution, in the order of the API.
    ///
    /// # Errors
    /// If a page cannot be read.
    pub async fn list_tasks(&self, name: &ExecutionName, context: &CallContext) -> Result<Vec<Task>, Error> {
        let pages = Paginator::new("tasks", MAX_TASKS);
        self.list_all(&format!("{name}/tasks"), pages, context).await
    }

    /// Starts an execution of a job; returns the execution as the response has it, `None` if it has none.
    ///
    /// A second request would start a second execution. It is sent again only after no connection was made, a 429 of a rate,
    /// or a 401 with a renewed token. A request in flight is not cut by a cancellation, so that [`Error::is_cancelled`] means
    /// that nothing was started. After any other error with [`Error::maybe_accepted`], there may be an execution.
    ///
    /// # Errors
    /// If the request is refused, or if it is not known whether it was accepted. No error has the value of an environment
    /// variable.
    pub async fn run_job(
        &self,
        name: &JobName,
        overrides: &RunOverrides,
        context: &CallContext,
    ) -> Result<Option<Execution>, Error> {
        let request = Request::run(name, overrides);
        let operation: Operation = self.call(&request, context).await?;
        match operation.execution() {
            Some(execution) => Ok(Some(execution)),
            None => match operation.ok() {
                Ok(_) => Ok(None),
                Err(error) => Err(error.without(&request.secrets)),
            },
        }
    }

    /// Cancels an execution. A request whose response was lost is sent again.
    ///
    /// # Errors
    /// If the request is refused, such as for an execution that has ended.
    pub async fn cancel_execution(
        &self,
        name: &ExecutionName,
        context: &CallContext,
    ) -> Result<Operation, Error> {
        self.call(&Request::cancel(name), context).await
    }

    /// The email address of the account that requests are sent as, where the credentials have it: a service account's key, or
    /// an impersonated service account. `None` until the first request.
    pub async fn account(&self) -> Option<String> {
        self.sender.account().await
    }

    async fn list_all<T>(
        &self,
        collection: &str,
        mut pages: Paginator,
        context: &CallContext,
    ) -> Result<Vec<T>, Error>
    where
        ItemPage<T>: ApiMessage,
    {
        let mut all = Vec::new();
        loop {
            let request = Request::list_in(collection, PAGE_SIZE, pages.token());
            let page: ItemPage<T> = self.call(&request, context).await?;
            let count = page.items.len();
            all.extend(page.items);
            if !pages.advance(count, Some(&page.next_page_token))? {
                return Ok(all);
            }
        }
    }
}

/// One page of executions or tasks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default, bound(deserialize = "T: Deserialize<'de>"))]
struct ItemPage<T> {
    #[serde(rename = "executions", alias = "tasks")]
    items: Vec<T>,
    next_page_token: String,
    /// Distinguishes an error document from an empty page, which may have no members.
    error: Option<IgnoredAny>,
}

impl<T> Default for ItemPage<T> {
    fn default() -> ItemPage<T> {
        ItemPage {
            items: Vec::new(),
            next_page_token: String::new(),
            error: None,
        }
    }
}

impl<T: ApiMessage> ApiMessage for ItemPage<T> {
    const KEY_MEMBERS: &[&str] = &["executions", "tasks", "nextPageToken"];

    fn is_recognized(&self) -> bool {
        self.error.is_none() && self.items.iter().all(T::is_recognized)
    }
}

impl ApiMessage for Execution {
    fn is_recognized(&self) -> bool {
        !self.name.is_empty()
    }
}

impl ApiMessage for Task {
    fn is_recognized(&self) -> bool {
        !self.name.is_empty()
    }
}

/// Cloud Run keeps the latest 1000 executions of a job and all of the last seven days
/// (<https://cloud.google.com/run/docs/execute/jobs>): this is one every ten seconds.
const MAX_EXECUTIONS: usize = 60_000;
/// The most tasks of an execution, and one page more: <https://cloud.google.com/run/quotas#cloud_run_limits>.
const MAX_TASKS: usize = 11_000;

#[cfg(test)]
mod tests;
