//! The jobs that a query finds, told one by one in the order of its regions, and in Google's order within each.
//!
//! All regions are asked at the same time. A region reads one page ahead of what is told, so that a query that ends early
//! has not read everything.

use futures_util::future::join_all;
use std::collections::HashSet;
use std::future::pending;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::super::convert;
use super::super::identity;
use super::super::listing::{Asked, none_with_gpu};
use super::super::plan::Defaults;
use super::failure::unlisted;
use super::reading;
use crate::cloudrun::{Client, Error, Page, Pages};
use crate::diagnostic::{Diagnostic, Severity};
use crate::value::Value;

/// One thing that a query has to say.
#[derive(Clone, Debug)]
pub enum Listed {
    /// A job: its identity, its name, and the state that an import of it would have, where that was asked for.
    Job(Value, String, Option<Value>),
    /// Something that the user should know.
    Told(Diagnostic),
}

/// How much of what is found is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The most jobs; without one, all.
    pub limit: Option<usize>,
    /// Whether each job comes with its state.
    pub states: bool,
}

/// Finds jobs until there are no more, or as many as are wanted, or nobody listens any longer.
///
/// A region that cannot be asked is a warning as long as another one can: Terraform reads no further than the first error.
pub async fn list(
    client: &Client,
    asked: &Asked,
    wanted: Wanted,
    defaults: &Defaults,
    stop: &CancellationToken,
    out: Sender<Listed>,
) {
    let regions = asked.locations.iter().map(|location| {
        let (sender, answers) = channel(1);
        let asking = pages(client, &asked.project, location, stop, sender);
        (asking, (location.as_str(), answers))
    });
    let (asking, answers): (Vec<_>, Vec<_>) = regions.unzip();
    let mut teller = Teller {
        asked,
        wanted,
        defaults,
        out,
        listed: 0,
        passed_over: 0,
        answered: false,
        failures: Vec::new(),
    };
    // What is still being asked when all is told is asked no longer.
    tokio::select! {
        _ = teller.tell(answers) => {}
        () = async { join_all(asking).await; pending().await } => {}
    }
}

type Answers<'a> = (&'a str, Receiver<Result<Page, Error>>);

/// Asks for the pages of a region, as long as there is somebody who wants them.
async fn pages(
    client: &Client,
    project: &str,
    location: &str,
    stop: &CancellationToken,
    out: Sender<Result<Page, Error>>,
) {
    let mut pages = Pages::default();
    // A page is asked for when the one before it is being told.
    while let Ok(place) = out.reserve().await {
        let page = client
            .list_jobs(project, location, pages.token(), &reading(stop))
            .await;
        let more = page
            .as_ref()
            .map_or(Ok(false), |page| pages.turn(page.jobs.len(), page.next()));
        place.send(page);
        match more {
            Ok(true) => {}
            Ok(false) => return,
            Err(endless) => {
                // Refused only when nobody listens any longer.
                let _ = out.send(Err(endless)).await;
                return;
            }
        }
    }
}

/// Tells what was found.
struct Teller<'a> {
    asked: &'a Asked,
    wanted: Wanted,
    defaults: &'a Defaults,
    out: Sender<Listed>,
    listed: usize,
    /// Jobs that are not this resource's.
    passed_over: usize,
    /// Whether any region has answered so far.
    answered: bool,
    /// The regions that could not be asked, while none has answered.
    failures: Vec<(String, Error)>,
}

/// Nobody listens any longer, or nothing more is to be told.
struct Enough;

impl Teller<'_> {
    async fn tell(&mut self, regions: Vec<Answers<'_>>) -> Result<(), Enough> {
        for (location, mut answers) in regions {
            let mut some = false;
            let mut seen = HashSet::new();
            while let Some(answer) = answers.recv().await {
                match answer {
                    Ok(page) => {
                        some = true;
                        self.page(location, page, &mut seen).await?;
                    }
                    Err(stopped) if stopped.is_stopped() => {
                        self.failed(location, &stopped, Severity::Error, some).await?;
                        return Err(Enough);
                    }
                    Err(error) if self.answered => {
                        self.failed(location, &error, Severity::Warning, some).await?;
                    }
                    Err(error) => self.failures.push((location.to_owned(), error)),
                }
            }
        }
        self.failures_as(Severity::Error).await?;
        info!(
            listed = self.listed,
            passed_over = self.passed_over,
            "listed the jobs"
        );
        if self.answered && self.listed == 0 && self.passed_over > 0 {
            let nothing = none_with_gpu(&self.asked.project, self.passed_over);
            self.send(Listed::Told(nothing)).await?;
        }
        Ok(())
    }

    /// Tells the jobs of a page. One that was on an earlier page has moved because another was made meanwhile.
    async fn page(&mut self, location: &str, page: Page, seen: &mut HashSet<String>) -> Result<(), Enough> {
        self.answered = true;
        self.failures_as(Severity::Warning).await?;
        for remote in page.jobs.iter().filter(|remote| remote.delete_time.is_none()) {
            if !convert::is_of_this_kind(remote) {
                self.passed_over += 1;
                continue;
            }
            let Some(name) = convert::listed(remote, self.asked, location) else {
                continue;
            };
            if !seen.insert(name.job.clone()) {
                continue;
            }
            let state = convert::imported(remote, &name, self.defaults);
            let Some(identity) = identity::of(&state) else {
                continue;
            };
            self.send(Listed::Job(
                identity,
                name.job,
                self.wanted.states.then_some(state),
            ))
            .await?;
            self.listed += 1;
            if self.wanted.limit == Some(self.listed) {
                return Err(Enough);
            }
        }
        Ok(())
    }

    async fn failures_as(&mut self, severity: Severity) -> Result<(), Enough> {
        for (location, error) in std::mem::take(&mut self.failures) {
            self.failed(&location, &error, severity, false).await?;
        }
        Ok(())
    }

    /// Tells of a region that could not be asked, or not to the end.
    async fn failed(
        &self,
        location: &str,
        error: &Error,
        severity: Severity,
        some: bool,
    ) -> Result<(), Enough> {
        let told = unlisted(&self.asked.project, location, error, some);
        self.send(Listed::Told(Diagnostic { severity, ..told })).await
    }

    async fn send(&self, listed: Listed) -> Result<(), Enough> {
        self.out.send(listed).await.map_err(|_| Enough)
    }
}
