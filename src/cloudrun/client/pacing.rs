//! One gate for all writes to a project's region: Google counts them per minute and refuses what is beyond its quota.
//!
//! Until it refuses one, everything goes, and nothing is waited for. Then all writes wait here, in the order in which they
//! came, instead of each by itself; one asks whether there is quota again, and the others follow. A write that was refused
//! is in front again. When to ask, and how many follow at a time, is decided in `pace`, without a clock.
//!
//! A region has one gate in this process, whichever client asks: several applies share it under `--debug`.

mod pace;
mod rhythm;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};

use crate::cloudrun::error::Error;
use crate::cloudrun::request::Request;
use crate::cloudrun::retry::is_rate_limit;
use crate::cloudrun::{Endpoint, Patience, Reply};
use pace::{Answered, Leave, Moment, Pace, Sent, Turned};

/// The gates of all regions, by their addresses.
static GATES: Mutex<BTreeMap<String, Arc<Gate>>> = Mutex::new(BTreeMap::new());

/// A request on its way through the gate, however often it is sent. One that is no write has none to go through.
pub(super) struct Turn<'a> {
    request: &'a Request,
    gate: Option<Arc<Gate>>,
    ticket: Option<Ticket>,
}

/// The lower one came first.
type Ticket = u64;

/// Leave to send a request once. Whoever drops it unheard lets the next one try.
pub(super) struct Pass<'a> {
    turn: &'a Turn<'a>,
    sent: Option<Sent>,
}

struct Gate {
    /// For people, such as `us-central1`.
    region: String,
    born: Instant,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    pace: Pace,
    waiting: BTreeMap<Ticket, Arc<Notify>>,
    last_ticket: Ticket,
    /// What Google said last when it refused a write, and until when it wants none.
    refusal: Option<(Error, Option<Moment>)>,
    /// When the log told of it.
    told: Moment,
}

/// What is to be done until a write may go.
enum Wait {
    Until(Moment),
    ForAnswer,
}

impl<'a> Turn<'a> {
    pub(super) fn of(request: &'a Request, endpoint: &Endpoint) -> Turn<'a> {
        let gate = request.written_region().map(|region| {
            let mut gates = GATES.lock().unwrap_or_else(PoisonError::into_inner);
            let address = endpoint.join(region).to_string();
            let name = region.rsplit('/').next().unwrap_or(region);
            gates
                .entry(address)
                .or_insert_with(|| Arc::new(Gate::new(name)))
                .clone()
        });
        Turn {
            request,
            gate,
            ticket: None,
        }
    }

    /// Waits until the request may be sent.
    ///
    /// # Errors
    /// When there is no patience for it: at once, with Google's own refusal, when Google wants none for longer than that.
    pub(super) async fn pass(&mut self, patience: &Patience) -> Result<Pass<'_>, Error> {
        let Some(gate) = self.gate.clone() else {
            return Ok(Pass {
                turn: self,
                sent: None,
            });
        };
        let ticket = *self.ticket.get_or_insert_with(|| gate.queue().next_ticket());
        let place = Place { gate: &gate, ticket };
        let passing = async {
            loop {
                let (wait, news) = match place.ask(patience)? {
                    Ok(sent) => return Ok(sent),
                    Err(wait) => wait,
                };
                match wait {
                    Wait::ForAnswer => news.notified().await,
                    Wait::Until(moment) => tokio::select! {
                        () = news.notified() => {}
                        () = sleep_until(gate.instant(moment)) => {}
                    },
                }
            }
        };
        let passed = patience.during(passing, Duration::ZERO).await;
        let sent = passed.map_err(|error| error.while_waiting_for(|| gate.quota()))?;
        drop(place);
        Ok(Pass {
            turn: self,
            sent: Some(sent),
        })
    }
}

impl Pass<'_> {
    /// Whether the gate is still as it was: whoever has waited for something else meanwhile has to ask again.
    pub(super) fn holds(&self) -> bool {
        match (&self.turn.gate, self.sent) {
            (Some(gate), Some(sent)) => gate.queue().pace.holds(sent),
            _ => true,
        }
    }

    /// Hears what came of the request; `None`: it goes through the gate once more.
    pub(super) fn hear(mut self, answer: Result<Reply, Error>) -> Option<Result<Reply, Error>> {
        let (Some(gate), Some(sent)) = (&self.turn.gate, self.sent) else {
            return Some(answer);
        };
        self.sent = None;
        match answer {
            Err(error) if is_rate_limit(&error) => {
                gate.refused(sent, error, self.turn.request);
                None
            }
            answer => {
                gate.learn(
                    sent,
                    if says_yes(&answer) {
                        Answered::Taken
                    } else {
                        Answered::Nothing
                    },
                );
                Some(answer)
            }
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if let (Some(gate), Some(sent)) = (&self.turn.gate, self.sent) {
            gate.learn(sent, Answered::Nothing);
        }
    }
}

/// A place in the queue, given up when this goes.
struct Place<'a> {
    gate: &'a Gate,
    ticket: Ticket,
}

type News = Arc<Notify>;

impl Place<'_> {
    /// Whether the write may go; otherwise what it waits for, and by what it hears of news.
    fn ask(&self, patience: &Patience) -> Result<Result<Sent, (Wait, News)>, Error> {
        let now = self.gate.now();
        let mut queue = self.gate.queue();
        let news = queue.waiting.entry(self.ticket).or_default().clone();
        if let Some((error, Some(until))) = &queue.refusal
            && until - now > patience.left().as_secs_f64()
            && let Some(error) = repeated(error)
        {
            return Err(error);
        }
        if queue.front() != Some(self.ticket) {
            return Ok(Err((Wait::ForAnswer, news)));
        }
        Ok(match queue.pace.ask(now) {
            Leave::Go(sent) => Ok(sent),
            Leave::WaitUntil(moment) => Err((Wait::Until(moment), news)),
            Leave::WaitForAnswer => Err((Wait::ForAnswer, news)),
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut queue = self.gate.queue();
        queue.waiting.remove(&self.ticket);
        queue.wake_front();
    }
}

impl Gate {
    fn new(region: &str) -> Gate {
        Gate {
            region: region.to_owned(),
            born: Instant::now(),
            queue: Mutex::default(),
        }
    }

    fn learn(&self, sent: Sent, answered: Answered) {
        let now = self.now();
        let mut queue = self.queue();
        if queue.pace.learn(sent, answered, now) == Turned::Opened {
            queue.refusal = queue.refusal.take().map(|(error, _)| (error, None));
            info!(
                waiting = queue.waiting.len(),
                "Google takes writes in {} again", self.region
            );
        }
        queue.wake_front();
    }

    fn refused(&self, sent: Sent, error: Error, request: &Request) {
        let now = self.now();
        let mut queue = self.queue();
        let told = error.status().and_then(|status| status.retry_after);
        let told = told.map(|pause| pause.as_secs_f64()).filter(|pause| *pause > 0.0);
        match queue.pace.learn(sent, Answered::Refused(told), now) {
            Turned::Shut(until) => {
                queue.told = now;
                warn!(
                    %request, %error, pause_ms = ((until - now) * 1000.0) as u64,
                    "Google's quota of write requests in {} is used up; all writes wait, and one tries again", self.region
                );
            }
            Turned::StillShut(until) if now - queue.told >= SILENCE => {
                queue.told = now;
                info!(
                    waiting = queue.waiting.len(),
                    pause_ms = ((until - now) * 1000.0) as u64,
                    "still waiting for Google's quota of write requests in {}",
                    self.region
                );
            }
            Turned::StillShut(_) => {}
            // It was on its way when the gate was shut.
            _ => return,
        }
        queue.refusal = Some((error, told.map(|pause| now + pause)));
        // Some of them may have no patience for so long.
        queue.waiting.values().for_each(|news| news.notify_one());
    }

    /// What is waited for here, with Google's own words.
    fn quota(&self) -> String {
        let quota = format!("Google's quota of write requests in {}", self.region);
        match &self.queue().refusal {
            Some((error, _)) => format!("{quota}. The last of them was answered so: {error}"),
            None => quota,
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Moment {
        self.born.elapsed().as_secs_f64()
    }

    fn instant(&self, moment: Moment) -> Instant {
        // Rounded up, so that the moment is over when somebody wakes.
        let since = Duration::try_from_secs_f64(moment + 0.001).unwrap_or(FOREVER);
        self.born.checked_add(since).unwrap_or(self.born + FOREVER)
    }
}

impl Queue {
    fn next_ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        self.last_ticket
    }

    fn front(&self) -> Option<Ticket> {
        self.waiting.keys().next().copied()
    }

    fn wake_front(&self) {
        if let Some(news) = self.waiting.values().next() {
            news.notify_one();
        }
    }
}

/// Whether an answer shows that there was quota for the request, be it refused for another reason.
fn says_yes(answer: &Result<Reply, Error>) -> bool {
    match answer {
        Ok(_) => true,
        Err(Error::Status(status)) => matches!(status.http, Some(400 | 404 | 409 | 412)),
        Err(_) => false,
    }
}

/// The same refusal, for another request.
fn repeated(error: &Error) -> Option<Error> {
    match error {
        Error::Status(status) => Some(Error::Status(status.clone())),
        _ => None,
    }
}

/// How long the log says nothing of a gate that stays shut.
const SILENCE: f64 = 10.0;
/// Longer than anybody's patience.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 3600);

#[cfg(test)]
mod tests;
